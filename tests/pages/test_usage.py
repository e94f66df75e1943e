"""What a session uses, as its person sees it: drawn, said in words, and kept as peaks."""

from __future__ import annotations

from typing import Any, Literal

import httpx
import pytest
from playwright.sync_api import Browser, expect

from tests.pages.conftest import TOKEN, Person, Site, ready
from tests.pages.reading import complaints

Scheme = Literal["light", "dark"]
GIB = 1024**3


def used(site: Site, run: str, **amounts: Any) -> None:
    body = {"attempt": 1, "cpus": None, "memory_bytes": 0, "disk_bytes": None, **amounts}
    answer = httpx.post(
        f"{site.url}/internal/runs/{run}/usage", json=body, headers={"Authorization": f"token {TOKEN}"}
    )
    assert answer.status_code == 204, answer.text


@pytest.fixture
def run(site: Site, ann: Person, project: str) -> str:
    """A run of Ann's that runs, and uses something."""
    session = ann.session(project)
    fields = {"name": "Minimal", "version": "1", "cpus": "2", "memory_gib": "4"}
    assert ann.submit(f"{session}/configure", **fields).status_code == 303
    found = ann.started(session)
    site.report(found, ready(site.address(found)))
    used(site, found, memory_bytes=3 * GIB, cpus=1.5, disk_bytes=200 * 1024**2)
    used(site, found, memory_bytes=GIB, cpus=0.5, disk_bytes=200 * 1024**2)
    return found


def test_what_it_uses_is_drawn_and_said(ann: Person, run: str) -> None:
    shown = ann.get(f"/runs/{run}").text
    assert shown.count('<svg class="spark"') == 3
    assert "Memory in the last 1 min: now 1 GiB of 4 GiB, at most 3 GiB." in shown
    assert "now 0.5 CPU of 2 CPU, at most 1.5 CPU." in shown
    assert "now 200 MiB, at most 200 MiB." in shown
    assert shown.count('<line class="limit"') == 2


def test_the_peak_is_kept_in_the_history(ann: Person, run: str, project: str) -> None:
    ann.paused(f"{project}/sessions/minimal", run)
    after = ann.get(f"/runs/{run}").text
    assert '<svg class="spark"' not in after
    assert "3 GiB and 1.5 CPU" in after
    assert "3 GiB<br>1.5 CPU" in ann.get(f"{project}/history").text


def test_a_session_cannot_say_what_another_uses(site: Site, ann: Person, run: str) -> None:
    body = {"attempt": 1, "cpus": 1, "memory_bytes": 1, "disk_bytes": 1}
    assert ann.post(f"/internal/runs/{run}/usage", json=body).status_code == 401
    assert httpx.post(f"{site.url}/internal/runs/{run}/usage", json=body).status_code == 401


@pytest.mark.browser
@pytest.mark.parametrize("look", [("light", 400), ("dark", 1280)])
def test_everyone_can_read_it(
    chromium: Browser, site: Site, ann: Person, *, run: str, project: str, look: tuple[Scheme, int]
) -> None:
    used(site, run, memory_bytes=4 * GIB - 1, cpus=0.0)
    scheme, width = look
    context = chromium.new_context(
        base_url=site.url, color_scheme=scheme, viewport={"width": width, "height": 800}
    )
    context.add_cookies([{"name": "sojourn-login", "value": ann.cookie, "url": site.url}])
    opened = context.new_page()
    opened.goto(f"/runs/{run}")
    expect(opened.get_by_role("img", name="Memory in the last")).to_be_visible()
    assert complaints(opened) == []
    opened.goto(f"{project}/history")
    assert complaints(opened) == []
    context.close()
