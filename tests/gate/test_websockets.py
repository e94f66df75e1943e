"""WebSockets through the gate."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import pytest

from tests.gate.conftest import Open
from tests.gate.sessions import ORIGIN, Browser, Program, Session


@pytest.fixture
async def client() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as client:
        yield client


def address(session: Session) -> str:
    return f"{session.direct}{session.prefix}ws"


def of_browser(browser: Browser, **headers: str) -> dict[str, str]:
    """What a browser sends when a page opens a WebSocket."""
    return {"Cookie": browser.cookie_header(), "Host": "sojourn.test", "Origin": ORIGIN, **headers}


@pytest.mark.parametrize("size", [0, 1, 125, 126, 65535, 65536, 5_000_000])
async def test_messages_come_back(client: aiohttp.ClientSession, stripped: Session, size: int) -> None:
    headers = {"Authorization": f"token {stripped.token('ann')}"}
    async with client.ws_connect(address(stripped), headers=headers, max_msg_size=0) as socket:
        for _ in range(3):
            await socket.send_bytes(b"x" * size)
            assert await socket.receive_bytes() == b"x" * size


async def test_a_page_of_the_session_opens_one(client: aiohttp.ClientSession, ann: Browser) -> None:
    headers = of_browser(ann, **{"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "websocket"})
    async with client.ws_connect(address(ann.session), headers=headers, protocols=("echo",)) as socket:
        await socket.send_str("hello")
        assert await socket.receive_str() == "hello"
        assert socket.protocol == "echo"


async def test_it_works_where_the_prefix_is_kept(client: aiohttp.ClientSession, kept: Session) -> None:
    headers = {"Authorization": f"token {kept.token('ann')}"}
    async with client.ws_connect(address(kept), headers=headers) as socket:
        await socket.send_str("hello")
        assert await socket.receive_str() == "hello"


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.test"},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "websocket", "Origin": "https://evil.test"},
        {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "websocket"},
    ],
)
async def test_a_page_of_another_site_opens_none(
    client: aiohttp.ClientSession, ann: Browser, headers: dict[str, str]
) -> None:
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await client.ws_connect(address(ann.session), headers=of_browser(ann, **headers))
    assert refused.value.status == 403


async def test_nobody_opens_one_without_a_login(client: aiohttp.ClientSession, stripped: Session) -> None:
    for query in ("", f"?token={stripped.token('ann')}"):
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await client.ws_connect(address(stripped) + query)
        assert refused.value.status in {401, 403}


async def test_a_program_that_takes_no_websocket_says_so_itself(
    client: aiohttp.ClientSession, stripped: Session
) -> None:
    headers = {"Authorization": f"token {stripped.token('ann')}"}
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await client.ws_connect(f"{stripped.direct}{stripped.prefix}nothing", headers=headers)
    assert refused.value.status == 204


async def test_a_closing_comes_through(client: aiohttp.ClientSession, stripped: Session) -> None:
    headers = {"Authorization": f"token {stripped.token('ann')}"}
    async with client.ws_connect(address(stripped), headers=headers) as socket:
        await socket.send_str("close me")
        assert (await socket.receive()).type is aiohttp.WSMsgType.CLOSE
        assert socket.close_code == 4001


async def test_an_end_of_the_program_ends_its_websockets(
    client: aiohttp.ClientSession, open_session: Open, program: Program
) -> None:
    program.start()
    session = open_session(program)
    await asyncio.to_thread(session.wait_until_ready)
    headers = {"Authorization": f"token {session.token('ann')}"}
    async with client.ws_connect(address(session), headers=headers) as socket:
        program.end()
        assert (await socket.receive()).type is aiohttp.WSMsgType.CLOSED
