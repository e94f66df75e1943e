"""A launch link leads to a page that says what would start, and starts nothing by itself."""

from __future__ import annotations

import html

import pytest
from playwright.sync_api import Page

from tests.pages.conftest import Person, Site, ready
from tests.pages.reading import complaints
from tests.served import until


@pytest.fixture
def session(ann: Person, project: str) -> str:
    made = ann.session(project)
    fields = {"name": "Chart", "version": "1", "variable-1-name": "AREA", "variable-1-value": "alps"}
    assert ann.submit(f"{made}/configure", **fields).status_code == 303
    return made


def _shown(text: str) -> str:
    return html.unescape(text.replace("<wbr>", ""))


def test_it_says_what_would_start_and_with_which_variables_and_asks(
    ann: Person, session: str, site: Site
) -> None:
    asked = ann.get(f"{session}/start?set.AREA=andes%20%3Cb%3E&utm_source=mail")
    text = _shown(asked.text)

    assert "Start Chart?" in text
    assert "Variables that this link sets" in text
    assert "andes <b>" in text
    assert "andes &lt;b&gt;" in asked.text
    assert f"{site.url}{session}/start?set.AREA=andes+%3Cb%3E" in text
    assert ann.get(f"/api/v1{session}").json()["run"] is None, "nothing starts by looking"

    run = ann.submit(f"{session}/start", **{"set.AREA": "andes"}).headers["Location"].removeprefix("/runs/")
    until(lambda: ann.phase(run) == "launching" or None, "the launch begins")
    spec = site._spawner.get(f"/internal/runs/{run}/launch-spec").json()
    assert spec["variables"] == {"AREA": "andes"}
    site.report(run, ready(site.address(run)))
    assert "It runs already." in _shown(ann.get(f"{session}/start?set.AREA=andes").text)
    assert "Changed since it was started" not in _shown(ann.get(session.rpartition("/sessions")[0]).text)


def test_what_the_session_does_not_have_is_not_set(ann: Person, session: str) -> None:
    other = ann.get(f"{session}/start?set.LD_PRELOAD=x")
    unknown = ann.get(f"{session}/start?set.SCALE=2")
    sent = ann.submit(f"{session}/start", **{"set.SCALE": "2"})

    assert [answer.status_code for answer in (other, unknown, sent)] == [422, 422, 422]
    assert "Chart has no variable SCALE, so that it cannot be set at a start; it has: AREA." in _shown(
        unknown.text
    )


def test_a_paused_session_starts_anew_with_the_variables(ann: Person, session: str, site: Site) -> None:
    run = ann.started(session)
    site.report(run, ready(site.address(run)))
    ann.paused(session, run)

    plain = _shown(ann.get(f"{session}/start").text)
    text = _shown(ann.get(f"{session}/start?set.AREA=andes").text)

    assert "Resume session" in plain
    assert "It starts anew with these variables; what is in /work is kept." in text
    assert 'name="anew" value="on"' in text


@pytest.mark.browser
def test_the_page_of_a_launch_link_is_for_everybody(page: Page, session: str) -> None:
    page.goto(f"{session}/start?set.AREA=andes")
    assert not complaints(page)
    page.get_by_role("button", name="Start session").click()
    page.wait_for_url("**/runs/*")
