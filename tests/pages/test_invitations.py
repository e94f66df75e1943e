"""Pages of invitations, without a script."""

from __future__ import annotations

import html
import re
from urllib.parse import quote

import pytest
from playwright.sync_api import Page

from tests.pages.conftest import Person, Site
from tests.pages.reading import complaints


def link_in(text: str) -> str:
    found = re.search(r'id="link" value="([^"]+)"', text)
    assert found is not None, text
    return html.unescape(found[1])


def path(link: str) -> str:
    return "/join?" + link.partition("?")[2]


def test_a_link_is_made_followed_and_asks_before_it_takes_anybody_in(
    ann: Person, bob: Person, project: str
) -> None:
    made = ann.submit(f"{project}/invitations/add", role="editor", people="2", days="3", note="Course")
    link = path(link_in(made.text))
    assert (made.headers["Cache-Control"], made.headers["Referrer-Policy"]) == ("no-store", "no-referrer")

    asked = bob.get(link)
    assert asked.headers["Referrer-Policy"] == "no-referrer"
    assert "as editor?" in asked.text
    assert "ann invites you into this project." in asked.text
    assert bob.get(project).status_code == 404, "nobody joins by looking"

    token = link.partition("=")[2]
    joined = bob.submit("/join", invitation=token)
    assert joined.headers["Location"] == project
    assert "You are editor" in bob.get(project).text
    assert bob.get(link).headers["Location"] == project
    assert "1 of 2 people joined" in ann.get(project).text


def test_who_is_not_logged_in_is_brought_back_to_the_question(
    ann: Person, bob: Person, project: str, site: Site
) -> None:
    link = path(link_in(ann.submit(f"{project}/invitations/add").text))
    bob.cookies.clear()
    assert bob.get(link).headers["Location"] == f"/login?next={quote(link, safe='')}"


def test_pressed_twice_it_is_one_and_the_same_link(ann: Person, project: str) -> None:
    form = {"role": "viewer", "once": "01J0000000000000000000000A"}
    first, again = [link_in(ann.submit(f"{project}/invitations/add", **form).text) for _ in range(2)]
    assert first == again
    assert ann.get(project).text.count("0 of 1 person joined") == 1


def test_one_that_was_taken_back_says_so(ann: Person, bob: Person, project: str) -> None:
    link = path(link_in(ann.submit(f"{project}/invitations/add", note="Course").text))
    revoke = re.search(rf"{project}/invitations/\w+/revoke", ann.get(project).text)
    assert revoke is not None
    assert "Take back the invitation Course?" in ann.get(revoke[0]).text
    assert ann.submit(revoke[0]).headers["Location"] == project

    over = bob.get(link)
    assert bob.submit("/join", invitation=link.partition("=")[2]).status_code == 410
    assert [bob.submit("/join", **sent).status_code for sent in ({}, {"invitation": "guessed"})] == [404, 404]

    assert over.status_code == 410
    assert "This invitation was taken back." in over.text
    assert "Ask who sent it for a new one." in over.text


def test_what_cannot_be_is_said_at_its_field(ann: Person, project: str) -> None:
    refused = ann.submit(f"{project}/invitations/add", days="91", people="many")
    assert refused.status_code == 422
    assert 'id="days-error"' in refused.text
    assert 'id="people-error"' in refused.text


def test_only_owners_are_led_to_invitations(ann: Person, bob: Person, project: str) -> None:
    ann.submit(f"{project}/members/add", person="bob", role="editor")
    assert 'id="invitations"' in ann.get(project).text
    assert 'id="invitations"' not in bob.get(project).text


@pytest.mark.browser
def test_pages_of_invitations_are_for_everybody(page: Page, ann: Person, project: str) -> None:
    page.goto(f"{project}/invitations/add")
    assert not complaints(page)
    page.get_by_role("button", name="Make link").click()
    page.get_by_role("button", name="Copy").wait_for()
    assert not complaints(page)
    link = page.get_by_label("Link").input_value()
    page.goto(project)
    assert not complaints(page)
    assert "/join?" in link
