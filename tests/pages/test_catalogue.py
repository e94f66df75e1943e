"""The catalogue of environments without a script: found, made, changed, copied, archived, deleted."""

from __future__ import annotations

import html
import re

import httpx
import pytest

from tests.pages.catalogue import image, made, shown
from tests.pages.conftest import Person, Site


@pytest.fixture
def name(request: pytest.FixtureRequest) -> str:
    """A name of the test's own, for what it makes."""
    return str(request.node.name)[5:60].replace("_", " ").strip()


@pytest.mark.parametrize("word", ["name", "keyword", "creator"])
def test_an_environment_is_found_by(cleo: Person, name: str, word: str) -> None:
    path = made(cleo, f"{name} Tundra", keywords="permafrost, ice-core")
    wanted = {"name": "tundra", "keyword": "permafrost", "creator": "cleo"}[word]

    assert f'href="{path}"' in cleo.get("/environments", params={"q": wanted}).text


def test_an_environment_is_found_by_an_installed_package(ann: Person) -> None:
    text = ann.get("/environments?q=ipykernel").text

    assert 'href="/environments/minimal"' in text


def test_a_list_is_narrowed_by_keyword_and_widened_again(cleo: Person, name: str) -> None:
    glacier, desert = made(cleo, f"{name} a", keywords="glacier"), made(cleo, f"{name} b", keywords="desert")

    text = cleo.get("/environments?keyword=glacier").text
    assert f'href="{glacier}"' in text
    assert f'href="{desert}"' not in text
    assert re.search(r'<a class="tag" href="/environments" aria-current="true"[^>]*>glacier', text)


def test_a_favourite_is_marked_listed_and_taken_out(cleo: Person, name: str) -> None:
    path = made(cleo, name)

    marked = cleo.submit(f"{path}/favourite", favourite="on", back="/environments?mine=true")
    assert marked.headers["Location"] == "/environments?mine=true"
    assert f'href="{path}"' in cleo.get("/environments?favourite=true").text

    cleo.submit(f"{path}/favourite", favourite="off")
    assert f'href="{path}"' not in cleo.get("/environments?favourite=true").text


def test_a_favourite_leads_back_to_no_other_place(cleo: Person, name: str) -> None:
    path = made(cleo, name)

    answer = cleo.submit(f"{path}/favourite", favourite="on", back="https://example.org/")

    assert answer.headers["Location"] == path


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("?q=no-such-thing", "No environment matches “no-such-thing”."),
        ("?favourite=true", "You have no favourites yet."),
        ("?mine=true", "You have made no environment yet."),
        ("?archived=true", "No environment is archived."),
        ("?q=x-y-z&mine=true", "No environment matches “x-y-z” among mine."),
    ],
)
def test_an_empty_list_says_why_and_what_to_do(site: Site, query: str, words: str) -> None:
    with site.person("newcomer") as person:
        text = shown(person.get(f"/environments{query}"))

    assert words in text
    assert re.search(r'<div class="empty">.*<a class="button ?" href="/environments', text)


def test_the_list_goes_on_and_keeps_what_it_is_narrowed_to(cleo: Person, name: str) -> None:
    for number in range(3):
        made(cleo, f"{name} {number}", keywords="paged")

    first = cleo.get("/environments?keyword=paged&limit=2").text
    following = re.search(r'href="([^"]+)" rel="next"', first)
    assert following is not None
    second = cleo.get(html.unescape(following[1])).text
    assert second.count('class="offer"') == 1
    assert 'href="/environments?keyword=paged">First page' in second


def test_a_new_environment_says_what_it_is_and_how_it_runs(cleo: Person, name: str) -> None:
    path = made(cleo, name, command="serve --title 'two words'", reference="registry.test/code:2026")

    text = shown(cleo.get(path))
    for words in (
        "registry.test/code:2026",
        f"registry.test/code@sha256:{'a' * 64}",
        "serve --title 'two words'",
        "By the gate; the program sees paths from / on, and is up when /healthz answers",
        "Only you",
        "no project yet",
        "What is installed in this image is not known.",
    ):
        assert words in text


