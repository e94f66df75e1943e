"""Runs code in a kernel of a running session, over its WebSocket, as JupyterLab does."""

from __future__ import annotations

import asyncio
import json
from typing import Any
from uuid import uuid4

from tornado.httpclient import HTTPRequest
from tornado.websocket import WebSocketClientConnection, websocket_connect

from tests.e2e.projects import Reachable

_PATIENCE = 60


def output_of(stack: Reachable, run: dict[str, Any], code: str) -> str:
    """What the code prints in a new kernel of the session that a run is."""
    request = _channels(stack, run, _kernel(stack, run))
    return asyncio.run(asyncio.wait_for(_printed(request, code), _PATIENCE))


def set_to_work(stack: Reachable, run: dict[str, Any], code: str) -> str:
    """Runs code in a new kernel and leaves it at that, as who closes the browser; the kernel's id."""
    kernel = _kernel(stack, run)
    request = _channels(stack, run, kernel)
    asyncio.run(asyncio.wait_for(_begun(request, code), _PATIENCE))
    return kernel


def type_into_a_terminal(stack: Reachable, run: dict[str, Any], line: str) -> str:
    """Types a line into a new terminal and leaves it at that; the terminal's name."""
    http = stack.http(run["person"])
    name: str = http.post(f"{run['url']}api/terminals", json={}).raise_for_status().json()["name"]
    request = _request(stack, run, f"terminals/websocket/{name}")
    asyncio.run(asyncio.wait_for(_typed(request, line), _PATIENCE))
    return name


def _kernel(stack: Reachable, run: dict[str, Any]) -> str:
    http = stack.http(run["person"])
    return str(http.post(f"{run['url']}api/kernels", json={}).raise_for_status().json()["id"])


def _channels(stack: Reachable, run: dict[str, Any], kernel: str) -> HTTPRequest:
    return _request(stack, run, f"api/kernels/{kernel}/channels")


def _request(stack: Reachable, run: dict[str, Any], path: str) -> HTTPRequest:
    http = stack.http(run["person"])
    address = str(http.base_url.copy_with(scheme="ws", path=f"{run['url']}{path}"))
    return HTTPRequest(address, headers={"Authorization": http.headers["Authorization"]})


async def _closed(connection: WebSocketClientConnection) -> None:
    """Ends a connection whole: what is left open is complained of by some later test."""
    connection.close()
    while await connection.read_message() is not None:
        pass


async def _typed(request: HTTPRequest, line: str) -> None:
    """What is sent is terminado's (`["stdin", …]`); the echo of what was typed says that it arrived."""
    connection: WebSocketClientConnection = await websocket_connect(request)
    await connection.write_message(json.dumps(["stdin", f"{line}\r"]))
    seen = ""
    while line not in seen:
        text = await connection.read_message()
        assert text is not None, "the session closed the connection"
        kind, *content = json.loads(text)
        seen += content[0] if kind == "stdout" else ""
    await _closed(connection)


async def _begun(request: HTTPRequest, code: str) -> None:
    connection: WebSocketClientConnection = await websocket_connect(request)
    asked = await _asked(connection, code)
    while True:
        text = await connection.read_message()
        assert text is not None, "the session closed the connection"
        answer = json.loads(text)
        if answer["parent_header"].get("msg_id") == asked and answer["msg_type"] == "execute_input":
            break
    await _closed(connection)


async def _printed(request: HTTPRequest, code: str) -> str:
    connection: WebSocketClientConnection = await websocket_connect(request)
    asked = await _asked(connection, code)
    printed = ""
    while True:
        text = await connection.read_message()
        assert text is not None, "the session closed the connection"
        answer = json.loads(text)
        if answer["parent_header"].get("msg_id") != asked:
            continue
        match answer["msg_type"], answer["content"]:
            case "stream", content:
                printed += content["text"]
            case "error", content:
                raise AssertionError("\n".join(content["traceback"]))
            case "status", {"execution_state": "idle"}:
                break
    await _closed(connection)
    return printed


async def _asked(connection: WebSocketClientConnection, code: str) -> str:
    """Asks a kernel to run code; the id that its answers name. As "Messaging in Jupyter" says it."""
    asked = uuid4().hex
    message = {
        "channel": "shell",
        "header": {"msg_id": asked, "msg_type": "execute_request", "session": uuid4().hex, "version": "5.3"},
        "parent_header": {},
        "metadata": {},
        "content": {"code": code, "silent": False},
    }
    await connection.write_message(json.dumps(message))
    return asked
