"""What pages say of CPU and memory of what runs, and of /work that is kept, where a cluster can do both."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, expect

from sessions_api.kit.db import Database
from sessions_api.kit.events import Bus
from tests.api.held import stopped_and_kept
from tests.pages.able_cluster import able_cluster
from tests.pages.conftest import IMAGE, Person, Site, ready
from tests.pages.hub import StandInHub
from tests.pages.reading import complaints
from tests.served import until

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def able_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder: Path = tmp_path_factory.mktemp("able-site")
    (folder / "environments" / "code").mkdir(parents=True)
    (folder / "environments" / "code" / "environment.yaml").write_text(IMAGE)
    with (
        able_cluster(folder) as kubeconfig,
        StandInHub() as hub,
        Site(
            folder,
            hub,
            kubeconfig=kubeconfig,
            LAPTOP="false",
            ENVIRONMENTS_DIR=str(folder / "environments"),
            KUBERNETES_NAMESPACE="sessions",
            KEPT_DAYS="14",
        ) as running,
    ):
        yield running


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 400)])
def test_a_session_that_runs_is_resized_and_then_stopped_with_its_work_kept(
    chromium: Browser, able_site: Site, scheme: Literal["light", "dark"], width: int
) -> None:
    with able_site.person(f"dora-{scheme}") as dora:
        project = dora.project(f"Terrain {scheme}")
        session = dora.session(project, "code")
        _change(dora, session, cpus=2, memory_gib=4)
        run = dora.started(session)
        able_site.report(run, ready(able_site.address(run)))
        until(lambda: dora.phase(run) == "running" or None, "it runs")
        _change(dora, session, cpus=4, memory_gib=8)
        context = chromium.new_context(
            base_url=able_site.url, viewport={"width": width, "height": 900}, color_scheme=scheme
        )
        context.add_cookies([{"name": "sojourn-login", "value": dora.cookie, "url": able_site.url}])
        page = context.new_page()
        page.goto(project)
        expect(page.get_by_role("button", name="Apply now")).to_be_visible()
        found = complaints(page)

        page.get_by_role("button", name="Apply now").click()

        page.wait_for_url(f"**/runs/{run}")
        expect(page.get_by_text("Being resized to 4 CPU, 8 GiB. Kernels go on.")).to_be_visible()
        found += complaints(page)
        page.goto(f"{session}/stop")
        expect(page.get_by_text("A snapshot of /work, until")).to_be_visible()
        expect(page.get_by_role("button", name="Delete it now, for good")).to_be_visible()
        found += complaints(page)
        page.get_by_role("button", name="Stop, and keep a snapshot").click()
        page.goto(project)
        expect(page.get_by_text("/work is being kept before it is deleted.")).to_be_visible()
        found += complaints(page)

        page.goto(dora.submit(f"{session}/start").headers["Location"])
        following = page.get_by_text("The start goes on after that.")
        expect(following).to_be_visible()
        found += complaints(page)
        page.goto(project)
        expect(following).to_be_visible()
        found += complaints(page)
        context.close()

    assert found == []


def test_an_admin_who_stops_a_session_reads_that_its_work_is_kept(able_site: Site) -> None:
    with able_site.person("emil") as emil, able_site.person("root") as root:
        run = emil.started(emil.session(emil.project("Kept for Emil"), "code"))

        def shown() -> str | None:
            """What is asked once it is known that the cluster makes snapshots."""
            text = root.get(f"/admin/runs/{run}/stop").text.replace("<wbr>", "")
            return text if "A snapshot of /work for emil, until" in text else None

        asked = until(shown, "the page speaks of a snapshot")

    assert "Stop, and keep a snapshot" in asked
    assert "nowhere else" not in asked


def test_the_history_leads_to_where_what_is_kept_can_be_started_from(
    chromium: Browser, able_site: Site
) -> None:
    with able_site.person("nora") as nora:
        project = nora.project("History")
        session = nora.session(project, "code")
        run = nora.started(session)
        with ThreadPoolExecutor(1) as thread:
            thread.submit(asyncio.run, _kept(able_site, run)).result()
        context = chromium.new_context(base_url=able_site.url, viewport={"width": 400, "height": 900})
        context.add_cookies([{"name": "sojourn-login", "value": nora.cookie, "url": able_site.url}])
        page = context.new_page()
        page.goto(f"{project}/history")
        found = complaints(page)

        page.get_by_role("link", name="/work is kept until").click()

        expect(page.get_by_role("button", name="Start from it")).to_be_visible()
        context.close()
    assert found == []


async def _kept(site: Site, run: str) -> None:
    database = Database(site.database, Bus())
    await stopped_and_kept(database, run, timedelta(days=14))
    await database.close()


def _change(person: Person, session: str, **resources: float) -> None:
    path = f"/api/v1{session}"
    headers = {
        "If-Match": person.get(path).headers["ETag"],
        "X-CSRF-Token": str(person.filled()["csrf_token"]),
    }
    answer = person.patch(path, json={"resource_class": None, **resources}, headers=headers)
    assert answer.status_code == 200, answer.text
