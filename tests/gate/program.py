"""`python program.py PORT [FOLDER]`: a web program as sessions run them, which shows what reaches it."""

from __future__ import annotations

import asyncio
import hashlib
import os
import sys
from collections import defaultdict
from pathlib import Path

from aiohttp import WSMsgType, web

PART = b"0123456789abcdef" * 4096
"""Of what is downloaded."""


async def seen(request: web.Request) -> web.Response:
    """The request as it came."""
    return web.json_response({
        "method": request.method,
        "path": request.raw_path,
        "headers": [[name, value] for name, value in request.headers.items()],
        "body": (await request.read()).decode("latin-1"),
    })  # fmt: skip


async def upload(request: web.Request) -> web.Response:
    """How much came, and its digest."""
    digest, length = hashlib.sha256(), 0
    async for part in request.content.iter_any():
        digest.update(part)
        length += len(part)
    return web.json_response({"length": length, "sha256": digest.hexdigest()})


async def refuse(request: web.Request) -> web.Response:
    """An answer before the body came."""
    return web.Response(status=413, text="too much")


async def download(request: web.Request) -> web.StreamResponse:
    """As many parts as asked for, with a length or in chunks."""
    parts = int(request.query["parts"])
    answer = web.StreamResponse()
    if "chunked" in request.query:
        answer.enable_chunked_encoding()
    else:
        answer.content_length = parts * len(PART)
    await answer.prepare(request)
    for _ in range(parts):
        await answer.write(PART)
    return answer


async def events(request: web.Request) -> web.StreamResponse:
    """An event whenever `/next` was called with the same `of`."""
    answer = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
    await answer.prepare(request)
    while True:
        text = await request.app[QUEUES][request.query["of"]].get()
        await answer.write(text.encode())


async def following(request: web.Request) -> web.Response:
    """Sends the body as the next event."""
    request.app[QUEUES][request.query["of"]].put_nowait(await request.text())
    return web.Response()


async def redirect(request: web.Request) -> web.Response:
    """To where it is told."""
    return web.Response(status=302, headers={"Location": request.query["to"]})


async def cookie(request: web.Request) -> web.Response:
    """Sets what it is told."""
    answer = web.Response()
    for value in request.query.getall("set"):
        answer.headers.add("Set-Cookie", value)
    return answer


async def fields(request: web.Request) -> web.Response:
    """Answers with header fields that it is told."""
    return web.Response(headers=dict(request.query))


async def nothing(request: web.Request) -> web.Response:
    """No content."""
    return web.Response(status=204)


async def echo(request: web.Request) -> web.WebSocketResponse:
    """A WebSocket that sends back what comes, and pings or closes on request."""
    socket = web.WebSocketResponse(autoping=True, protocols=("echo",), max_msg_size=0)
    await socket.prepare(request)
    async for message in socket:
        if message.type is WSMsgType.TEXT and message.data == "ping me":
            for _ in range(3):
                await socket.ping()
        elif message.type is WSMsgType.TEXT and message.data == "close me":
            await socket.close(code=4001)
        elif message.type is WSMsgType.TEXT:
            await socket.send_str(message.data)
        elif message.type is WSMsgType.BINARY:
            await socket.send_bytes(message.data)
    return socket


async def die(request: web.Request) -> web.Response:
    """Ends the program at once."""
    os._exit(1)


async def hang_up(request: web.Request) -> web.Response:
    """Closes the connection without a word."""
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


async def garble(request: web.Request) -> web.Response:
    """Answers what is not HTTP."""
    assert request.transport is not None
    request.transport.write(b"HTTP/1.1 200 OK\r\nX: a\r\n Folded: b\r\nContent-Length: 2\r\n\r\nhi")
    await asyncio.sleep(60)
    return web.Response()


QUEUES = web.AppKey("queues", defaultdict[str, asyncio.Queue[str]])


def program(folder: str) -> web.Application:
    """All routes; whatever is not one shows what it got."""
    app = web.Application(client_max_size=2**20)
    app[QUEUES] = defaultdict(asyncio.Queue)
    routes = {
        "upload": upload,
        "refuse": refuse,
        "download": download,
        "events": events,
        "next": following,
        "redirect": redirect,
        "cookie": cookie,
        "fields": fields,
        "nothing": nothing,
        "ws": echo,
        "die": die,
        "hang-up": hang_up,
        "garble": garble,
    }
    for name, handler in routes.items():
        # With and without a session's prefix before it.
        app.router.add_route("*", f"/{name}", handler)
        app.router.add_route("*", f"/user/{{person}}/{{server}}/{name}", handler)
    app.router.add_static("/files", Path(folder))
    app.router.add_route("*", "/{rest:.*}", seen)
    return app


if __name__ == "__main__":
    web.run_app(program((*sys.argv, ".")[2]), host="127.0.0.1", port=int(sys.argv[1]), print=None)
