"""The browser tells who asked for it that a launch is ready or failed, when they look elsewhere."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect

from tests.pages.conftest import Person, Site, ended, ready
from tests.pages.reading import complaints
from tests.served import until

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

BROWSER = """
class Told extends EventTarget {
  static get permission() { return localStorage.getItem("answered") ?? %r; }
  static async requestPermission() { localStorage.setItem("answered", %r); return Told.permission; }
  constructor(title, { body }) { super(); console.debug("told" + JSON.stringify([title, body])); }
}
Object.defineProperty(window, "Notification", { value: Told });
"""
"""A browser's notices, with what its person says: before anybody asked, and when asked."""


class Window:
    """Ann's window, and what it told her."""

    def __init__(self, browser: Browser, site: Site, ann: Person, before: str, asked: str) -> None:
        self.told: list[tuple[str, str]] = []
        self._context = browser.new_context(base_url=site.url)
        self._context.add_cookies([{"name": "sojourn-login", "value": ann.cookie, "url": site.url}])
        self._context.add_init_script(BROWSER % (before, asked))
        self.page: Page = self._context.new_page()
        self.page.on("console", self._hear)

    def _hear(self, message: ConsoleMessage) -> None:
        """Only the text is there without asking the page, which goes to the session the moment it told."""
        if message.text.startswith("told"):
            title, body = json.loads(message.text.removeprefix("told"))
            self.told.append((title, body))

    def look_away(self) -> None:
        self.page.evaluate("Object.defineProperty(document, 'hidden', { get: () => true })")

    def close(self) -> None:
        self._context.close()


@pytest.fixture
def run(ann: Person, project: str) -> str:
    return ann.started(ann.session(project))


@pytest.fixture
def window(chromium: Browser, site: Site, ann: Person) -> Iterator[Window]:
    opened = Window(chromium, site, ann, "default", "granted")
    yield opened
    opened.close()


def told(window: Window) -> tuple[str, str]:
    def one() -> tuple[str, str] | None:
        window.page.wait_for_timeout(20)
        return next(iter(window.told), None)

    return until(one, "the browser tells something")


def test_who_asked_is_told_of_a_failure_with_its_sentence(window: Window, site: Site, run: str) -> None:
    window.page.goto(f"/runs/{run}")
    button = window.page.get_by_role("button", name="Tell me when it is ready")
    button.press("Enter")
    expect(button).to_have_attribute("aria-pressed", "true")
    assert complaints(window.page) == []
    window.look_away()

    site.report(run, ended("The image is not there."))

    assert told(window) == ("Minimal failed", "The image is not there.")


def test_who_asked_is_told_that_it_is_ready_also_in_the_next_launch(
    window: Window, site: Site, ann: Person, *, run: str, project: str
) -> None:
    window.page.goto(f"/runs/{run}")
    window.page.get_by_role("button", name="Tell me when it is ready").click()
    site.report(run, ended("The image is not there."))
    expect(window.page.get_by_role("alert")).to_be_visible()
    assert window.told == [], "they look at the page"

    again = ann.started(f"{project}/sessions/minimal")
    window.page.goto(f"/runs/{again}")
    expect(window.page.locator("[data-notify]")).to_have_attribute("aria-pressed", "true")
    window.look_away()
    site.report(again, ready(site.address(again)))

    assert told(window) == ("Minimal is ready", "")


def test_who_did_not_ask_is_told_nothing(window: Window, site: Site, run: str) -> None:
    window.page.goto(f"/runs/{run}")
    button = window.page.get_by_role("button", name="Tell me when it is ready")
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")
    button.click()
    expect(button).to_have_attribute("aria-pressed", "false")
    window.look_away()
    site.report(run, ended("The image is not there."))
    expect(window.page.get_by_role("alert")).to_be_visible()
    assert window.told == []


def test_where_the_browser_does_not_allow_it_nothing_is_offered(
    chromium: Browser, site: Site, ann: Person, run: str
) -> None:
    opened = Window(chromium, site, ann, "denied", "denied")
    opened.page.goto(f"/runs/{run}")
    expect(opened.page.get_by_role("button", name="Cancel launch")).to_be_visible()
    expect(opened.page.locator("[data-notify]")).to_be_hidden()
    opened.close()
