"""Runs code in a kernel of a running session, over its WebSocket, as JupyterLab does."""

from __future__ import annotations

import asyncio
import json
from typing import Any
from uuid import uuid4

from tornado.httpclient import HTTPRequest
from tornado.websocket import WebSocketClientConnection, websocket_connect

from tests.stack import Stack

_PATIENCE = 60


def output_of(stack: Stack, run: dict[str, Any], code: str) -> str:
    """What the code prints in a new kernel of the session that a run is."""
    http = stack.http(run["person"])
    kernel = http.post(f"{run['url']}api/kernels", json={}).raise_for_status().json()["id"]
    address = f"ws://127.0.0.1:{stack.port}{run['url']}api/kernels/{kernel}/channels"
    request = HTTPRequest(address, headers={"Authorization": http.headers["Authorization"]})
    return asyncio.run(asyncio.wait_for(_printed(request, code), _PATIENCE))


async def _printed(request: HTTPRequest, code: str) -> str:
    """The message format is Jupyter's (jupyter-client, "Messaging in Jupyter")."""
    connection: WebSocketClientConnection = await websocket_connect(request)
    asked = uuid4().hex
    message = {
        "channel": "shell",
        "header": {"msg_id": asked, "msg_type": "execute_request", "session": uuid4().hex, "version": "5.3"},
        "parent_header": {},
        "metadata": {},
        "content": {"code": code, "silent": False},
    }
    await connection.write_message(json.dumps(message))
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
    connection.close()
    while await connection.read_message() is not None:
        pass
    return printed