def test_a_refused_environment_comes_back_with_what_was_typed(cleo: Person) -> None:
    answer = cleo.submit(
        "/environments/add", **image(name="", image="registry.test/code:1", port="80", command="a 'b")
    )

    assert answer.status_code == 422
    assert "A quote or backslash has no end" in shown(answer)
    assert 'value="registry.test/code:1"' in answer.text

    again = cleo.submit("/environments/add", **image(name="", image="registry.test/code:1", port="80"))
    text = shown(again)
    assert 'value="registry.test/code:1"' in text
    assert "Not added: 3 things to correct" in text
    assert '<a href="#name">Name</a>: This is empty and has to be filled in.' in text
    assert '<a href="#port">Port</a>: 80 is too little; 1024 is the least.' in text
    assert '<a href="#image">Image</a>: The image registry.test/code:1 is not pinned' in text


def test_a_form_without_an_image_says_so_with_everything_else_that_is_missing(cleo: Person) -> None:
    text = shown(cleo.submit("/environments/add", **image(name="", image="")))

    assert "Not added: 2 things to correct" in text
    assert '<a href="#image">Image</a>: Say which image it is, and check it.' in text


def test_an_environment_for_chosen_projects_is_seen_by_their_members(
    cleo: Person, cluster_site: Site, name: str
) -> None:
    own = cleo.project(name)
    cleo.submit(f"{own}/members/add", person="dora", role="viewer")
    refused = cleo.submit("/environments/add", **image(name=name, visibility="projects"))
    assert refused.status_code == 422
    assert "Say whose members see it" in shown(refused)

    path = made(cleo, name, visibility="projects", projects=own.rsplit("/", 1)[1])

    with cluster_site.person("dora") as dora, cluster_site.person("erik") as erik:
        assert "Chosen projects" in dora.get(path).text
        assert f"{path}/edit" not in dora.get(path).text
        assert dora.get(f"{path}/edit").status_code == 403
        assert erik.get(path).status_code == 404


def test_a_session_names_its_environment_and_leads_there_only_who_sees_it(
    cleo: Person, cluster_site: Site, name: str
) -> None:
    own = cleo.project(name)
    cleo.submit(f"{own}/members/add", person="dora", role="editor")
    path = made(cleo, name)
    cleo.submit(f"{own}/sessions/add", environment=path.rsplit("/", 1)[1], then="stay")

    with cluster_site.person("dora") as dora:
        card = dora.get(own).text
        configure = re.search(r'href="([^"]+/configure)"', card)
        assert configure is not None
        started = dora.submit(f"{own}/start")
        for text in (card, dora.get(configure[1]).text, dora.get(started.headers["Location"]).text):
            assert name in text
            assert f'href="{path}"' not in text
        assert f'href="{path}"' in cleo.get(own).text


def test_a_next_version_is_made_from_the_newest_and_compared_with_it(cleo: Person, name: str) -> None:
    path = made(cleo, name)
    form = cleo.get(f"{path}/versions/add").text
    assert f'value="registry.test/code@sha256:{"a" * 64}"' in form
    assert 'value="8443"' in form

    same = cleo.submit(f"{path}/versions/add", **image())
    assert same.status_code == 409
    assert "is this already" in shown(same)

    other = image(image=f"registry.test/code@sha256:{'b' * 64}", port="9000")
    assert cleo.submit(f"{path}/versions/add", **other).status_code == 303
    assert f'<a href="{path}/versions/1...2">Changes since version 1: another image, how it runs' in (
        cleo.get(path).text
    )
    text = shown(cleo.get(f"{path}/versions/1...2"))
    assert '<th scope="row">Port</th><td class="value">8443</td><td class="value">9000</td>' in text
    assert cleo.get(f"{path}/compare?before=2&after=1").headers["Location"] == f"{path}/versions/2...1"
    assert "Image" in cleo.get(f"{path}/versions/1").text


def test_packages_that_differ_stand_below_the_newest_version(ann: Person, name: str) -> None:
    packages = {
        "made_of": "packages",
        "front_end": "JupyterLab",
        "port": "8888",
        "default_url": "/lab",
        "command": "jupyterhub-singleuser",
    }
    before, after = "numpy==1.26.4\nscipy==1.14.0\nold==1.0\n", "numpy==2.3.5\nscipy==1.14.0\nnew==0.1\n"
    path = ann.submit("/environments/add", name=name, requirements=before, **packages).headers["Location"]
    assert ann.submit(f"{path}/versions/add", requirements=after, **packages).status_code == 303

    text = shown(ann.get(path))
    assert "Changes since version 1: 1 updated, 1 added, 1 removed" in text
    assert re.search(r"<code>numpy</code>.*?major.*?<code>1.26.4</code>.*?<code>2.3.5</code>", text)
    assert re.search(r"<code>scipy</code>.*?1.14.0.*?same", text)
    only = shown(ann.get(f"{path}?package=num"))
    assert "1 package that match “num”" not in only
    assert "1 package that matches “num”" in only


