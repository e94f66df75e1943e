"""The catalogue of environments in a browser: by keyboard, without a script, readable by everyone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.pages.catalogue import image, made
from tests.pages.conftest import Person, Site
from tests.pages.reading import complaints

pytestmark = pytest.mark.browser

OTHER = f"registry.test/code@sha256:{'b' * 64}"
LONG = "quantile_mapping_ensemble_postprocessing_environment_with_a_name_that_nobody_would_ever_type_again"


def _opened(chromium: Browser, site: Site, person: Person, *, script: bool) -> BrowserContext:
    context = chromium.new_context(
        base_url=site.url, viewport={"width": 1280, "height": 900}, java_script_enabled=script
    )
    context.add_cookies([{"name": "sojourn-login", "value": person.cookie, "url": site.url}])
    return context


@pytest.fixture
def browser_page(chromium: Browser, cluster_site: Site, root: Person) -> Iterator[Page]:
    """The browser of a platform admin. What a page says on the console as an error fails the test."""
    context = _opened(chromium, cluster_site, root, script=True)
    page = context.new_page()
    errors: list[str] = []
    page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
    yield page
    context.close()
    # A form that is refused answers 409 or 422, which Chromium calls an error of the page.
    assert [error for error in errors if "status of 4" not in error] == []


@pytest.mark.parametrize(("scheme", "width"), [("light", 360), ("dark", 1280)])
def test_every_page_of_the_catalogue_can_be_read_by_everyone(
    browser_page: Page, root: Person, scheme: Literal["light", "dark"], width: int
) -> None:
    path = made(root, LONG, keywords="a-keyword-that-is-as-long-as-any-can-be", visibility="everyone")
    root.submit(f"{path}/versions/add", **image(image=OTHER, port="9000", default_url="/lab"))
    old = made(root, f"Old {width}")
    archived = {"archived": "on", "successor": path.rsplit("/", 1)[1]}
    assert root.submit(f"{old}/edit", name="Old", visibility="private", **archived).status_code == 303
    own = root.project(LONG)
    session = root.session(own, path.rsplit("/", 1)[1])
    root.submit(f"{session}/version", version="1")
    browser_page.emulate_media(color_scheme=scheme)
    browser_page.set_viewport_size({"width": width, "height": 900})
    found = {}
    for address in (
        "/environments",
        "/environments?q=nothing-like-that&mine=true",
        "/environments?archived=true",
        "/environments/add",
        path,
        old,
        *(f"{path}/{part}" for part in ("versions/1", "versions/1...2", "versions/add", "edit", "delete")),
        own,
        f"{own}/sessions/add?q=quantile",
        f"{own}/sessions/add/image",
        f"{session}/configure",
    ):
        browser_page.goto(address)
        found[address] = complaints(browser_page)
    browser_page.goto("/environments/add")
    browser_page.get_by_role("button", name="Add environment").click()
    found["refused"] = complaints(browser_page)
    browser_page.goto(path)
    browser_page.get_by_role("button", name="Add to project").click()
    found["menu"] = complaints(browser_page)

    assert {address: wrong for address, wrong in found.items() if wrong} == {}


@pytest.mark.parametrize("script", [True, False], ids=["with-a-script", "without-a-script"])
def test_an_environment_is_made_found_and_added_to_a_project(
    chromium: Browser, cluster_site: Site, cleo: Person, *, script: bool
) -> None:
    name = f"Borehole {'with' if script else 'without'}"
    project = cleo.project(f"{name} logs")
    context = _opened(chromium, cluster_site, cleo, script=script)
    page = context.new_page()
    page.goto("/environments")
    page.get_by_role("link", name="Add environment").click()
    expect(page.get_by_label("Requirements")).to_be_hidden()
    page.get_by_role("textbox", name="Image").fill(OTHER)
    page.get_by_label("Front end").fill("Viewer")
    page.get_by_role("textbox", name="Name").fill(name)
    page.get_by_role("button", name="Add environment").click()
    expect(page.get_by_role("alert")).to_contain_text("Port: This is empty and has to be filled in.")
    expect(page.get_by_role("textbox", name="Image")).to_have_value(OTHER)
    page.get_by_label("Port").fill("8080")
    page.get_by_role("button", name="Add environment").click()
    expect(page.get_by_role("heading", level=1, name=name)).to_be_visible()

    page.goto("/environments")
    page.get_by_role("searchbox", name="Search environments").fill(name)
    page.get_by_role("button", name="Search").click()
    page.get_by_role("button", name=f"Make {name} a favourite of yours").click()
    expect(page.get_by_role("button", name=f"{name} is a favourite of yours")).to_be_visible()
    page.get_by_role("link", name=name, exact=True).click()
    page.get_by_role("button", name="Add to project").click()
    page.get_by_role("button", name=f"{name} logs").click()

    page.wait_for_url(f"**{project}#session-*")
    expect(page.get_by_role("article", name=name)).to_be_visible()
    context.close()


def test_a_new_version_is_taken_and_given_back_with_one_press_each(browser_page: Page, root: Person) -> None:
    path = made(root, "Firn")
    project = root.project("Firn densities")
    root.session(project, path.rsplit("/", 1)[1])
    root.submit(f"{path}/versions/add", **image(image=OTHER))
    browser_page.goto(project)
    card = browser_page.get_by_role("article", name="Firn")
    expect(card.get_by_text("Version 2 is there.")).to_be_visible()
    expect(card.get_by_text("v1")).to_be_visible()

    card.get_by_role("button", name="Update to 2").click()
    expect(card.get_by_text("v2")).to_be_visible()
    expect(card.get_by_text("Version 2 is there.")).to_be_hidden()

    card.get_by_role("button", name="More for Firn").click()
    browser_page.get_by_role("button", name="Back to 1").click()
    expect(card.get_by_text("v1")).to_be_visible()


def test_an_environment_is_put_away_by_keyboard(browser_page: Page, root: Person) -> None:
    path = made(root, "Moraine")
    browser_page.goto(path)
    browser_page.get_by_role("button", name="More for Moraine").focus()
    browser_page.keyboard.press("Enter")
    archive = browser_page.get_by_role("link", name="Archive")
    expect(archive).to_be_visible()
    archive.focus()
    browser_page.keyboard.press("Enter")

    browser_page.get_by_role("checkbox", name="Archived").focus()
    browser_page.keyboard.press("Space")
    browser_page.get_by_label("What to use instead").focus()
    browser_page.keyboard.type("code")
    browser_page.keyboard.press("Enter")

    expect(browser_page.get_by_role("heading", name="Archived since")).to_be_visible()
    expect(browser_page.get_by_role("link", name="Use VS Code")).to_be_visible()


def test_an_environment_is_searched_for_and_added_by_keyboard(browser_page: Page, root: Person) -> None:
    made(root, "Bergschrund", description="Where the glacier leaves the rock.")
    made(root, "Bergschrund of old")
    browser_page.goto(root.project("Glacier edges"))
    browser_page.get_by_role("searchbox", name="Search environments").focus()
    browser_page.keyboard.type("bergsch rock")
    browser_page.keyboard.press("Enter")

    browser_page.wait_for_url("**/projects/glacier-edges/sessions/add?q=bergsch+rock")
    expect(browser_page.get_by_role("heading", level=3)).to_have_text(["Bergschrund"])
    browser_page.get_by_role("link", name="Bergschrund").focus()
    for _ in range(3):  # resources, Add and start, Add
        browser_page.keyboard.press("Tab")
    expect(browser_page.get_by_role("button", name="Add Bergschrund", exact=True)).to_be_focused()
    browser_page.keyboard.press("Enter")

    browser_page.wait_for_url("**/projects/glacier-edges#session-bergschrund")
    expect(browser_page.get_by_role("article", name="Bergschrund")).to_be_visible()


@pytest.mark.parametrize(("scheme", "width"), [("light", 360), ("dark", 1280)])
def test_a_chosen_file_is_read_into_the_form(
    chromium: Browser, site: Site, ann: Person, *, scheme: Literal["light", "dark"], width: int
) -> None:
    context = _opened(chromium, site, ann, script=True)
    page = context.new_page()
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    page.goto("/environments/add")
    page.get_by_label("Choose a file").set_input_files(
        {
            "name": "requirements.txt",
            "mimeType": "text/plain",
            "buffer": b"jupyterhub==6.1.1\njupyterlab==4.5.0\n",
        }
    )
    expect(page.get_by_label("Requirements")).to_have_value("jupyterhub==6.1.1\njupyterlab==4.5.0\n")
    page.get_by_role("button", name="Read the file and pin it").click()

    expect(page.get_by_role("heading", name="Read requirements.txt: 2 packages, pinned")).to_be_visible()
    page.get_by_label("Choose uv.lock").set_input_files(
        {"name": "uv.lock", "mimeType": "text/plain", "buffer": b"version = 1"}
    )
    expect(page.locator("#lock")).to_have_value("version = 1")
    assert complaints(page) == []
    context.close()
