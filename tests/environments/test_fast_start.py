"""A real hub, a real single-user server started the fast way, and a client that logs in as a browser does."""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from tornado.httpclient import HTTPRequest
from tornado.websocket import websocket_connect

from spawner.fast_start import command, start

REPOSITORY = Path(__file__).parents[2]
SESSION = "/user/ada/foo"
pytestmark = pytest.mark.slow


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


class OneOrigin(httpx.AsyncBaseTransport):
    """Sends each path to the process that answers for it, as the proxy would."""

    def __init__(self, hub: str, folder: Path) -> None:
        self._hub = hub
        self._folder = folder
        self._transport = httpx.AsyncHTTPTransport()

    def target(self, path: str) -> str:
        if not path.startswith(SESSION):
            return self._hub
        routes: dict[str, str] = json.loads((self._folder / "routes.json").read_text())
        return routes[f"{SESSION}/"]

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        request.url = request.url.copy_with(port=urlsplit(self.target(request.url.path)).port)
        return await self._transport.handle_async_request(request)

    async def aclose(self) -> None:
        await self._transport.aclose()


@dataclass
class Session:
    """Ada's browser, logged in, and her session's log and home."""

    browser: httpx.AsyncClient
    transport: OneOrigin
    folder: Path

    def xsrf(self) -> str:
        return next(
            cookie.value or ""
            for cookie in self.browser.cookies.jar
            if cookie.name == "_xsrf" and cookie.path == f"{SESSION}/"
        )

    async def ask(self, method: str, path: str, **content: object) -> httpx.Response:
        answer = await self.browser.request(
            method,
            f"{SESSION}/api/{path}",
            headers={"X-XSRFToken": self.xsrf()},
            **content,  # type: ignore[arg-type]
        )
        answer.raise_for_status()
        return answer

    async def run(self, kernel: str, code: str) -> str:
        """Have the kernel run code as JupyterLab does; answer with what it printed."""
        port = urlsplit(self.transport.target(SESSION)).port
        url = f"ws://127.0.0.1:{port}{SESSION}/api/kernels/{kernel}/channels?_xsrf={self.xsrf()}"
        cookies = self.browser.build_request("GET", f"{SESSION}/").headers["Cookie"]
        socket = await websocket_connect(HTTPRequest(url, headers={"Cookie": cookies}))
        content = {"code": code, "silent": False, "store_history": False, "user_expressions": {}}
        header = {
            "msg_id": "1",
            "msg_type": "execute_request",
            "session": "1",
            "username": "",
            "version": "5.3",
        }
        message = {
            "header": header,
            "parent_header": {},
            "metadata": {},
            "content": content,
            "channel": "shell",
        }
        await socket.write_message(json.dumps(message))
        printed = ""
        while True:
            said = json.loads(await socket.read_message() or "null")
            if said["parent_header"].get("msg_id") != "1":
                continue
            if said["msg_type"] == "stream" and said["content"]["name"] == "stdout":
                printed += said["content"]["text"]
            if said["msg_type"] == "status" and said["content"]["execution_state"] == "idle":
                socket.close()
                while await socket.read_message() is not None:
                    pass
                return printed


@asynccontextmanager
async def hub(folder: Path, settings: dict[str, str]) -> AsyncIterator[None]:
    with (folder / "hub.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "jupyterhub", "-f", Path(__file__).with_name("hub_config.py")),
            cwd=folder,
            env=os.environ | {"HUB_SETTINGS": json.dumps(settings), "PYTHONPATH": str(REPOSITORY)},
            stderr=log,
        )
    try:
        yield
    finally:
        process.terminate()
        await process.wait()


async def answers(browser: httpx.AsyncClient, path: str) -> None:
    async with asyncio.timeout(30):
        while True:
            try:
                (await browser.get(path)).raise_for_status()
            except httpx.TransportError:
                await asyncio.sleep(0.1)
            else:
                return


async def start_session(browser: httpx.AsyncClient, token: str) -> None:
    service = {"Authorization": f"token {token}"}
    (await browser.post("/hub/api/users/ada", headers=service)).raise_for_status()
    (await browser.post("/hub/api/users/ada/servers/foo", headers=service)).raise_for_status()
    async with asyncio.timeout(60):
        while True:
            model = (await browser.get("/hub/api/users/ada", headers=service)).json()
            if model["servers"]["foo"]["ready"]:
                return
            await asyncio.sleep(0.1)


