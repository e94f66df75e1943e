"""Environments become sessions without a script: offered, searched for, added once, and which are default."""

from __future__ import annotations

import html
import re
from concurrent.futures import ThreadPoolExecutor
from zlib import crc32

import httpx
import pytest

from tests.pages.catalogue import made, shown
from tests.pages.conftest import Person


@pytest.fixture
def word(request: pytest.FixtureRequest) -> str:
    """A word that only this test's environments have."""
    return f"w{crc32(request.node.name.encode())}"


@pytest.fixture
def own(cleo: Person, word: str) -> str:
    """A project of Cleo's."""
    return cleo.project(f"Project {word}")


def offered(answer: httpx.Response) -> list[str]:
    """The slugs that can be added, in their order."""
    return re.findall(r'name="environment" value="([^"]+)"', answer.text)


def slug(path: str) -> str:
    return path.rsplit("/", 1)[1]


def names(person: Person, project: str) -> list[str]:
    """Of a project's sessions."""
    return [each["name"] for each in person.get(f"/api/v1{project}/sessions").json()["items"]]


def test_a_search_finds_what_the_catalogue_finds_in_the_same_order(
    cleo: Person, root: Person, own: str, word: str
) -> None:
    by_name = slug(made(cleo, f"{word} first"))
    by_keyword = slug(made(cleo, "Second", keywords=word))
    by_words = slug(made(cleo, "Third", description=f"Of {word}."))
    made(root, f"{word} of others")
    old = made(cleo, f"{word} old")
    assert cleo.submit(f"{old}/edit", name="Old", archived="on").status_code == 303

    answer = cleo.get(f"{own}/sessions/add", params={"q": word})
    listed = cleo.get("/environments", params={"q": word})

    assert offered(answer) == [by_name, by_keyword, by_words]
    assert re.findall(r'id="offer-([^"]+)"', listed.text) == offered(answer)
    assert f'value="{word}"' in answer.text
    assert f"Found for “{word}”" in shown(answer)
    assert f'action="{own}/sessions/add?q={word}"' in answer.text


def test_what_was_searched_for_is_kept_when_an_addition_is_refused(cleo: Person, own: str, word: str) -> None:
    path = made(cleo, f"{word} kept")

    refused = cleo.submit(f"{own}/sessions/add?q={word}", environment="none-such", then="stay")

    assert refused.status_code == 422
    assert "There is no environment none-such." in shown(refused)
    assert offered(refused) == [slug(path)]
    nothing = cleo.get(f"{own}/sessions/add", params={"q": f"{word} <i>"})
    assert f"No environment that runs here matches “{word} <i>”." in shown(nothing)


def test_favourites_and_what_the_project_uses_lead_the_others(cleo: Person, own: str, word: str) -> None:
    plain, favourite, used = (
        slug(made(cleo, f"0 {word} {name}")) for name in ("a plain", "b favourite", "c used")
    )
    cleo.submit(f"/environments/{favourite}/favourite", favourite="on")
    cleo.session(own, used)

    whole = cleo.get(f"{own}/sessions/add")
    found = cleo.get(f"{own}/sessions/add", params={"q": word})

    others = [each for each in offered(whole) if word in each]
    assert others[:2] == [favourite, used]
    assert offered(whole)[0] == "code"
    assert offered(found) == [used, favourite, plain]
    assert "Used in this project" in shown(found)
    cleo.submit(f"/environments/{favourite}/favourite", favourite="off")


def test_all_that_a_project_uses_is_offered_however_much_it_is(cleo: Person, own: str, word: str) -> None:
    used = {slug(made(cleo, f"{number} {word}")) for number in range(10)}
    for each in used:
        cleo.session(own, each)

    found: list[str] = []
    path = f"{own}/sessions/add"
    while path:
        answer = cleo.get(path)
        found += offered(answer)
        following = re.search(r'href="([^"]+)" rel="next"', answer.text)
        path = html.unescape(following[1]) if following else ""

    assert used <= set(found)


