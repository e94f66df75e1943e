"""What people see of sessions that pause by themselves: beforehand, announced, and put off."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.pages.conftest import Person, Site, ready
from tests.pages.hub import StandInHub
from tests.pages.reading import complaints
from tests.served import until

pytestmark = pytest.mark.slow

IDLE = timedelta(minutes=20)


@pytest.fixture(scope="module")
def pausing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """An API whose sessions pause after twenty minutes without activity, and after a day."""
    limits = {"IDLE_MINUTES": "20", "IDLE_MINUTES_MOST": "480", "LIFE_HOURS": "24"}
    with StandInHub() as hub, Site(tmp_path_factory.mktemp("pausing"), hub, **limits) as running:
        yield running


@pytest.fixture
def ines(pausing: Site) -> Iterator[Person]:
    with pausing.person("ines") as person:
        yield person


@pytest.fixture
def project(ines: Person, request: pytest.FixtureRequest) -> str:
    return ines.project(request.node.name[:60])


def idle(person: Person, site: Site, session: str) -> str:
    """A run that became ready so long ago that its pause is announced; its id."""
    run = person.started(session)
    began = datetime.now(UTC) - IDLE
    site.report(run, {**ready(f"{site.address(run)}lab"), "at": began.isoformat()})
    until(lambda: person.get(f"/api/v1/runs/{run}").json()["pauses_at"], "the announcement")
    return run


def test_a_card_says_beforehand_when_its_session_pauses(ines: Person, project: str) -> None:
    ines.session(project)
    assert "Pauses after 20 min without activity; at most 24 h" in ines.get(project).text


def test_an_announced_pause_is_put_off_by_a_form(ines: Person, pausing: Site, project: str) -> None:
    session = ines.session(project)
    run = idle(ines, pausing, session)
    for page in (project, f"/runs/{run}"):
        text = ines.get(page).text
        assert "for want of activity" in text
        assert f'action="{session}/keep-alive"' in text

    answer = ines.submit(f"{session}/keep-alive")

    assert (answer.status_code, answer.headers["Location"]) == (303, f"/runs/{run}")
    extended = ines.get(project).text
    assert "for want of activity" not in extended
    assert "Kept alive until" in extended


def test_a_session_is_kept_alive_for_hours_within_the_limit(
    ines: Person, pausing: Site, project: str
) -> None:
    session = ines.session(project)
    run = idle(ines, pausing, session)

    ines.submit(f"{session}/keep-alive", hours="4")
    kept = ines.get(f"/api/v1/runs/{run}").json()["keep_until"]
    left = datetime.fromisoformat(kept) - datetime.now(UTC)
    assert timedelta(hours=3) < left <= timedelta(hours=4)

    assert ines.submit(f"{session}/keep-alive", hours="900").status_code == 422
    assert ines.submit(f"{session}/keep-alive", hours="soon").status_code == 303
    assert ines.get(f"/api/v1/runs/{run}").json()["keep_until"] == kept


def test_the_times_are_configured_by_a_form(ines: Person, project: str) -> None:
    session = ines.session(project)
    form = f"{session}/configure"
    told = {"name": "Minimal", "version": "1", "cpus": "", "memory_gib": ""}
    assert "Empty is 20 minutes; at most 480." in ines.get(form).text

    refused = ines.submit(form, **told, idle_minutes="481", life_hours="8")
    assert refused.status_code == 422
    assert "480 minutes are the most here." in refused.text
    assert 'value="481"' in refused.text

    assert ines.submit(form, **told, idle_minutes="90", life_hours="8").status_code == 303
    assert "Pauses after 1 h 30 min without activity; at most 8 h" in ines.get(project).text


def running(person: Person, site: Site, session: str) -> str:
    """A run that is ready; its id."""
    run = person.started(session)
    site.report(run, ready(f"{site.address(run)}lab"))
    return run


def test_a_pause_says_what_ends_and_what_is_kept(ines: Person, pausing: Site, project: str) -> None:
    session = ines.session(project)
    run = running(ines, pausing, session)
    for page in (project, f"/runs/{run}"):
        assert f'href="{session}/pause" data-ask' in ines.get(page).text

    text = ines.get(f"{session}/pause").text
    assert "Kernels, terminals and whatever else runs in it, with what they hold in memory" in text
    assert "Everything in /work" in text.replace("<wbr>", "")
    ines.paused(session, run)
    answer = ines.get(f"{session}/pause")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/runs/{run}")


@pytest.mark.browser
def test_a_pause_takes_one_key_after_it_was_asked_for(
    chromium: Browser, ines: Person, pausing: Site, project: str
) -> None:
    run = running(ines, pausing, ines.session(project))
    page = _page(chromium, pausing, ines, "light", 1280)
    page.goto(f"{pausing.url}{project}")
    page.get_by_role("button", name="More for Minimal").click()
    page.get_by_role("link", name="Pause…").click()
    asked = page.get_by_role("dialog", name="Pause Minimal?")
    expect(asked.get_by_role("button", name="Pause")).to_be_focused()
    assert not complaints(page)
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/runs/{run}")
    until(lambda: ines.phase(run) == "paused" or None, "it is paused")
    page.context.close()


@pytest.mark.browser
def test_an_open_page_shows_the_announcement_by_itself(
    chromium: Browser, ines: Person, pausing: Site, project: str
) -> None:
    session = ines.session(project)
    page = _page(chromium, pausing, ines, "light", 1280)
    page.goto(f"{pausing.url}{project}")
    idle(ines, pausing, session)

    warning = page.get_by_text("for want of activity")
    expect(warning).to_be_visible()
    assert not complaints(page)
    page.get_by_role("button", name="Extend").click()
    expect(page.get_by_text("Kept alive until")).to_be_visible()
    page.context.close()


@pytest.mark.browser
@pytest.mark.parametrize("width", [400, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_warnings_can_be_read_by_everybody(
    chromium: Browser, ines: Person, pausing: Site, project: str, *, scheme: str, width: int
) -> None:
    session = ines.session(project)
    run = idle(ines, pausing, session)
    page = _page(chromium, pausing, ines, scheme, width)
    for address in (project, f"/runs/{run}", f"{session}/configure"):
        page.goto(f"{pausing.url}{address}")
        assert not complaints(page), address
    page.context.close()


def _page(chromium: Browser, site: Site, person: Person, scheme: str, width: int) -> Page:
    size = {"width": width, "height": 900}
    context = chromium.new_context(viewport=size, color_scheme=scheme)
    context.add_cookies([{"name": "sojourn-login", "value": person.cookie, "url": site.url}])
    return context.new_page()
