"""The proxy itself: passes requests on, keeps watches open, does what it is told below `/-/`.

| request | what it does |
| --- | --- |
| `POST /-/faults` | adds a fault (`tests.kube_faults.rules.Fault`) |
| `DELETE /-/faults` | takes all faults and rewrites back |
| `POST /-/cut` `{"path", "gone"}` | ends the open watches whose path matches; `gone`: after an error 410 |
| `POST /-/pods/NAMESPACE/NAME` | a merge patch that this pod is seen with from now on, also by open watches |
| `GET /-/requests` | every request so far: verb, path, when (seconds since 1970), status |
| `DELETE /-/requests` | forgets them |
"""

from __future__ import annotations

import asyncio
import json
import re
import ssl
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

from aiohttp import ClientSession, ClientTimeout, TCPConnector, web

from tests.kube_faults.rules import Fault, Json, Rewrite, Rules, status_object

_HOP = {
    "connection",
    "keep-alive",
    "transfer-encoding",
    "upgrade",
    "content-length",
    "content-encoding",
    "host",
}


@dataclass(frozen=True)
class Upstream:
    """The real API: its address, how to trust it, and what to authenticate with where a request does not."""

    url: str
    tls: ssl.SSLContext | None = None
    authorization: str | None = None


@dataclass(eq=False)
class _Watch:
    """One open watch: lines wait here for whoever watches; None ends it."""

    path: str
    lines: asyncio.Queue[bytes | None] = field(default_factory=asyncio.Queue)
    pods: dict[str, Json] = field(default_factory=dict)


