"""What the script and the stylesheet add, in a real Chromium."""

from __future__ import annotations

from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.pages.conftest import Person, Site, ended, log, ready, stage
from tests.pages.reading import complaints
from tests.served import until

pytestmark = pytest.mark.browser


@pytest.fixture
def addresses(ann: Person, site: Site, project: str) -> list[str]:
    """Every kind of page, with a paused session, a failed one and one that launches."""
    paused, failed, launching = (ann.session(project, name) for name in ("minimal", "python", "minimal"))
    run = ann.started(paused)
    own = site.address(run)
    site.report(run, ready(f"{own}lab"))
    ann.paused(paused, run)
    broken = ann.started(failed)
    site.report(broken, stage("environment", "now"), log("fatal: no"), ended("Python could not be built."))
    under_way = ann.started(launching)
    site.report(under_way, stage("environment", "now", "3 of 12 packages"))
    ann.submit(
        f"{project}/secrets/add", name="a-name-that-is-long", value="x", variable="A_LONG_VARIABLE_NAME"
    )
    ann.submit(f"{project}/git-logins/add", host="git.example.org:8443", username="oauth2", token="x")
    ann.submit("/me/git-logins/add", host="git.example.org:8443", username="oauth2", token="x")
    ann.submit("/me/registry-logins/add", host="registry.example.org:5000", username="ann", password="x")
    ann.submit(f"{project}/groups/add", group="mappers", role="viewer")
    parts = (
        "secrets/add",
        "secrets/a-name-that-is-long/edit",
        "git-logins/add",
        "registry-logins/add",
        "settings",
        "history",
        "delete",
        "sessions/add",
        "repositories/add",
        "storages/add",
        "members/add",
        "members/ann/edit",
        "groups/add",
        "groups/mappers/edit",
        "activity",
    )
    return [
        "/projects",
        "/projects/new",
        "/me/git-logins",
        "/me/git-logins/add?host=git.example.com",
        "/me/registry-logins",
        project,
        *(f"{project}/{part}" for part in parts),
        f"{paused}/configure",
        f"{paused}/stop",
        f"{paused}/remove",
        *(f"/runs/{each}" for each in (run, broken, under_way)),
        own,
        "/environments",
        "/environments/python",
        "/nothing/here",
        "/logged-out",
    ]


@pytest.mark.parametrize(("scheme", "width"), [("light", 360), ("dark", 1280), ("light", 1600)])
def test_every_page_can_be_read_by_everyone(
    page: Page, addresses: list[str], scheme: Literal["light", "dark"], width: int
) -> None:
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 800})
    found = {}
    for address in addresses:
        page.goto(address)
        found[address] = complaints(page)

    assert {address: wrong for address, wrong in found.items() if wrong} == {}


def test_open_menus_and_questions_can_be_read_by_everyone(page: Page, ann: Person, project: str) -> None:
    ann.session(project)
    page.goto(project)

    page.get_by_role("button", name="More for Minimal").click()
    assert complaints(page) == []
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowUp")
    expect(page.get_by_role("link", name="Remove…")).to_be_focused()
    page.keyboard.press("Enter")

    expect(page.get_by_role("dialog", name="Remove Minimal?")).to_be_visible()
    expect(page.get_by_role("link", name="Keep it")).to_be_focused()
    assert complaints(page) == []


def test_a_question_can_be_answered_with_no(page: Page, ann: Person, project: str) -> None:
    ann.session(project)
    page.goto(project)
    page.get_by_role("button", name="More for Minimal").click()
    page.get_by_role("link", name="Remove…").click()

    page.get_by_role("link", name="Keep it").click()

    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(page.get_by_role("article", name="Minimal")).to_be_visible()