def test_what_is_installed_comes_in_pages(ann: Person, name: str) -> None:
    lines = "".join(f"package-{number:02}==1.0\n" for number in range(60))
    fields = {"front_end": "JupyterLab", "port": "8888", "default_url": "/lab", "command": "jupyter"}
    path = ann.submit(
        "/environments/add", name=name, made_of="packages", requirements=lines, **fields
    ).headers["Location"]

    first = ann.get(path).text
    following = re.search(r'href="([^"]+#installed)" rel="next"', first)
    assert following is not None
    second = shown(ann.get(html.unescape(following[1])))
    assert "10 packages on this page" in second
    assert "package-59" in second


def test_an_edit_on_top_of_somebody_elses_environment_is_refused_and_kept(cleo: Person, name: str) -> None:
    path = made(cleo, name)
    form = {"description": "Daily", "keywords": "", "visibility": "everyone", "revision": "1"}
    assert cleo.submit(f"{path}/edit", name="First", **form).status_code == 303

    answer = cleo.submit(f"{path}/edit", name="Second", **form)

    assert answer.status_code == 412
    assert "was changed since you opened it" in answer.text
    assert 'value="Second"' in answer.text
    assert "<h1>First</h1>" in cleo.get(path).text


def test_an_archived_environment_names_its_successor_and_adds_no_session(cleo: Person, name: str) -> None:
    old, new = made(cleo, f"{name} old"), made(cleo, f"{name} new")
    own = cleo.project(name)
    session = cleo.session(own, old.rsplit("/", 1)[1])
    fields = {"name": f"{name} old", "visibility": "private", "successor": new.rsplit("/", 1)[1]}
    unarchived = cleo.submit(f"{old}/edit", **fields)
    assert unarchived.status_code == 422
    assert "archive it too" in shown(unarchived)

    assert cleo.submit(f"{old}/edit", archived="on", **fields).status_code == 303

    text = shown(cleo.get(old))
    assert "Archived since" in text
    assert f'href="{new}"' in text
    assert "Add to project" not in text
    refused = cleo.submit(f"{own}/sessions/add", environment=old.rsplit("/", 1)[1], then="stay")
    assert refused.status_code == 422
    assert f"Add {name} new instead" in shown(refused)
    assert "This session goes on with version 1." in shown(cleo.get(own))
    assert cleo.get(f"{session}/configure").status_code == 200

    assert cleo.submit(f"{old}/edit", **fields).status_code == 303
    assert "Archived since" not in cleo.get(old).text


def test_a_copy_is_ones_own_and_is_described_next(cleo: Person, name: str) -> None:
    answer = cleo.submit("/environments/code/duplicate")

    edit = answer.headers["Location"]
    assert edit.endswith("/edit")
    assert 'value="Copy of VS Code"' in cleo.get(edit).text
    assert "duplicate of code version 1" in shown(cleo.get(edit.removesuffix("/edit")))


def test_what_a_project_uses_is_not_deleted_and_says_where_it_is_used(cleo: Person, name: str) -> None:
    path = made(cleo, name)
    session = cleo.session(cleo.project(f"{name} used"), path.rsplit("/", 1)[1])

    refused = cleo.submit(f"{path}/delete")
    assert refused.status_code == 409
    assert f"is used in {name} used." in shown(refused)
    assert "Archive instead" in refused.text

    cleo.submit(f"{session}/remove")
    assert cleo.submit(f"{path}/delete").headers["Location"] == "/environments"
    assert cleo.get(path).status_code == 404


def test_words_of_a_recipe_are_not_changed_here_but_default_ones_are(root: Person, name: str) -> None:
    text = shown(root.get("/environments/code/edit"))
    assert "are those of its recipe, code" in text
    assert 'name="description"' not in text

    path = made(root, name)
    private = root.submit(f"{path}/edit", name=name, visibility="private", default="on")
    assert "Use everyone" in private.text
    assert root.submit(f"{path}/edit", name=name, visibility="everyone", default="on").status_code == 303
    assert "Default environment" in root.get(path).text
    root.submit(f"{path}/delete")