class Proxy:
    """One proxy in front of one cluster."""

    def __init__(self, upstream: Upstream) -> None:
        self._upstream = upstream
        self._rules = Rules()
        self._watches: set[_Watch] = set()
        self._requests: list[Json] = []
        self._http: ClientSession | None = None

    def app(self) -> web.Application:
        """The application that listens."""
        app = web.Application(client_max_size=16 * 2**20)
        app.router.add_post("/-/faults", self._add_fault)
        app.router.add_delete("/-/faults", self._clear)
        app.router.add_post("/-/cut", self._cut)
        app.router.add_post("/-/pods/{namespace}/{name}", self._rewrite)
        app.router.add_get("/-/requests", self._tell_requests)
        app.router.add_delete("/-/requests", self._forget_requests)
        app.router.add_route("*", "/{path:.*}", self._pass)
        app.cleanup_ctx.append(self._session)
        return app

    async def _session(self, _app: web.Application) -> AsyncIterator[None]:
        connector = TCPConnector(ssl=self._upstream.tls or True, limit=0)
        async with ClientSession(
            connector=connector, timeout=ClientTimeout(None), auto_decompress=True
        ) as self._http:
            yield

    async def _add_fault(self, request: web.Request) -> web.Response:
        self._rules.faults.append(Fault.model_validate(await request.json()))
        return web.Response(status=204)

    async def _clear(self, _request: web.Request) -> web.Response:
        self._rules = Rules()
        return web.Response(status=204)

    async def _cut(self, request: web.Request) -> web.Response:
        what = await request.json()
        cut = [watch for watch in self._watches if re.search(what.get("path", ""), watch.path)]
        for watch in cut:
            if what.get("gone"):
                gone = {"type": "ERROR", "object": status_object(410, "too old resource version")}
                watch.lines.put_nowait(json.dumps(gone).encode() + b"\n")
            watch.lines.put_nowait(None)
        return web.json_response({"cut": len(cut)})

    async def _rewrite(self, request: web.Request) -> web.Response:
        rewrite = Rewrite(request.match_info["namespace"], request.match_info["name"], await request.json())
        self._rules.rewrites.append(rewrite)
        for watch in self._watches:
            for pod in watch.pods.values():
                if rewrite.is_for(pod):
                    changed = {"type": "MODIFIED", "object": self._rules.seen(pod)}
                    watch.lines.put_nowait(json.dumps(changed).encode() + b"\n")
        return web.Response(status=204)

    async def _tell_requests(self, _request: web.Request) -> web.Response:
        return web.json_response(self._requests)

    async def _forget_requests(self, _request: web.Request) -> web.Response:
        self._requests.clear()
        return web.Response(status=204)

    async def _pass(self, request: web.Request) -> web.StreamResponse:
        note: Json = {"verb": request.method, "path": request.path_qs, "at": time.time(), "status": None}
        self._requests.append(note)
        fault = self._rules.fault(request.method, request.path_qs)
        if fault is not None:
            await asyncio.sleep(fault.delay)
            if fault.hangs_up:
                assert request.transport is not None
                request.transport.abort()
                return web.Response()
            if fault.status is not None:
                note["status"] = fault.status
                body = status_object(fault.status, fault.message)
                return web.json_response(body, status=fault.status, headers=fault.headers)
        assert self._http is not None
        async with self._http.request(
            request.method,
            f"{self._upstream.url}{request.path_qs}",
            headers=self._headers(request),
            data=await request.read() or None,
        ) as answer:
            note["status"] = answer.status
            headers = {key: value for key, value in answer.headers.items() if key.lower() not in _HOP}
            if answer.ok and request.query.get("watch") in {"1", "true", "True"}:
                return await self._watch(request, answer.content, headers)
            if answer.ok and request.query.get("follow") == "true":
                return await self._log(request, answer.content, headers)
            body = await answer.read()
            if "json" in answer.headers.get("Content-Type", "") and self._rules.rewrites:
                body = json.dumps(self._rules.seen(json.loads(body))).encode()
            return web.Response(status=answer.status, body=body, headers=headers)

    def _headers(self, request: web.Request) -> dict[str, str]:
        headers = {key: value for key, value in request.headers.items() if key.lower() not in _HOP}
        if self._upstream.authorization and "Authorization" not in headers:
            headers["Authorization"] = self._upstream.authorization
        return headers

    async def _watch(self, request: web.Request, lines: Any, headers: dict[str, str]) -> web.StreamResponse:
        """Passes events on as they come, until the cluster, the watcher or a cut ends it."""
        watch = _Watch(request.path_qs)
        self._watches.add(watch)
        reading = asyncio.create_task(self._read(watch, lines))
        try:
            response = web.StreamResponse(headers=headers)
            response.enable_chunked_encoding()
            await response.prepare(request)
            while (line := await watch.lines.get()) is not None:
                await response.write(line)
            # Broken off, not ended: a cluster that goes away says no goodbye.
            if request.transport is not None and not reading.done():
                request.transport.close()
            return response
        finally:
            self._watches.discard(watch)
            reading.cancel()

    @staticmethod
    async def _log(request: web.Request, content: Any, headers: dict[str, str]) -> web.StreamResponse:
        """Passes a log on as it is written."""
        response = web.StreamResponse(headers=headers)
        response.enable_chunked_encoding()
        await response.prepare(request)
        async for piece in content.iter_any():
            await response.write(piece)
        return response

    async def _read(self, watch: _Watch, lines: Any) -> None:
        try:
            rest = b""
            async for piece in lines.iter_any():
                *whole, rest = (rest + piece).split(b"\n")
                for line in whole:
                    watch.lines.put_nowait(self._event(watch, line) + b"\n")
        finally:
            watch.lines.put_nowait(None)

    def _event(self, watch: _Watch, line: bytes) -> bytes:
        event = json.loads(line)
        thing = event.get("object") or {}
        spec = thing.get("spec")
        if isinstance(spec, dict) and "containers" in spec:
            uid = thing["metadata"]["uid"]
            watch.pods[uid] = thing
            if event["type"] == "DELETED":
                del watch.pods[uid]
        return json.dumps(event | {"object": self._rules.seen(thing)}).encode()
