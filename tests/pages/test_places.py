"""Pages of starts that are refused by a limit, or wait for a place in a pool that is full."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.pages.conftest import Person, Site, ready, site_with_pools
from tests.pages.reading import complaints
from tests.served import until

pytestmark = pytest.mark.slow

CLASSES = """
- {slug: small, name: Small, cpus: 1, memoryGib: 1, default: true}
- {slug: large, name: Large, cpus: 4, memoryGib: 8}
"""
POOLS = """
- {slug: shared, name: Shared, classes: [small], quota: {sessions: 1}}
- {slug: own, name: Own, classes: [large], perPerson: {cpus: 4}}
"""


@pytest.fixture
def full(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """An API with a pool for one session, and one with a limit for each person."""
    with site_with_pools(tmp_path_factory.mktemp("full-site"), CLASSES, POOLS) as running:
        yield running


@pytest.fixture
def dora(full: Site) -> Iterator[Person]:
    with full.person("dora") as person:
        yield person


def added(person: Person, project: str, name: str, resource_class: str) -> str:
    """Adds a session of a class; what its addresses begin with."""
    answer = person.submit(
        f"{project}/sessions/add", environment=name, resource_class=resource_class, then="stay"
    )
    assert answer.status_code == 303, answer.text
    return f"{project}/sessions/{answer.headers['Location'].partition('#session-')[2]}"


def text(page: str) -> str:
    """A page's words."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", page.replace("<wbr>", ""))).strip()


def test_a_start_that_a_limit_refuses_names_what_holds_it_and_pauses_it(full: Site, dora: Person) -> None:
    project = dora.project("Terrain")
    holder = added(dora, project, "minimal", "large")
    run = dora.started(holder)
    full.report(run, ready(f"{full.address(run)}lab"))
    other = added(dora, project, "python", "large")

    refused = dora.submit(f"{other}/start")

    assert refused.status_code == 409
    assert "A limit is reached" in refused.text
    assert "Your session Minimal in Terrain uses 4 of your 4 CPUs in the pool Own." in text(refused.text)
    assert "Pause it to start this one." in refused.text
    assert f'action="{holder}/pause"' in refused.text
    dora.paused(holder, run)
    assert dora.submit(f"{other}/start").status_code == 303


def test_a_start_that_waits_says_where_it_is_until_it_is_let_in(full: Site, dora: Person) -> None:
    project = dora.project("Terrain")
    first, second = (added(dora, project, name, "small") for name in ("minimal", "python"))
    holder = dora.started(first)

    waiting = dora.submit(f"{second}/start").headers["Location"]

    shown = dora.get(waiting).text
    assert "Waiting for a place, position 1" in text(shown)
    assert "It is launched by itself when it has a place." in text(shown)
    assert "Do not wait" in shown
    assert "0 of 0" not in shown
    assert "waiting, position 1" in text(dora.get(project).text)

    full.report(holder, ready(f"{full.address(holder)}lab"))
    dora.paused(first, holder)
    run = waiting.removeprefix("/runs/")
    until(lambda: dora.phase(run) == "launching" or None, "the launch of what waited")
    assert "Waiting for a place" not in dora.get(waiting).text


def test_who_does_not_want_to_wait_gives_the_place_up(dora: Person) -> None:
    project = dora.project("Terrain")
    first, second = (added(dora, project, name, "small") for name in ("minimal", "python"))
    dora.started(first)
    run = dora.submit(f"{second}/start").headers["Location"].removeprefix("/runs/")

    assert dora.submit(f"{second}/cancel").status_code == 303

    until(lambda: dora.phase(run) == "stopped" or None, "the end of what waited")


