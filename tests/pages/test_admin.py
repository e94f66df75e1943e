"""What runs, what failed, who waits and what is taken, as platform admins see it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

import pytest
from playwright.sync_api import Browser, expect

from tests.pages.conftest import Person, Site, ended, ready
from tests.pages.reading import complaints
from tests.served import until

Scheme = Literal["light", "dark"]


@pytest.fixture
def admin(site: Site) -> Iterator[Person]:
    with site.person("root") as person:
        yield person


@pytest.fixture
def running(site: Site, ann: Person, project: str) -> str:
    """Ann's run that runs; its id."""
    run = ann.started(ann.session(project))
    site.report(run, ready(site.address(run)))
    return run


def test_only_admins_are_led_to_it(ann: Person, admin: Person, project: str) -> None:
    assert 'href="/admin"' in admin.get("/projects").text
    assert 'href="/admin"' not in ann.get(project).text
    refused = ann.get("/admin")
    assert refused.status_code == 403
    assert "This is for platform administrators." in refused.text


def test_a_live_session_is_listed_without_a_way_into_it(admin: Person, running: str, project: str) -> None:
    slug = project.removeprefix("/projects/")
    text = admin.get("/admin", params={"person": "ann", "project": slug, "phase": ""}).text

    row = re.search(rf'<tr id="run-{running}">.*?</tr>', text, re.DOTALL)
    assert row is not None
    assert "Minimal" in row[0]
    assert 'data-status="running"' in row[0]
    assert "/user/" not in text
    assert f'href="/runs/{running}"' not in text
    assert f'href="/admin/runs/{running}/stop"' in row[0]
    nothing = admin.get("/admin", params={"person": "nobody"}).text
    assert "No live session is so." in nothing


def test_an_admin_is_asked_before_they_end_a_session(
    ann: Person, admin: Person, running: str, project: str
) -> None:
    asked = admin.get(f"/admin/runs/{running}/stop").text
    assert "Stop Minimal of ann?" in asked.replace("<wbr>", "")
    assert f'action="/admin/runs/{running}/pause"' in asked
    assert ann.get(f"/admin/runs/{running}/stop").status_code == 403

    answer = admin.submit(f"/admin/runs/{running}/pause")

    assert (answer.status_code, answer.headers["Location"]) == (303, "/admin")
    until(lambda: ann.phase(running) == "paused" or None, "the pause is done")
    assert "Paused by the platform administrator root." in ann.get(f"/runs/{running}").text
    assert "root paused a run of Minimal of: ann" in _words(admin.get("/activity").text)


def _words(text: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", text.replace("<wbr>", "")).split())


def test_failures_lead_from_the_reason_to_the_sessions(
    site: Site, ann: Person, admin: Person, project: str
) -> None:
    run = ann.started(ann.session(project))
    site.report(run, ended("The image could not be had."))

    text = admin.get("/admin/failures").text
    link = re.search(r'href="(/admin/failures\?days=1&amp;code=it_broke)"', text)
    assert link is not None
    those = admin.get(link[1].replace("&amp;", "&")).text

    assert f'<tr id="run-{run}">' in those
    assert "The image could not be had." in those
    assert "Nothing failed of that." in admin.get("/admin/failures?days=7&code=other").text
    assert admin.get("/admin/failures?days=9").status_code == 422


def test_long_lists_go_on_and_keep_what_they_are_narrowed_to(
    ann: Person, bob: Person, admin: Person, project: str
) -> None:
    slug = project.removeprefix("/projects/")
    ann.submit(f"{project}/members/add", person="bob", role="viewer")
    session = ann.session(project)
    runs = [person.started(session) for person in (ann, bob)]

    first = admin.get("/admin", params={"project": slug, "limit": "1"}).text
    following = re.search(r'href="([^"]+cursor=[^"]+)" rel="next"', first)

    assert following is not None
    rest = admin.get(following[1].replace("&amp;", "&")).text
    assert re.findall(r'<tr id="run-(\w+)">', first + rest) == [runs[1], runs[0]]


@pytest.mark.browser
@pytest.mark.parametrize("look", [("light", 400), ("dark", 1280)])
def test_everyone_can_read_it(
    chromium: Browser,
    site: Site,
    ann: Person,
    *,
    admin: Person,
    running: str,
    project: str,
    look: tuple[Scheme, int],
) -> None:
    failing = ann.started(ann.session(ann.project(f"Also {project[-20:]} {look[1]}")))
    site.report(
        failing, ended("The image of `registry.example.org/a/very/long/name/of/an/image` is not there.")
    )
    scheme, width = look
    context = chromium.new_context(
        base_url=site.url, color_scheme=scheme, viewport={"width": width, "height": 800}
    )
    context.add_cookies([{"name": "sojourn-login", "value": admin.cookie, "url": site.url}])
    page = context.new_page()
    for address in (
        "/admin",
        "/admin?person=nobody",
        "/admin/failures",
        "/admin/failures?days=7&code=it_broke",
        "/admin/queue",
        "/admin/use",
        f"/admin/runs/{running}/stop",
    ):
        page.goto(address)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        assert complaints(page) == [], address
    context.close()


@pytest.mark.browser
def test_the_actions_of_a_session_are_reached_by_keyboard(
    chromium: Browser, site: Site, admin: Person, running: str
) -> None:
    context = chromium.new_context(base_url=site.url)
    context.add_cookies([{"name": "sojourn-login", "value": admin.cookie, "url": site.url}])
    page = context.new_page()
    page.goto("/admin?person=ann&phase=running")
    page.locator(f"#run-{running}").get_by_role("button", name="Actions for Minimal of ann").press("Enter")
    page.locator(f"#menu-{running}").get_by_role("link", name="Stop…").press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("deletes its /work")
    expect(dialog.get_by_role("link", name="Leave it")).to_be_focused()
    context.close()
