"""Who did what, as owners of a project and platform admins read it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Literal

import pytest
from playwright.sync_api import Browser, expect

from tests.pages.conftest import Person, Site
from tests.pages.reading import complaints

Scheme = Literal["light", "dark"]


@pytest.fixture
def admin(site: Site) -> Iterator[Person]:
    with site.person("root") as person:
        yield person


def rows(text: str) -> list[str]:
    """What each row says, without its time."""
    found = re.findall(r'<tr id="deed-\d+">.*?</td>(.*?)</tr>', text, re.DOTALL)
    return [" ".join(re.sub(r"<[^>]+>", " ", row.replace("<wbr>", "")).split()) for row in found]


def test_an_owner_reads_what_was_done_in_the_project(ann: Person, project: str) -> None:
    ann.submit(f"{project}/members/add", person="bob", role="editor")
    ann.submit(f"{project}/secrets/add", name="key", value="s3cret")
    ann.submit(f"{project}/secrets/key/edit", name="key", value="other", variable="KEY")

    told = rows(ann.get(f"{project}/activity").text)

    assert told[:3] == [
        "ann set the secret key fields: value and variable",
        "ann set the secret key fields: value",
        "ann added the member bob role: editor",
    ]
    assert told[3].startswith("ann created the project")
    assert 'aria-current="page">Activity' in ann.get(f"{project}/activity").text


def test_the_list_is_narrowed_without_a_script_and_widened_again(ann: Person, project: str) -> None:
    ann.submit(f"{project}/members/add", person="bob", role="editor")
    narrowed = {"person": "", "what": "member", "since": "", "until": ""}

    told = ann.get(f"{project}/activity", params=narrowed).text

    assert rows(told) == ["ann added the member bob role: editor"]
    assert '<option value="member" selected>' in told
    nothing = ann.get(f"{project}/activity", params={**narrowed, "person": "nobody"}).text
    assert "Nothing was done that is so." in nothing
    assert f'href="{project}/activity">Show everything' in nothing
    tomorrow = ann.get(f"{project}/activity", params={"since": "2999-01-01"}).text
    assert "Nothing was done that is so." in tomorrow
    assert ann.get(f"{project}/activity", params={"until": "9999-12-31"}).status_code == 422


def test_what_is_shown_can_be_downloaded_as_lines(ann: Person, project: str) -> None:
    ann.submit(f"{project}/members/add", person="bob", role="editor")
    shown = ann.get(f"{project}/activity", params={"what": "member", "since": "2020-01-01"}).text

    address = re.search(r'href="(/api/v1/[^"]+)">Download', shown)
    assert address is not None
    lines = ann.get(address[1].replace("&amp;", "&"))

    assert lines.headers["Content-Disposition"] == 'attachment; filename="audit.ndjson"'
    assert [json.loads(line)["verb"] for line in lines.text.splitlines()] == ["member.add"]


def test_long_lists_go_on(ann: Person, project: str) -> None:
    for number in range(3):
        ann.submit(f"{project}/members/add", person=f"person-{number}", role="viewer")

    first = ann.get(f"{project}/activity", params={"limit": "2"}).text
    following = re.search(r'href="([^"]+cursor=[^"]+)" rel="next"', first)

    assert following is not None
    assert len(rows(first)) == 2
    assert "ann added the member person-0 role: viewer" in rows(ann.get(following[1]).text)


def test_who_owns_nothing_of_a_project_is_shown_no_tab(ann: Person, bob: Person, project: str) -> None:
    ann.submit(f"{project}/members/add", person="bob", role="editor")

    assert f'href="{project}/activity"' in ann.get(project).text
    assert f'href="{project}/activity"' not in bob.get(project).text
    assert 'href="/activity"' not in bob.get(project).text


def test_an_admin_reads_what_was_done_everywhere(ann: Person, admin: Person, project: str) -> None:
    ann.submit(f"{project}/members/add", person="bob", role="editor")
    slug = project.removeprefix("/projects/")

    everything = admin.get("/activity").text
    of_project = admin.get("/activity", params={"project": slug, "what": "", "person": ""}).text

    assert 'href="/activity"' in everything
    assert f"ann added the member bob role: editor {slug}" in rows(of_project)
    assert all(row.endswith(slug) for row in rows(of_project))


@pytest.mark.browser
@pytest.mark.parametrize("look", [("light", 360), ("dark", 1280)])
def test_everyone_can_read_it(
    chromium: Browser, site: Site, ann: Person, project: str, *, admin: Person, look: tuple[Scheme, int]
) -> None:
    ann.submit(f"{project}/members/add", person="a-person-with-a-very-long-name" * 3, role="editor")
    scheme, width = look
    of_project = f"{project}/activity"
    for person, address in ((ann, of_project), (admin, "/activity"), (admin, "/activity?person=x")):
        context = chromium.new_context(
            base_url=site.url, color_scheme=scheme, viewport={"width": width, "height": 800}
        )
        context.add_cookies([{"name": "sojourn-login", "value": person.cookie, "url": site.url}])
        page = context.new_page()
        page.goto(address)
        expect(page.get_by_role("heading", name="Activity").first).to_be_visible()
        assert complaints(page) == [], address
        context.close()
