"""A program that is not up yet, not any more, or not well; and a gate that ends."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import aiohttp
import httpx

from tests.gate.conftest import Open
from tests.gate.sessions import Browser, Program, Session, environment
from tests.served import until
from tests.spawner.hub import free_port

Browse = Callable[..., Browser]


def test_the_hub_waits_for_the_program_not_for_the_gate(open_session: Open, program: Program) -> None:
    session = open_session(program)
    until(lambda: session.probe() == 503 or None, "the gate answers")
    model = session.model()
    assert model is not None
    assert (model["ready"], model["pending"]) == (False, "spawn")
    program.start()
    session.wait_until_ready()
    assert session.probe() == 200


def test_people_see_that_it_starts_and_then_the_program(
    browse: Browse, open_session: Open, program: Program
) -> None:
    session = open_session(program)
    until(lambda: session.probe() or None, "the gate answers")
    anonymous, browser = browse(session), browse(session, "ann")
    assert "/hub/api/oauth2/authorize" in anonymous.get(session.prefix).headers["Location"]
    starting = browser.open("x")
    assert starting.status_code == 503
    assert '<meta http-equiv="refresh" content="1">' in starting.text
    program.start()
    session.wait_until_ready()
    assert browser.open("x").json()["path"] == "/x"


def test_a_program_that_answers_with_errors_is_not_up(open_session: Open, program: Program) -> None:
    program.start()
    # A query that asks for no number makes the program fail.
    session = open_session(program, SOJOURN_APP_READY="/download?parts=none")
    until(lambda: session.probe() == 503 or None, "the gate answers")
    asked_before = program_log(program)
    until(lambda: program_log(program) > asked_before + 2 or None, "the gate looks again")
    assert session.probe() == 503


def program_log(program: Program) -> int:
    """How often the program failed."""
    return program.log().count("ValueError")


def test_the_probe_tells_nothing_of_the_program(stripped: Session) -> None:
    answer = httpx.get(f"{stripped.direct}{stripped.prefix}api", trust_env=False)
    assert answer.text == "ready\n"
    assert answer.headers["X-JupyterHub-Version"]
    assert "Server" not in answer.headers


def test_below_the_probe_is_the_program(ann: Browser) -> None:
    assert ann.fetch("api/x").json()["path"] == "/api/x"
    assert ann.fetch("api", method="POST").json()["path"] == "/api"


def test_people_land_where_the_environment_says(
    browse: Browse, open_session: Open, shared_program: Program
) -> None:
    session = open_session(shared_program, JUPYTERHUB_DEFAULT_URL="/?folder=/work")
    session.wait_until_ready()
    browser = browse(session, "ann")
    assert browser.open().json()["path"] == "/?folder=/work"
    assert browser.open("x").json()["path"] == "/x"


def test_a_program_that_ended_is_told_of(browse: Browse, open_session: Open, program: Program) -> None:
    program.start()
    session = open_session(program)
    session.wait_until_ready()
    browser = browse(session, "ann")
    browser.open().raise_for_status()
    died = browser.fetch("die", method="POST")
    gone = browser.open()
    assert died.status_code == gone.status_code == 502
    assert "does not answer" in gone.text
    program.start()
    assert browser.open("x").json()["path"] == "/x"


def test_a_program_that_hangs_up_is_told_of(ann: Browser) -> None:
    assert ann.fetch("hang-up").status_code == 502
    assert ann.fetch("x").is_success


def test_an_answer_that_is_no_http_is_not_passed_on(ann: Browser) -> None:
    garbled = ann.fetch("garble")
    assert garbled.status_code == 502
    assert "not valid HTTP" in garbled.text


def test_the_standard_librarys_server_works_behind_it(
    browse: Browse, open_session: Open, tmp_path: Path
) -> None:
    """It speaks HTTP/1.0, ends every connection and redirects folders."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "file.txt").write_text("contents")
    port = free_port()
    command = (sys.executable, "-m", "http.server", str(port), "--bind", "127.0.0.1")
    program = Program(*command, port=port, folder=tmp_path)
    program.start()
    try:
        session = open_session(program)
        session.wait_until_ready()
        browser = browse(session, "ann")
        assert "file.txt" in browser.open("folder").text
        assert browser.open("folder/file.txt").text == "contents"
        assert browser.fetch("folder/file.txt", "HEAD").headers["Content-Length"] == "8"
    finally:
        program.end()


async def test_what_was_begun_is_finished_when_the_gate_ends(open_session: Open, program: Program) -> None:
    program.start()
    session = open_session(program)
    await asyncio.to_thread(session.wait_until_ready)
    await asyncio.to_thread(session.restart)
    headers = {"Authorization": f"token {session.token('ann')}"}
    async with aiohttp.ClientSession(session.direct + session.prefix, headers=headers) as client:
        async with client.get("x") as idle:
            assert idle.ok
        async with client.get("download?parts=800") as answer:
            ended = asyncio.create_task(asyncio.to_thread(session.end))
            assert len(await answer.read()) == int(answer.headers["Content-Length"])
            await ended


async def test_an_open_websocket_does_not_hold_up_the_end(open_session: Open, program: Program) -> None:
    program.start()
    session = open_session(program)
    await asyncio.to_thread(session.wait_until_ready)
    await asyncio.to_thread(session.restart)
    headers = {"Authorization": f"token {session.token('ann')}"}
    async with (
        aiohttp.ClientSession(session.direct + session.prefix, headers=headers) as client,
        client.ws_connect("ws") as socket,
    ):
        ended = asyncio.create_task(asyncio.to_thread(session.end, seconds=5))
        assert (await socket.receive()).type is aiohttp.WSMsgType.CLOSED
        await ended


def test_a_gate_that_cannot_know_what_to_do_says_why() -> None:
    variables = {
        **environment(),
        "JUPYTERHUB_SERVICE_URL": "http://127.0.0.1:1/user/a/",
        "JUPYTERHUB_CLIENT_ID": "jupyterhub-user-a",
        "SOJOURN_APP_PORT": "x",
    }
    ended = subprocess.run(
        [sys.executable, "-m", "spawner.gate"], env=variables, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 1
    assert ended.stderr == "ERROR SOJOURN_APP_PORT is 'x' and has to be a port, 1 to 65535.\n"
