"""The page on which people say at what times their sessions start and pause."""

from __future__ import annotations

import re
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.pages.conftest import Person, Site
from tests.pages.reading import complaints

TIMES = {
    "zone": "Europe/Berlin",
    "start_at": "08:30",
    "start_days": ["mon", "tue"],
    "pause_at": "18:00:00",
    "pause_days": ["fri"],
}


def test_times_are_given_by_a_form_and_stand_on_the_card(ann: Person, bob: Person, project: str) -> None:
    session = ann.session(project)
    assert f'href="{session}/times"' in ann.get(project).text

    answer = ann.submit(f"{session}/times", **TIMES, revision="0")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{project}#session-minimal")
    card = ann.get(project).text
    assert "Starts " in card
    assert "08:30" in card
    assert "18:00" in card
    assert 'value="08:30"' in ann.get(f"{session}/times").text

    assert ann.submit(f"{session}/times", zone="Europe/Berlin", revision="1").status_code == 303
    assert "Starts " not in ann.get(project).text
    assert ann.get(f"/api/v1{session}/timetable").status_code == 404
    assert bob.get(f"{session}/times").status_code == 404


def test_what_is_no_time_comes_back_with_its_sentence(ann: Person, project: str) -> None:
    times = f"{ann.session(project)}/times"
    for wrong, sentence in (
        ({"zone": ""}, "Time zone"),
        ({"start_at": "25:00"}, "Start at"),
        ({"start_days": []}, "Days of the start"),
    ):
        answer = ann.submit(times, **{**TIMES, **wrong})
        assert answer.status_code == 422
        assert f">{sentence}</a>" in answer.text
    assert ann.submit(times, **TIMES, revision="0").status_code == 303
    assert ann.submit(times, **{**TIMES, "zone": "UTC"}, revision="7").status_code == 412


@pytest.mark.browser
@pytest.mark.parametrize(("scheme", "width"), [("light", 400), ("dark", 1280)])
def test_the_page_can_be_read_and_filled_by_everyone(
    chromium: Browser, site: Site, ann: Person, project: str, *, scheme: Literal["light", "dark"], width: int
) -> None:
    ann.session(project)
    size = {"width": width, "height": 900}
    context = chromium.new_context(viewport=size, color_scheme=scheme, timezone_id="Europe/Lisbon")
    context.add_cookies([{"name": "sojourn-login", "value": ann.cookie, "url": site.url}])
    page: Page = context.new_page()
    page.goto(f"{site.url}{project}")
    page.get_by_role("button", name="More for Minimal").click()
    page.get_by_role("link", name="Times").click()
    expect(page.get_by_role("combobox", name="Time zone")).to_have_value("Europe/Lisbon")
    assert not complaints(page)

    page.locator("#start_at").fill("08:30")
    page.keyboard.press("Enter")

    page.wait_for_url(f"**{project}#session-minimal")
    expect(page.get_by_text(re.compile(r"^Starts \w+ 08:30"))).to_be_visible()
    assert not complaints(page)
    context.close()