def _version(person: Person, session: str) -> int:
    return int(person.get(f"/api/v1{session}").json()["environment"]["version"])


def test_a_session_is_updated_and_brought_back_only_when_somebody_presses(cleo: Person, name: str) -> None:
    path = made(cleo, name)
    own = cleo.project(name)
    session = cleo.session(own, path.rsplit("/", 1)[1])
    cleo.submit(f"{path}/versions/add", **image(image=f"registry.test/code@sha256:{'b' * 64}"))

    for address in (own, f"{session}/configure"):
        text = shown(cleo.get(address))
        assert "Version 2 is there." in text
        assert f'href="{path}/versions/1...2"' in text
        assert "Update to 2" in text
    assert _version(cleo, session) == 1

    updated: httpx.Response = cleo.submit(f"{session}/version", version="2")
    assert updated.status_code == 303
    assert _version(cleo, session) == 2
    assert "Back to 1" in cleo.get(own).text

    cleo.submit(f"{session}/version", version="1")
    assert _version(cleo, session) == 1


def test_who_ran_the_version_before_is_told_what_the_next_start_runs(cleo: Person, name: str) -> None:
    path = made(cleo, name)
    own = cleo.project(name)
    session = cleo.session(own, path.rsplit("/", 1)[1])
    cleo.started(session)
    cleo.submit(f"{path}/versions/add", **image(image=f"registry.test/code@sha256:{'b' * 64}"))
    cleo.submit(f"{session}/version", version="2")

    text = shown(cleo.get(own))
    assert "Version 2 from the next start on; you last started version 1." in text
    assert "Back to 1" in text


def test_who_may_not_edit_a_project_is_told_of_a_version_and_gets_no_button(
    cleo: Person, cluster_site: Site, name: str
) -> None:
    path = made(cleo, name, visibility="everyone")
    own = cleo.project(name)
    cleo.submit(f"{own}/members/add", person="dora", role="viewer")
    cleo.session(own, path.rsplit("/", 1)[1])
    cleo.submit(f"{path}/versions/add", **image(image=f"registry.test/code@sha256:{'b' * 64}"))

    with cluster_site.person("dora") as dora:
        text = shown(dora.get(own))

    assert "Version 2 is there." in text
    assert "Update to 2" not in text


def test_who_does_not_see_an_environment_is_offered_no_version_of_it(
    cleo: Person, cluster_site: Site, name: str
) -> None:
    path = made(cleo, name)
    own = cleo.project(name)
    cleo.submit(f"{own}/members/add", person="dora", role="editor")
    session = cleo.session(own, path.rsplit("/", 1)[1])
    for digest in ("b" * 64, "c" * 64):
        cleo.submit(f"{path}/versions/add", **image(image=f"registry.test/code@sha256:{digest}"))
    cleo.submit(f"{session}/version", version="2")

    with cluster_site.person("dora") as dora:
        for address in (own, f"{session}/configure"):
            text = shown(dora.get(address))
            assert f"{name}" in text
            assert "Update to" not in text
            assert "Back to" not in text
            assert "See changes" not in text
            assert '<option value="3"' not in text
        refused = dora.submit(f"{session}/version", version="3")

    assert "Ask cleo to share it" in shown(refused)
    assert "Update to 3" in cleo.get(own).text


def test_no_version_of_an_archived_environment_is_offered_and_a_refusal_links_to_its_successor(
    cleo: Person, name: str
) -> None:
    old, new = made(cleo, f"{name} old"), made(cleo, f"{name} new")
    own = cleo.project(name)
    session = cleo.session(own, old.rsplit("/", 1)[1])
    cleo.submit(f"{old}/versions/add", **image(image=f"registry.test/code@sha256:{'b' * 64}"))
    put_away = {"archived": "on", "successor": new.rsplit("/", 1)[1]}
    cleo.submit(f"{old}/edit", name=f"{name} old", visibility="private", **put_away)

    for address in (own, f"{session}/configure"):
        text = shown(cleo.get(address))
        assert "This session goes on with version 1." in text
        assert "Update to" not in text
        assert '<option value="2"' not in text
    refused = cleo.submit(f"{session}/version", version="2")
    assert refused.status_code == 422
    assert f'href="{new}"' in shown(refused)
    assert "Show its successor" in shown(refused)
