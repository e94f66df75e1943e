"""Forms of an installation on a cluster, in a browser."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.pages.conftest import Person, Site
from tests.pages.reading import complaints

pytestmark = pytest.mark.browser


def _opened(chromium: Browser, site: Site, person: Person, *, script: bool) -> BrowserContext:
    context = chromium.new_context(
        base_url=site.url, viewport={"width": 1280, "height": 800}, java_script_enabled=script
    )
    context.add_cookies([{"name": "sojourn-login", "value": person.cookie, "url": site.url}])
    return context


@pytest.fixture
def admin(chromium: Browser, cluster_site: Site, root: Person) -> Iterator[Page]:
    """The browser of a platform admin, who may add every kind of storage."""
    context = _opened(chromium, cluster_site, root, script=True)
    yield context.new_page()
    context.close()


@pytest.fixture
def own(root: Person, request: pytest.FixtureRequest) -> str:
    """A project of the admin's."""
    return root.project(request.node.name[:60])


@pytest.mark.parametrize(("scheme", "width"), [("light", 360), ("dark", 1280)])
def test_every_form_of_a_cluster_can_be_read_by_everyone(
    admin: Page, root: Person, own: str, scheme: Literal["light", "dark"], width: int
) -> None:
    session = root.session(own, "code")
    for way, fields in {
        "volume": {"size_gib": "5", "name": "Results"},
        "csi": {"driver": "s3.example.org", "attributes": "bucket=tiles", "name": "Tiles"},
        "files": {"file-1-name": "a.ini", "file-1-text": "[a]", "name": "Config"},
    }.items():
        assert root.submit(f"{own}/storages/add", way=way, **fields).status_code == 303
    admin.emulate_media(color_scheme=scheme)
    admin.set_viewport_size({"width": width, "height": 800})
    pages = (
        *(f"{own}/storages/{part}" for part in ("add", "Results/edit", "Tiles/edit", "Config/edit")),
        f"{own}/storages/Results/remove",
        own,
        f"{own}/sessions/add",
        f"{session}/configure",
        "/environments/code",
    )
    found = {}
    for address in pages:
        admin.goto(address)
        found[address] = complaints(admin)
    admin.goto(pages[0])
    for label in ("New volume", "Existing volume", "NFS", "CSI driver", "Small files"):
        admin.get_by_role("radio", name=label).check()
        admin.get_by_role("button", name="Add storage").click()
        found[label] = complaints(admin)

    assert {address: wrong for address, wrong in found.items() if wrong} == {}


@pytest.mark.parametrize("script", [True, False], ids=["with-a-script", "without-a-script"])
def test_the_form_shows_the_fields_of_the_kind_that_is_chosen(
    chromium: Browser, cluster_site: Site, root: Person, own: str, *, script: bool
) -> None:
    context = _opened(chromium, cluster_site, root, script=script)
    page = context.new_page()
    page.goto(f"{own}/storages/add")
    expect(page.get_by_label("Size, GiB")).to_be_visible()
    expect(page.get_by_label("NFS server")).to_be_hidden()

    page.get_by_role("radio", name="NFS").check()
    expect(page.get_by_label("Size, GiB")).to_be_hidden()
    page.get_by_role("textbox", name="NFS server").fill("nfs.example.org")
    page.get_by_role("textbox", name="Directory").fill("/exports/archive")
    page.get_by_role("button", name="Add storage").click()

    page.wait_for_url(f"**{own}")
    expect(page.get_by_text("nfs.example.org:/exports/archive")).to_be_visible()
    context.close()


def test_numbers_are_asked_for_where_no_class_is_chosen(admin: Page, root: Person, own: str) -> None:
    admin.goto(f"{root.session(own, 'code')}/configure")
    expect(admin.get_by_role("radio", name="Small")).to_be_checked()
    expect(admin.locator("#memory_gib")).to_be_hidden()

    admin.get_by_role("radio", name="Of no class").check()

    expect(admin.locator("#memory_gib")).to_be_visible()