def test_a_launch_is_watched_live_and_opens_once(page: Page, ann: Person, site: Site, project: str) -> None:
    run = ann.started(ann.session(project))
    address = site.address(run)
    page.route(f"**{address}lab", lambda route: route.fulfill(body="JupyterLab", content_type="text/html"))
    page.goto(f"/runs/{run}")
    stages = page.get_by_role("list", name="Stages of the launch")

    site.report(run, stage("environment", "now", "3 of 12 packages"), log("Resolved 12 packages"))
    expect(stages.get_by_text("3 of 12 packages")).to_be_visible()
    expect(page.get_by_role("log").get_by_text("Resolved 12 packages")).to_be_visible()
    expect(page.locator("#said")).to_contain_text("Preparing Minimal")

    site.report(run, stage("environment", "done"), stage("start", "now"))
    expect(page.locator("#said")).to_contain_text("Starting JupyterLab")
    site.report(run, stage("start", "done"), ready(f"{address}lab"))
    page.wait_for_url(f"**{address}lab")

    page.go_back()
    expect(page.get_by_role("link", name="Open", exact=True)).to_be_visible()
    page.reload()
    expect(page.get_by_role("link", name="Open", exact=True)).to_be_visible()
    assert page.url.endswith(f"/runs/{run}")


def test_every_line_of_a_log_is_shown_once(page: Page, ann: Person, site: Site, project: str) -> None:
    run = ann.started(ann.session(project))
    site.report(run, stage("environment", "now"), *(log(f"early {number}.") for number in range(20)))
    page.goto(f"/runs/{run}")
    for number in range(20):
        site.report(run, log(f"late {number}."), stage("environment", "now", f"step {number}"))

    expect(page.get_by_text("late 19.")).to_be_visible()
    expect(page.get_by_text("step 19")).to_be_visible()
    lines = page.locator(".log p span").all_text_contents()
    assert lines == [
        *(f"early {number}." for number in range(20)),
        *(f"late {number}." for number in range(20)),
    ]


def test_a_change_elsewhere_shows_without_closing_what_is_open(
    page: Page, ann: Person, site: Site, project: str
) -> None:
    session = ann.session(project)
    run = ann.started(session)
    page.goto(project)
    card = page.get_by_role("article", name="Minimal")
    expect(card.get_by_text("Launching")).to_be_visible()
    page.get_by_role("button", name="More for Minimal").click()
    page.get_by_role("link", name="Configure").focus()

    site.report(run, ready("/user/ann/somewhere/lab"))

    expect(card.get_by_text("Running")).to_be_visible()
    expect(card.get_by_role("link", name="Open")).to_be_visible()
    expect(page.get_by_role("link", name="Configure")).to_be_focused()
    expect(page.get_by_role("button", name="live")).to_be_visible()


def test_a_form_that_is_sent_twice_arrives_once(page: Page, ann: Person, project: str) -> None:
    ann.session(project)
    page.goto(f"{project}/sessions/add")

    page.get_by_role("button", name="Add Minimal", exact=True).dblclick()

    page.wait_for_url(f"**{project}#session-*")
    expect(page.get_by_role("article")).to_have_count(2)


def test_the_main_path_works_without_a_script(chromium: Browser, site: Site, ann: Person) -> None:
    context = chromium.new_context(base_url=site.url, java_script_enabled=False)
    context.add_cookies([{"name": "sojourn-login", "value": ann.cookie, "url": site.url}])
    page = context.new_page()
    page.goto("/projects/new")
    page.get_by_label("Name").fill("Without a script")
    page.get_by_role("button", name="Create project").click()
    page.get_by_role("button", name="Add Minimal", exact=True).click()
    page.get_by_role("button", name="Start session").click()
    page.wait_for_url("**/runs/*")
    run = page.url.rsplit("/", 1)[1]
    until(lambda: ann.phase(run) == "launching" or None, "the launch begins")
    site.report(run, ready(site.address(run)))
    expect(page.get_by_role("link", name="Open", exact=True)).to_be_visible(timeout=15_000)

    page.get_by_role("link", name="Stop…").click()
    expect(page.get_by_role("heading", name="Stop Minimal?")).to_be_visible()
    page.get_by_role("button", name="Stop and delete /work").click()
    expect(page.get_by_role("heading", level=1, name="Without a script")).to_be_visible()
    until(lambda: ann.phase(run) == "stopped" or None, "the stop is done")
    page.reload()
    expect(page.get_by_text("last ran just now")).to_be_visible()
    context.close()
