"""What is done on a page before its picture is taken."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page

Do = Callable[[Page], None]


def press(label: str) -> Do:
    """Presses a button."""
    return lambda page: page.get_by_role("button", name=label).first.click()


def press_in(selector: str) -> Do:
    """Presses the first button of a part of the page."""
    return lambda page: page.locator(f"{selector} button").first.click()


def follow(label: str) -> Do:
    """Follows a link."""
    return lambda page: page.get_by_role("link", name=label).first.click()


def ask(menu: str, entry: str) -> Do:
    """Chooses from a menu what asks before it does something."""

    def chosen(page: Page) -> None:
        press(menu)(page)
        ask_at_once(entry)(page)

    return chosen


def ask_at_once(label: str) -> Do:
    """Follows a link that asks before it does something."""

    def asked(page: Page) -> None:
        follow(label)(page)
        page.locator("dialog[open]").wait_for()

    return asked


def check(image: str) -> Do:
    """Has the image of a new environment or session checked."""

    def checked(page: Page) -> None:
        choice = page.get_by_role("radio", name="An image")
        if choice.count():
            choice.check()
        page.get_by_role("textbox", name="Image", exact=True).fill(image)
        page.get_by_role("button", name="Check the image").click()
        page.locator("#checked").wait_for()

    return checked


def read(file: str) -> Do:
    """Has a file of packages read."""

    def sent(page: Page) -> None:
        page.get_by_role("radio", name="Packages").check()
        page.get_by_role("textbox", name="Requirements").fill(file)
        page.get_by_role("button", name="Read the file and pin it").click()
        page.locator("#read, [aria-invalid=true]").first.wait_for()

    return sent


def refused(values: dict[str, str], button: str = "") -> Do:
    """Fills a form in and sends it."""

    def send(page: Page) -> None:
        filled(values, button)(page)
        page.locator("[aria-invalid=true]").first.wait_for()

    return send


def filled(values: dict[str, str], button: str = "", then: str = "") -> Do:
    """Fills a form in and sends it; `then` is what the page has afterwards."""

    def send(page: Page) -> None:
        form = page.locator("main form[method=post]").first
        for name, value in values.items():
            form.locator(f"[name={name}]").first.fill(value)
        form.locator("button.primary").filter(has_text=button).first.click()
        if then:
            page.locator(then).first.wait_for()

    return send
