"""Pages of a person's tokens, without a script."""

from __future__ import annotations

import re

import httpx
import pytest
from playwright.sync_api import Page

from tests.pages.conftest import Person, Site
from tests.pages.reading import complaints


def _made(text: str) -> str:
    found = re.search(r'id="token" value="([^"]+)"', text)
    assert found is not None, text
    return found[1]


def _as(site: Site, token: str, method: str, path: str) -> httpx.Response:
    headers = {"Authorization": f"Bearer {token}"}
    return httpx.request(method, f"{site.url}/api/v1{path}", headers=headers, json={"name": "By a program"})


def test_a_token_is_made_shown_once_used_and_revoked(site: Site) -> None:
    with site.person("tom") as tom:
        assert "No tokens yet" in tom.get("/me/tokens").text
        made = tom.submit("/me/tokens/add", note="Nightly report", scope="read", days="3")
        token = _made(made.text)
        listed = tom.get("/me/tokens").text
        revoke = re.search(r"/me/tokens/\w+/revoke", listed)

        assert made.headers["Cache-Control"] == "no-store"
        assert "Nightly report" in listed
        assert token not in listed.replace(str(revoke), "")
        assert _as(site, token, "GET", "/me").json()["name"] == "tom"
        assert _as(site, token, "POST", "/projects").status_code == 403

        assert revoke is not None
        assert "Revoke the token Nightly report?" in tom.get(revoke[0]).text
        assert tom.submit(revoke[0]).headers["Location"] == "/me/tokens"
        assert "No tokens yet" in tom.get("/me/tokens").text
        assert tom.get(revoke[0]).status_code == 404


def test_what_cannot_be_is_said_at_its_field(ann: Person) -> None:
    refused = ann.submit("/me/tokens/add", note=" ", days="400")
    long = ann.submit("/me/tokens/add", note="Report", days="366")
    assert refused.status_code == 422
    assert 'id="note-error"' in refused.text
    assert "Tokens last at most 365 days here." in long.text


@pytest.mark.browser
def test_pages_of_tokens_are_for_everybody(page: Page) -> None:
    page.goto("/me/tokens/add")
    assert not complaints(page)
    page.get_by_label("What it is for").fill("Report")
    page.get_by_role("button", name="Make token").click()
    page.get_by_role("button", name="Copy").wait_for()
    assert not complaints(page)
    page.get_by_role("link", name="Done").click()
    assert not complaints(page)