def test_a_resume_that_became_larger_than_a_limit_says_so_on_card_and_page(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = tmp_path_factory.mktemp("lowered-site")
    classes = CLASSES.replace(", default: true", "").replace("name: Large", "name: Large, default: true")
    pool = "- {slug: own, name: Own, classes: [small, large], quota: {cpus: 4}}"
    with site_with_pools(folder, classes, pool) as site, site.person("dora") as dora:
        session = added(dora, dora.project("Terrain"), "minimal", "large")
        run = dora.started(session)
        address = site.address(run)
        site.report(run, ready(f"{address}lab"))
        dora.paused(session, run)
        with site.person("erin") as erin:
            erin.started(added(erin, erin.project("Rivers"), "minimal", "small"))
        waiting = dora.submit(f"{session}/start").headers["Location"]
        assert "Waiting for a place, position 1" in text(dora.get(waiting).text)

        site.kill()
        (folder / "classes.yaml").write_text(CLASSES.splitlines()[1])
        (folder / "pools.yaml").write_text(pool.replace(", large", "").replace("4", "2"))
        site.start()

        said = "It was not resumed: it takes 4 CPUs, and the pool Own has 2 CPUs by now."
        until(lambda: said in text(dora.get(waiting).text) or None, "the resume is taken back")
        project = session.partition("/sessions/")[0]
        for page in (waiting, project, address):
            shown = dora.get(page).text
            assert said in text(shown), page
            assert "ask an administrator to raise the limit" in text(shown)
            assert f'href="{session}/configure"' in shown


@pytest.mark.browser
def test_the_page_of_what_waits_goes_on_by_itself(full: Site, dora: Person, chromium: Browser) -> None:
    project = dora.project("Terrain")
    first, second = (added(dora, project, name, "small") for name in ("minimal", "python"))
    holder = dora.started(first)
    full.report(holder, ready(f"{full.address(holder)}lab"))
    waiting = dora.submit(f"{second}/start").headers["Location"]
    context = chromium.new_context(base_url=full.url, viewport={"width": 400, "height": 800})
    context.add_cookies([{"name": "sojourn-login", "value": dora.cookie, "url": full.url}])
    page: Page = context.new_page()

    page.goto(waiting)
    expect(page.get_by_text("Waiting for a place, position 1")).to_be_visible()
    assert complaints(page) == []
    page.goto(project)
    assert complaints(page) == []

    page.goto(waiting)
    dora.paused(first, holder)
    expect(page.get_by_text("Waiting for a place")).to_be_hidden()
    expect(page.get_by_role("button", name="Cancel launch")).to_be_visible()
    context.close()


@pytest.mark.browser
def test_a_refusal_by_a_limit_is_answered_without_a_script(
    full: Site, dora: Person, chromium: Browser
) -> None:
    project = dora.project("Terrain")
    holder = added(dora, project, "minimal", "large")
    run = dora.started(holder)
    full.report(run, ready(f"{full.address(run)}lab"))
    added(dora, project, "python", "large")
    context = chromium.new_context(
        base_url=full.url, viewport={"width": 400, "height": 800}, java_script_enabled=False
    )
    context.add_cookies([{"name": "sojourn-login", "value": dora.cookie, "url": full.url}])
    page = context.new_page()
    page.goto(project)

    page.get_by_role("article", name="Python").get_by_role("button", name="Start").click()
    page.get_by_role("button", name="Pause Minimal").click()

    until(lambda: dora.phase(run) == "paused" or None, "the pause")
    context.close()


def test_what_is_free_is_shown_before_the_start(full: Site, dora: Person) -> None:
    project = dora.project("Terrain")
    first, _ = (added(dora, project, name, "small") for name in ("minimal", "python"))
    for page in (project, f"{first}/configure", f"{project}/sessions/add"):
        assert "1 of 1 session free in the pool Shared" in text(dora.get(page).text)
    assert "4 of 4 CPUs left to you" in text(dora.get(f"{project}/sessions/add").text)

    dora.started(first)

    for page in (project, f"{first}/configure", f"{project}/sessions/add"):
        assert "0 of 1 session free in the pool Shared" in text(dora.get(page).text)


def test_where_there_are_pools_a_session_cannot_be_given_numbers_of_its_own(dora: Person) -> None:
    project = dora.project("Terrain")
    session = added(dora, project, "minimal", "small")

    shown = dora.get(f"{session}/configure").text

    assert "Of no class" not in shown
    assert 'name="cpus"' not in shown
