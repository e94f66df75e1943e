"""What the hub is told about the use of a session."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime

import aiohttp
import httpx
import pytest

from spawner.gate.frames import Frames
from tests.gate.conftest import Open
from tests.gate.sessions import Browser, Program, Session
from tests.served import until

pytestmark = pytest.mark.slow

Browse = Callable[..., Browser]


def last_activity(session: Session) -> str:
    model = session.model()
    assert model is not None
    return str(model["last_activity"])


@pytest.fixture
def busy(open_session: Open, shared_program: Program) -> Session:
    """A session whose gate reports five times a second."""
    session = open_session(shared_program, JUPYTERHUB_ACTIVITY_INTERVAL="0.2")
    session.wait_until_ready()
    return session


def settled(session: Session) -> str:
    """What the hub holds for the last activity once no report is on the way."""
    seen: list[str] = []

    def twice() -> str | None:
        seen.append(last_activity(session))
        return seen[-1] if len(seen) > 10 and len(set(seen[-10:])) == 1 else None

    return until(twice, "the hub hears nothing new", pause=0.1)


def test_a_request_is_reported_with_its_time(busy: Session) -> None:
    before = settled(busy)
    with busy.script("ann") as script:
        answered = script.get("x")
    reported = until(lambda: ((now := last_activity(busy)) != before and now) or None, "a report")
    at, sent = datetime.fromisoformat(reported), answered.elapsed.total_seconds()
    assert at > datetime.fromisoformat(before)
    assert sent < 10
    assert settled(busy) == reported


def test_looking_whether_it_is_up_is_no_use(busy: Session) -> None:
    before = settled(busy)
    for _ in range(5):
        assert busy.probe() == 200
    assert settled(busy) == before


def test_whoever_is_refused_does_not_use_it(busy: Session) -> None:
    before = settled(busy)
    with busy.script() as script:
        assert script.get("x", headers={"Accept": "application/json"}).status_code == 401
    assert settled(busy) == before


async def test_an_open_websocket_is_no_use_until_it_carries_data(busy: Session) -> None:
    headers = {"Authorization": f"token {busy.token('ann')}"}
    async with (
        aiohttp.ClientSession() as client,
        client.ws_connect(f"{busy.direct}{busy.prefix}ws", headers=headers) as socket,
    ):
        await socket.send_str("ping me")
        await socket.ping()
        opened = await asyncio.to_thread(settled, busy)
        await socket.ping()
        assert await asyncio.to_thread(settled, busy) == opened

        await socket.send_str("hello")
        assert await socket.receive_str() == "hello"
        assert await asyncio.to_thread(settled, busy) > opened


async def test_an_event_stream_is_no_use_while_it_only_says_that_it_is_there(busy: Session) -> None:
    headers = {"Authorization": f"token {busy.token('ann')}"}

    def program(text: str) -> None:
        # Past the gate: only the stream is to be seen.
        port = int(busy.gate.environ()["SOJOURN_APP_PORT"])
        assert httpx.post(f"http://127.0.0.1:{port}/next?of=use", content=text, trust_env=False).is_success

    async with (
        aiohttp.ClientSession(headers=headers) as client,
        client.get(f"{busy.direct}{busy.prefix}events?of=use") as stream,
    ):
        opened = await asyncio.to_thread(settled, busy)
        await asyncio.to_thread(program, ": still here\n\n")
        assert await stream.content.readany() == b": still here\n\n"
        assert await asyncio.to_thread(settled, busy) == opened
        await asyncio.to_thread(program, "data: news\n\n")
        assert await stream.content.readany() == b"data: news\n\n"
        assert await asyncio.to_thread(settled, busy) > opened


TEXT = b"\x81\x05hello"
MASKED = b"\x82\x85abcdhello"
LONG = b"\x82\x7e\x01\x00" + b"x" * 256
LONGER = b"\x82\x7f\x00\x00\x00\x00\x00\x01\x00\x00" + b"x" * 65536
PING, PONG, CLOSING = b"\x89\x02ab", b"\x8a\x80abcd", b"\x88\x02\x03\xe8"


@pytest.mark.parametrize("data", [TEXT, MASKED, LONG, LONGER, b"\x00\x01a"])
@pytest.mark.parametrize("step", [1, 7, 100_000])
def test_frames_of_data_are_found_among_others(data: bytes, step: int) -> None:
    frames = Frames()
    for quiet in (PING, PONG, CLOSING):
        assert not frames.carry_data(quiet)
    stream = PING + data + PONG
    found = [frames.carry_data(stream[at : at + step]) for at in range(0, len(stream), step)]
    assert any(found)
    assert not frames.carry_data(CLOSING)