def test_a_default_environment_is_what_a_project_without_sessions_offers(cleo: Person, own: str) -> None:
    answer = cleo.get(own)

    assert "code" in offered(answer)
    assert f'role="search" method="get" action="{own}/sessions/add"' in answer.text
    assert f'href="{own}/sessions/add/image"' in answer.text


def test_pressing_add_twice_adds_one_session_and_another_page_another(cleo: Person, own: str) -> None:
    path = f"{own}/sessions/add"

    def once() -> str:
        found = re.search(r'name="once" value="([^"]+)">\s*<input [^>]*value="code"', cleo.get(path).text)
        assert found is not None
        return html.unescape(found[1])

    sent = {"environment": "code", "then": "stay", "once": once()}
    with ThreadPoolExecutor(5) as presses:
        answers = list(presses.map(lambda _: cleo.submit(path, **sent), range(5)))
    assert {answer.headers["Location"] for answer in answers} == {f"{own}#session-vs-code"}
    assert names(cleo, own) == ["VS Code"]

    assert cleo.submit(path, **sent | {"once": once()}).status_code == 303
    assert names(cleo, own) == ["VS Code", "VS Code 2"]


def test_a_refused_addition_can_be_pressed_again(cleo: Person, own: str, word: str) -> None:
    old = made(cleo, f"{word} old")
    archived = {"name": f"{word} old", "visibility": "private"}
    cleo.submit(f"{old}/edit", archived="on", **archived)
    sent = {"environment": slug(old), "then": "stay", "once": "pressed"}
    assert cleo.submit(f"{own}/sessions/add", **sent).status_code == 422

    cleo.submit(f"{old}/edit", **archived)

    assert cleo.submit(f"{own}/sessions/add", **sent).status_code == 303


def test_administrators_say_on_the_page_which_environments_are_default(
    cleo: Person, root: Person, own: str, word: str
) -> None:
    path = made(cleo, f"{word} chosen")
    assert "Offer as default" not in shown(cleo.get(path))
    assert cleo.submit(f"{path}/default", default="on").status_code == 403
    assert "Offer as default" in shown(root.get(path))

    assert root.submit(f"{path}/default", default="on").headers["Location"] == path

    assert slug(path) in offered(cleo.get(own))
    assert path in cleo.get("/environments?default=true").text
    assert "Offer no longer as default" in shown(root.get(path))
    assert root.submit(f"{path}/default", default="off").headers["Location"] == path
    assert slug(path) not in offered(cleo.get(own))
    assert path not in cleo.get("/environments?default=true").text


def test_an_archived_default_environment_is_offered_no_more_and_names_its_successor(
    cleo: Person, root: Person, own: str, word: str
) -> None:
    path = made(root, f"{word} away")
    root.submit(f"{path}/default", default="on")
    away = {"name": f"{word} away", "visibility": "everyone", "default": "on", "archived": "on"}
    assert root.submit(f"{path}/edit", successor="code", **away).status_code == 303

    assert slug(path) not in offered(cleo.get(own))
    refused = cleo.submit(f"{own}/sessions/add", environment=slug(path), then="stay")
    assert "Add VS Code instead" in shown(refused)


def test_a_computer_without_images_says_so_before_one_is_checked(ann: Person, project: str) -> None:
    said = "Images run on this computer where podman or docker does, and neither is here"
    assert said in shown(ann.get(f"{project}/sessions/add"))
    page = ann.get(f"{project}/sessions/add/image")
    assert said in shown(page)
    assert "Check the image" not in page.text
    assert said in shown(ann.submit(f"{project}/sessions/add/image/check", image="python"))


def test_who_may_not_add_sessions_is_not_shown_how(bob: Person, ann: Person, project: str) -> None:
    ann.submit(f"{project}/members/add", person="bob", role="viewer")

    for path in ("add", "add/image"):
        assert bob.get(f"{project}/sessions/{path}").status_code == 403
    assert bob.submit(f"{project}/sessions/add/image/check", image="python").status_code == 403
