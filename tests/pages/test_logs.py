"""The log of a session: chosen, searched, followed, downloaded; without a script and with one."""

from __future__ import annotations

import re
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.pages.conftest import Person, Site, ended, ready
from tests.pages.reading import complaints

Scheme = Literal["light", "dark"]


def line(source: str, text: str) -> dict[str, Any]:
    return {"kind": "log", "source": source, "text": text}


@pytest.fixture
def run(site: Site, ann: Person, project: str) -> str:
    """A run of Ann's that is launching, and said something."""
    found = ann.started(ann.session(project))
    site.report(
        found, line("clone", "Cloning <maps>"), line("session", "Kernel error 7"), line("gate", "Ready")
    )
    return found


def shown(text: str) -> list[str]:
    return re.findall(r"<p data-id.*?</i> <(?:em|span)>(.*?)</", text)


def test_a_container_is_chosen_and_lines_are_searched_without_a_script(ann: Person, run: str) -> None:
    everything = ann.get(f"/runs/{run}/log").text
    session = ann.get(f"/runs/{run}/log", params={"container": "session", "search": ""}).text
    found = ann.get(f"/runs/{run}/log", params={"container": "", "search": "KERNEL"}).text
    nothing = ann.get(f"/runs/{run}/log", params={"container": "gate", "search": "kernel"}).text

    assert shown(everything) == ["Cloning &lt;maps&gt;", "Kernel error 7", "Ready"]
    assert '<option value="gate">Gate</option>' in everything
    assert shown(session) == shown(found) == ["Kernel error 7"]
    assert '<option value="session" selected>' in session
    assert shown(nothing) == []
    assert "No line is so." in nothing


def test_what_is_shown_is_downloaded_also_after_the_end(site: Site, ann: Person, run: str) -> None:
    site.report(run, line("session", "the last words"), ended("It broke."))

    page = ann.get(f"/runs/{run}/log", params={"container": "session"}).text
    address = re.search(r'href="(/runs/[^"]+log\.txt[^"]*)"', page)
    assert address is not None
    file = ann.get(address[1].replace("&amp;", "&"))

    assert file.headers["Content-Disposition"] == f'attachment; filename="sojourn-{run}-session.log"'
    assert [each.partition("Z ")[2] for each in file.text.splitlines()] == [
        "session: Kernel error 7",
        "session: the last words",
    ]


def test_nobody_else_reads_it(bob: Person, run: str) -> None:
    assert bob.get(f"/runs/{run}/log").status_code == 404
    assert bob.get(f"/runs/{run}/log.txt").status_code == 404


def test_new_lines_of_what_is_looked_at_come_by_themselves(page: Page, site: Site, run: str) -> None:
    page.goto(f"/runs/{run}/log?container=session&search=kernel")
    log = page.get_by_role("log")
    expect(log.locator("p")).to_have_count(1)

    site.report(
        run,
        line("gate", "kernel of the gate"),
        line("session", "nothing of note"),
        line("session", "another KERNEL"),
        ready(f"/user/ann/{run}/"),
    )

    expect(log.locator("p")).to_have_count(2)
    expect(log).to_contain_text("another KERNEL")
    expect(page.locator("[data-part=head] .chip")).to_have_text("Running")
    expect(page).to_have_url(re.compile(r"/log\?container=session"))


@pytest.mark.browser
@pytest.mark.parametrize("look", [("light", 400), ("dark", 1280)])
def test_everyone_can_read_it(
    chromium: Browser, site: Site, ann: Person, *, run: str, look: tuple[Scheme, int]
) -> None:
    site.report(run, line("session", "a/very/long/path" * 30))
    scheme, width = look
    context = chromium.new_context(
        base_url=site.url, color_scheme=scheme, viewport={"width": width, "height": 800}
    )
    context.add_cookies([{"name": "sojourn-login", "value": ann.cookie, "url": site.url}])
    opened = context.new_page()
    for address in (f"/runs/{run}/log", f"/runs/{run}/log?container=gate&search=nowhere"):
        opened.goto(address)
        expect(opened.get_by_role("heading", level=1)).to_be_visible()
        assert complaints(opened) == [], address
    context.close()
