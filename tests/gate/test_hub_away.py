"""A hub that is away for a while, and logins that end while a session is open."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from jupyterhub.services.auth import check_scopes

from spawner.gate import access
from spawner.gate import gate as gates
from spawner.gate import hub as hubs
from spawner.gate.access import is_granted
from spawner.gate.settings import Settings
from tests.gate.program import program
from tests.spawner.hub import free_port

PREFIX = "/user/ann/app/"
SCOPE = "access:servers!server=ann/app"


class SmallHub:
    """As much of a hub as a gate asks for; counts how often."""

    def __init__(self) -> None:
        self.asked = 0
        self.is_away = False
        self.knows_ann = True
        self.app = web.Application()
        self.app.router.add_get("/hub/api", self._greet)
        self.app.router.add_get("/hub/api/user", self._user)

    async def _greet(self, _: web.Request) -> web.Response:
        return web.json_response({"version": "6.1.1"}, headers={"X-JupyterHub-Version": "6.1.1"})

    async def _user(self, _: web.Request) -> web.Response:
        self.asked += 1
        if self.is_away:
            return web.Response(status=503)
        if not self.knows_ann:
            return web.Response(status=403)
        return web.json_response({"name": "ann", "scopes": [SCOPE]})


async def _listen(app: web.Application) -> tuple[web.AppRunner, int]:
    runner = web.AppRunner(app, shutdown_timeout=0)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", port := free_port())
    await site.start()
    return runner, port


@pytest.fixture
async def hub(tmp_path: Any) -> SmallHub:
    return SmallHub()


@pytest.fixture
async def session(hub: SmallHub, tmp_path: Any) -> AsyncIterator[aiohttp.ClientSession]:
    """A client of a gate in this process."""
    hub_runner, hub_port = await _listen(hub.app)
    app_runner, app_port = await _listen(program(str(tmp_path)))
    port = free_port()
    gate = gates.Gate(
        Settings.of({
            "JUPYTERHUB_SERVICE_URL": f"http://127.0.0.1:{port}{PREFIX}",
            "JUPYTERHUB_API_URL": f"http://127.0.0.1:{hub_port}/hub/api",
            "JUPYTERHUB_CLIENT_ID": "jupyterhub-user-ann-app",
            "JUPYTERHUB_API_TOKEN": "token-of-the-session",
            "JUPYTERHUB_OAUTH_ACCESS_SCOPES": f'["{SCOPE}"]',
            "SOJOURN_APP_PORT": str(app_port),
        })
    )  # fmt: skip
    server = await asyncio.get_running_loop().create_server(gate.connection, "127.0.0.1", port)
    background = asyncio.create_task(gate.background())
    base = f"http://127.0.0.1:{port}{PREFIX}"
    async with aiohttp.ClientSession(base, headers={"Authorization": "token of-ann-000"}) as client:
        while (await client.get("api")).status != 200:  # noqa: ASYNC110 - it is up within milliseconds
            await asyncio.sleep(0.01)
        yield client
    background.cancel()
    await gate.end(0)
    server.close()
    await app_runner.cleanup()
    await hub_runner.cleanup()


async def test_the_hub_is_asked_once_for_many_requests(hub: SmallHub, session: aiohttp.ClientSession) -> None:
    answers = await asyncio.gather(*(session.get(str(number)) for number in range(20)))
    assert {answer.status for answer in answers} == {200}
    assert hub.asked == 1


async def test_a_hub_that_is_started_again_is_waited_for(
    hub: SmallHub, session: aiohttp.ClientSession
) -> None:
    hub.is_away = True
    asked = asyncio.create_task(session.get("x"))
    while hub.asked < 2:  # noqa: ASYNC110 - the stand-in has no event
        await asyncio.sleep(0.01)
    hub.is_away = False
    assert (await asked).status == 200


async def test_a_hub_that_stays_away_is_told_of(
    hub: SmallHub, session: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hubs, "_PATIENCE_SECONDS", 0.1)
    hub.is_away = True
    answer = await session.get("x")
    assert answer.status == 503
    assert "JupyterHub does not answer" in await answer.text()
    hub.is_away = False
    assert (await session.get("x")).status == 200


async def test_a_login_that_ended_is_not_remembered_for_long(
    hub: SmallHub, session: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert access.REMEMBERED_SECONDS <= 60
    monkeypatch.setattr(access, "REMEMBERED_SECONDS", 0)
    assert (await session.get("x")).status == 200
    hub.knows_ann = False
    assert (await session.post("x")).status == 401


async def test_a_websocket_in_use_ends_with_the_login(
    hub: SmallHub, session: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(access, "REMEMBERED_SECONDS", 0)
    monkeypatch.setattr(gates, "REMEMBERED_SECONDS", 0)
    async with session.ws_connect("ws") as socket:
        await socket.send_str("hello")
        assert await socket.receive_str() == "hello"
        hub.knows_ann = False
        await socket.send_str("hello")
        while (message := await socket.receive()).type is aiohttp.WSMsgType.TEXT:
            await socket.send_str(message.data)
        assert socket.closed


HELD = (
    *("access:servers", "access:servers!server=ann/app", "access:servers!user=ann", "access:servers!user=an"),
    *("access:servers!server=ann/other", "access:servers!server=ann/", "access:servers!group=g", "self"),
    *("access:services", "read:users!user=ann", "access:servers!server=bob/app"),
)


@pytest.mark.filterwarnings("ignore:.*combinations of filters present")
@pytest.mark.parametrize("held", [*itertools.combinations(HELD, 1), *itertools.combinations(HELD, 2), ()])
def test_scopes_mean_what_they_mean_to_jupyterhub(held: tuple[str, ...]) -> None:
    for wanted in ({"access:servers!server=ann/app", "access:servers!user=ann"}, {SCOPE}, {"access:servers"}):
        assert is_granted(wanted, held) == bool(check_scopes(wanted, set(held)))
