"""What people are told while the hub or the database is away, and what they can do meanwhile."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from sessions_api.people.viewer import Viewer
from tests.truth.installation import Installation

pytestmark = pytest.mark.postgres

MINUTE = 65.0
"""Longer than what the hub said of a person is believed."""
TOLD_WITHIN = 30.0
"""Seconds after which nobody waits any more for a database that hangs."""


class Browser:
    """Ann's, logged in at one replica."""

    def __init__(self, url: str, cookie: str, csrf: str) -> None:
        self.http = httpx.AsyncClient(
            base_url=url,
            cookies={"sojourn-login": cookie},
            headers={"X-CSRF-Token": csrf},
            limits=httpx.Limits(max_connections=None),
            timeout=60,
            trust_env=False,
        )

    @classmethod
    async def of(cls, installation: Installation) -> Browser:
        replica = installation.replicas[0]
        logins = replica.app.state.logins
        cookie = await replica.within(logins.create(Viewer("ann")))
        viewer = await replica.within(logins.by_cookie(cookie))
        return cls(replica.url, cookie, viewer.csrf)

    async def page(self, path: str) -> httpx.Response:
        return await self.http.get(path, headers={"Accept": "text/html"})

    async def done(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        answer = await self.http.request(method, f"/api/v1{path}", json=body)
        assert answer.is_success, answer.text
        return dict(answer.json())


def test_while_the_hub_is_gone_pages_and_configuration_work_and_starts_wait(replicated: Installation) -> None:
    async def story() -> None:
        session = await replicated.new_session("ann")
        browser = await Browser.of(replicated)
        await replicated.hub.kill()
        await asyncio.sleep(MINUTE)

        run = await browser.done("POST", f"{session}/start")
        await browser.done("PATCH", session, {"memory_gib": 3})
        await asyncio.sleep(3)

        assert (await browser.page(session.partition("/sessions/")[0])).status_code == 200
        launch = await browser.page(run["page"])
        assert launch.text.count("JupyterHub does not answer.") == 1
        assert (await browser.done("GET", f"/runs/{run['id']}"))["status"] == "launching"

        await replicated.hub.start()

        async def runs() -> bool:
            return bool((await browser.done("GET", f"/runs/{run['id']}"))["phase"] == "running")

        await replicated.until(runs, "it runs", seconds=15)
        await browser.http.aclose()

    replicated.loop.do(story())


def test_while_the_database_is_gone_pages_and_programs_are_told_so(replicated: Installation) -> None:
    async def story() -> None:
        session = await replicated.new_session("ann")
        browser = await Browser.of(replicated)
        for replica in replicated.replicas:
            assert replica.relay is not None
            await replica.relay.go()

        page = await browser.page(session.partition("/sessions/")[0])
        answer = await browser.http.get(f"/api/v1{session}")

        assert page.status_code == answer.status_code == 503
        assert "The database does not answer." in page.text
        assert answer.json()["code"] == "database_away"

        for replica in replicated.replicas:
            assert replica.relay is not None
            await replica.relay.come()
        assert (await browser.http.get(f"/api/v1{session}")).status_code == 200
        await browser.http.aclose()

    replicated.loop.do(story())


def test_while_the_database_hangs_requests_end_and_everything_goes_on_after(replicated: Installation) -> None:
    async def story() -> None:
        session = await replicated.new_session("ann")
        browser = await Browser.of(replicated)
        run = await browser.done("POST", f"{session}/start")

        async def is_in(phase: str) -> bool:
            return bool((await browser.done("GET", f"/runs/{run['id']}"))["phase"] == phase)

        await replicated.until(lambda: is_in("running"), "it runs")
        for replica in replicated.replicas:
            assert replica.relay is not None
            replica.relay.hang()
        began = replicated.loop.time()

        page, pause, *answers = await asyncio.gather(
            browser.page(session.partition("/sessions/")[0]),
            browser.http.post(f"/api/v1{session}/pause"),
            *(browser.http.get(f"/api/v1{session}") for _ in range(100)),
        )

        assert replicated.loop.time() - began < TOLD_WITHIN
        assert page.status_code == 503
        assert "The database does not answer." in page.text
        assert {(answer.status_code, answer.json()["code"]) for answer in (pause, *answers)} == {
            (503, "database_away")
        }
        await asyncio.sleep(MINUTE)
        for replica in replicated.replicas:
            assert replica.relay is not None
            replica.relay.go_on()
        await browser.done("POST", f"{session}/pause")
        await replicated.until(lambda: is_in("paused"), "it is paused", seconds=15)
        await browser.http.aclose()

    replicated.loop.do(story())
