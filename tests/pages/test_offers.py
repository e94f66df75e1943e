"""Pages on which platform admins make resource classes and pools."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from typing import Literal

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.pages.conftest import Person, Site, site_with_pools
from tests.pages.reading import complaints

pytestmark = pytest.mark.slow

Scheme = Literal["light", "dark"]
CLASSES = "- {slug: small, name: Small, cpus: 1, memoryGib: 1, default: true}\n"
POOLS = "- {slug: desk, name: Desk, classes: [small], perPerson: {cpus: 4}}\n"
LONG = "A very long name of a class for trainings of enormous models that nobody ever shortened at all"


@pytest.fixture
def offering(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """An API whose file has a class and a pool."""
    with site_with_pools(tmp_path_factory.mktemp("offering"), CLASSES, POOLS) as running:
        yield running


@pytest.fixture
def boss(offering: Site) -> Iterator[Person]:
    with offering.person("root") as person:
        yield person


@pytest.fixture
def dora(offering: Site) -> Iterator[Person]:
    with offering.person("dora") as person:
        yield person


def opened(chromium: Browser, site: Site, person: Person, **how: object) -> BrowserContext:
    context = chromium.new_context(base_url=site.url, **how)  # type: ignore[arg-type] - as given
    context.add_cookies([{"name": "sojourn-login", "value": person.cookie, "url": site.url}])
    return context


def words(text: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", text.replace("<wbr>", ""))).split())


def made(boss: Person, name: str = "Large", **fields: str) -> None:
    answer = boss.submit(
        "/admin/resource-classes/add", **{"name": name, "cpus": "4", "memory_gib": "8", **fields}
    )
    assert answer.status_code == 303, answer.text


def pooled(boss: Person, **fields: str | list[str]) -> None:
    answer = boss.submit("/admin/resource-pools/add", **{"name": "Halls", "classes": ["large"], **fields})
    assert answer.status_code == 303, answer.text


def test_what_comes_from_the_file_says_so_and_is_not_edited(boss: Person) -> None:
    text = boss.get("/admin/resources").text
    assert words(text).count("From the file") == 2
    assert "/admin/resource-classes/small/edit" not in text

    refused = boss.get("/admin/resource-classes/small/edit")
    assert refused.status_code == 409
    assert "The class Small comes from the installation's file." in words(refused.text)
    assert "Helm values" in refused.text


def test_what_is_refused_keeps_what_was_typed_and_names_the_field(boss: Person) -> None:
    refused = boss.submit(
        "/admin/resource-classes/add",
        name="Training",
        cpus="many",
        memory_gib="8",
        gpus="1",
        tolerations="- {key: a",
    )
    assert refused.status_code == 422
    assert "This is not YAML" in refused.text
    refused = boss.submit(
        "/admin/resource-classes/add", name="Training", cpus="many", memory_gib="8", gpus="1", affinity="a: 1"
    )
    assert 'href="#cpus">CPUs</a>: many is not a number' in refused.text
    assert 'href="#gpu_resource"' in refused.text
    assert 'value="many"' in refused.text
    assert ">a: 1</textarea>" in refused.text

    made(boss)
    refused = boss.submit(
        "/admin/resource-pools/add", **{"name": "Halls", "classes": "large", "quota-cpus": "1"}
    )
    assert (
        'href="#quota-cpus">All together: CPUs</a>: A session of the class large takes 4 CPUs' in refused.text
    )
    assert re.search(r'value="large" checked', refused.text)


def test_an_edit_that_came_second_is_told_and_keeps_what_was_typed(boss: Person) -> None:
    made(boss)
    form = {"name": "Large", "memory_gib": "8", "revision": "1"}
    assert boss.submit("/admin/resource-classes/large/edit", **form, cpus="6").status_code == 303
    second = boss.submit("/admin/resource-classes/large/edit", **form, cpus="7")
    assert second.status_code == 412
    assert "Large was changed since you opened it." in second.text
    assert 'value="7"' in second.text


def test_all_that_a_class_says_survives_its_form(boss: Person) -> None:
    fields = {
        "disk_gib": "100",
        "gpus": "1",
        "gpu_resource": "example.org/gpu",
        "node_selector": "pool=gpu",
        "tolerations": "- {key: gpu, operator: Exists}",
        "affinity": "nodeAffinity: {}",
        "priority_class": "urgent",
    }
    made(boss, **fields)
    before = boss.get("/api/v1/admin/resource-classes/large").json()
    page = boss.get("/admin/resource-classes/large/edit").text
    typed = dict(re.findall(r'<input id="(\w+)" name="\w+" type="text" value="([^"]*)"', page))
    typed |= dict(re.findall(r'<textarea id="(\w+)"[^>]*>([^<]*)</textarea>', page))

    assert boss.submit("/admin/resource-classes/large/edit", **typed).status_code == 303

    assert boss.get("/api/v1/admin/resource-classes/large").json() == before
    assert before["tolerations"] == [{"key": "gpu", "operator": "Exists"}]
    assert (before["affinity"], before["disk_gib"]) == ({"nodeAffinity": {}}, 100)


def test_more_taken_than_the_quota_gives_is_said_as_long_as_it_is_so(boss: Person, dora: Person) -> None:
    made(boss)
    pooled(boss, **{"quota-sessions": "2"})
    project = dora.project("Terrain")
    for environment in ("minimal", "python"):
        dora.submit(f"{project}/sessions/add", environment=environment, resource_class="large", then="stay")
        dora.submit(f"{project}/sessions/{environment}/start")

    changed = boss.submit(
        "/admin/resource-pools/halls/edit", **{"name": "Halls", "classes": "large", "quota-sessions": "1"}
    )

    assert changed.status_code == 303
    shown = words(boss.get("/admin/resources").text)
    assert "2 of 1 session More is taken than the quota gives. Nothing that runs is ended;" in shown
    assert "Its classes are then limited by nothing" in boss.get("/admin/resource-pools/halls/withdraw").text


def test_what_is_withdrawn_is_offered_again_and_moved(boss: Person) -> None:
    made(boss)
    made(boss, "Wide")
    assert boss.submit("/admin/resource-classes/large/withdraw").status_code == 303
    assert "Withdrawn" in words(boss.get("/admin/resources").text)
    assert "4 CPU, 8 GiB Class nothing" in words(boss.get("/admin/resources").text)
    assert boss.submit("/admin/resource-classes/large/offer").status_code == 303
    assert boss.submit("/admin/resource-classes/large/move", to="1").status_code == 303
    text = boss.get("/admin/resources").text
    assert re.findall(r'<tr id="class-(\w+)">', text) == ["small", "large", "wide"]


@pytest.mark.browser
def test_a_class_and_a_pool_are_made_by_keyboard_without_a_script_and_a_session_starts(
    chromium: Browser, offering: Site, boss: Person, dora: Person
) -> None:
    narrow = {"width": 400, "height": 800}
    context = opened(chromium, offering, boss, viewport=narrow, java_script_enabled=False)
    page = context.new_page()
    page.goto("/admin/resources")
    page.get_by_role("link", name="Add class").press("Enter")
    page.get_by_label("Name", exact=True).focus()
    typed = (LONG, "long", "For training.", "2,5", "8", "", "", "")
    for text in typed:
        page.keyboard.type(text)
        page.keyboard.press("Tab")
    page.get_by_label("Default class").press("Space")
    page.get_by_label("Name", exact=True).press("Enter")
    expect(page.get_by_role("row", name=re.compile("A very long name"))).to_contain_text("Default")

    page.get_by_role("link", name="Add pool").press("Enter")
    page.get_by_label("Name", exact=True).fill("Halls")
    page.get_by_label(re.compile("A very long name")).press("Space")
    page.get_by_role("group", name="All together").get_by_label("Sessions").fill("1")
    page.get_by_role("group", name="All together").get_by_label("Sessions").press("Enter")
    expect(page.get_by_role("row", name=re.compile("^Halls"))).to_contain_text("0 of 1 session")
    context.close()

    project = dora.project("Terrain")
    dora.started(dora.session(project))
    assert "1 of 1 session" in words(boss.get("/admin/resources").text)


@pytest.mark.browser
def test_everyone_can_read_it(chromium: Browser, offering: Site, boss: Person) -> None:
    made(boss)
    made(boss, LONG, slug="long", default="on", description="For training.")
    made(boss, "Gone")
    boss.submit("/admin/resource-classes/gone/withdraw")
    pooled(boss, name=LONG.replace("class", "pool"), slug="halls", groups="people-of-a-very-long-group")
    looks: list[tuple[Scheme, int]] = [("light", 400), ("dark", 1280)]
    for scheme, width in looks:
        context = opened(
            chromium, offering, boss, color_scheme=scheme, viewport={"width": width, "height": 800}
        )
        page = context.new_page()
        for address in (
            "/admin/resources",
            "/admin/resource-classes/add",
            "/admin/resource-classes/long/edit",
            "/admin/resource-classes/long/withdraw",
            "/admin/resource-pools/add",
            "/admin/resource-pools/halls/edit",
            "/admin/resource-pools/halls/withdraw",
        ):
            page.goto(address)
            expect(page.get_by_role("heading", level=1)).to_be_visible()
            assert complaints(page) == [], address
        page.goto("/admin/resources")
        # Beyond the edge of a phone there are more tabs; the one that is shown is not.
        shown = page.get_by_role("navigation", name="Admin").get_by_role("link", name="Resources")
        expect(shown).to_be_in_viewport(ratio=0.9)
        page.goto("/admin/resource-classes/add")
        page.get_by_role("button", name="Add class").click()
        expect(page.get_by_role("alert")).to_be_visible()
        assert complaints(page) == []
        context.close()


@pytest.mark.browser
def test_the_page_of_admins_follows_what_runs_and_keeps_focus_and_what_is_typed(
    chromium: Browser, offering: Site, boss: Person, dora: Person
) -> None:
    project = dora.project("Terrain")
    sessions = [dora.session(project, environment) for environment in ("minimal", "python")]
    run = dora.started(sessions[0])
    context = opened(chromium, offering, boss)
    page: Page = context.new_page()
    page.goto("/admin?person=dora")
    menu = page.locator(f"#run-{run}").get_by_role("button", name="Actions for Minimal of dora")
    page.get_by_label("Node").fill("half of a na")

    second = dora.started(sessions[1])
    expect(page.locator(f"#run-{second}")).to_be_visible()
    expect(page.get_by_label("Node")).to_be_focused()
    expect(page.get_by_label("Node")).to_have_value("half of a na")
    expect(page.get_by_role("link", name="Sessions 2")).to_be_visible()

    menu.focus()
    assert dora.submit(f"{sessions[1]}/cancel").status_code == 303
    expect(page.locator(f"#run-{second}")).to_contain_text("being cancelled")
    expect(menu).to_be_focused()

    page.goto("/admin/resources")
    made(boss)
    expect(page.locator("#class-large")).to_be_visible()
    context.close()