@pytest.fixture
async def session(minimal: Path, tmp_path: Path) -> AsyncIterator[Session]:
    address, token, password = f"http://127.0.0.1:{free_port()}", secrets.token_hex(), secrets.token_hex()
    settings = {"origin": f"http://127.0.0.1:{free_port()}", "hub": address, "token": token}
    settings |= {"password": password, "home": str(tmp_path / "home"), "venv": str(minimal)}
    transport = OneOrigin(address, tmp_path)
    origin = httpx.AsyncClient(
        transport=transport, base_url=settings["origin"], follow_redirects=True, timeout=30
    )
    async with hub(tmp_path, settings), origin as browser:
        await answers(browser, "/hub/api")
        await start_session(browser, token)
        await browser.get("/hub/login")
        form = {"username": "ada", "password": password, "_xsrf": browser.cookies["_xsrf"]}
        page = await browser.post(f"/hub/login?next={SESSION}/lab", data=form)
        assert "JupyterLab" in page.text
        yield Session(browser, transport, tmp_path)


async def test_a_session_does_everything_and_imports_nothing_it_does_not_need(session: Session) -> None:
    kernel = (await session.ask("POST", "kernels")).json()["id"]
    assert await session.run(kernel, "print(6 * 7)") == "42\n"

    await session.ask("PUT", "contents/a.txt", json={"type": "file", "format": "text", "content": "edited"})
    assert (session.folder / "home" / "a.txt").read_text() == "edited"

    terminal = (await session.ask("POST", "terminals")).json()["name"]
    assert terminal in [one["name"] for one in (await session.ask("GET", "terminals")).json()]

    settings = await session.browser.get(f"{SESSION}/lab/api/settings")
    assert "@jupyterlab/apputils-extension:themes" in settings.text

    log = (session.folder / "hub.log").read_text()
    assert "import time:" in log
    assert "Updating Hub with activity" in log
    assert [name for name in ("lark", "alembic", "sqlalchemy.orm") if f" {name}\n" in log] == []


async def test_whoever_is_not_logged_in_is_sent_to_the_hub(session: Session) -> None:
    session.browser.cookies.clear()
    page = await session.browser.get(f"{SESSION}/lab")
    assert page.url.path == "/hub/login"


LATER = """
import importlib.util, sys
spec = importlib.util.spec_from_file_location("start", sys.argv[1])
start = importlib.util.module_from_spec(spec)
spec.loader.exec_module(start)
start.single_user()
deferred = [name for name in start.LOADERS if type(sys.modules.get(name)).__name__ == "DeferredModule"]
stand_in = sys.modules["jupyterhub.handlers.pages"].HealthCheckHandler
assert not isinstance(object(), stand_in)
import jsonschema
iri = jsonschema.Draft202012Validator({"format": "iri"}, format_checker=jsonschema.FormatChecker())
assert iri.is_valid("http://example.org/\\u00fc") and not iri.is_valid("no iri")
import jupyterhub.app
from jupyterhub.handlers.pages import HealthCheckHandler
assert jupyterhub.orm.User.__tablename__ == "users"
assert jupyterhub.roles.get_default_roles()
assert isinstance(HealthCheckHandler.__new__(HealthCheckHandler), stand_in)
print(*sorted(deferred))
"""


def test_what_was_deferred_loads_when_it_is_used(minimal: Path) -> None:
    ended = subprocess.run(
        [minimal / "bin" / "python", "-P", "-c", LATER, start.__file__],
        check=False,
        capture_output=True,
        text=True,
    )
    assert ended.stderr == ""
    assert ended.stdout.split() == sorted(name for name in start.LOADERS if name != "jupyterlab.commands")


def test_an_environment_without_jupyterhub_says_so(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path], check=True)
    usual = tmp_path / "bin" / "jupyterhub-singleuser"
    usual.write_text('#!/bin/sh\necho "the usual way: $*"\n')
    usual.chmod(0o755)
    ended = subprocess.run(
        command(tmp_path, ("jupyterhub-singleuser", "--debug")), check=False, capture_output=True, text=True
    )
    assert ended.stderr.startswith("Starting jupyterhub-singleuser the slow way: ModuleNotFoundError(")
    assert ended.stdout == "the usual way: --debug\n"


def test_any_other_program_is_the_environments_own() -> None:
    assert command(Path("/venv"), ("code-server", "--auth", "none")) == [
        "/venv/bin/code-server",
        "--auth",
        "none",
    ]
