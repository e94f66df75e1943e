"""A stand-in for JupyterHub: knows people, takes and forgets servers, starts nothing."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import unquote, urlsplit


class StandInHub:
    """`with StandInHub() as hub:` answers at `hub.url`."""

    def __init__(self) -> None:
        self._servers: dict[tuple[str, str], dict[str, Any]] = {}
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.05})
        self.url = f"http://127.0.0.1:{self._http.server_port}/hub/api"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()

    def ready(self, run: str) -> None:
        """Makes the server of a run ready."""
        for server in list(self._servers.values()):
            if server["user_options"]["run"] == run:
                server.update(ready=True, pending=None)

    def answer(self, method: str, path: str, body: dict[str, Any]) -> tuple[int, Any]:
        """What the hub would say."""
        parts = [unquote(part) for part in path.removeprefix("/hub/api/").split("/")]
        match method, parts:
            case "GET", ["users"]:
                return 200, {"items": self._users(), "_pagination": {}}
            case "GET", ["users", person]:
                return 200, {"name": person, "groups": [], "admin": False, "kind": "user"}
            case "POST", ["users", person, "servers", name]:
                server = {"name": name, "ready": False, "pending": "spawn", **body}
                self._servers[person, name] = server
                return 202, {}
            case "DELETE", ["users", person, "servers", name]:
                self._servers.pop((person, name), None)
                return 204, None
        return 404, {"message": f"no {method} {path}"}

    def _users(self) -> list[dict[str, Any]]:
        people = {person for person, _ in list(self._servers)}
        return [
            {
                "name": person,
                "servers": {
                    name: server for (owner, name), server in list(self._servers.items()) if owner == person
                },
            }
            for person in people
        ]

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        hub = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _reply(self) -> None:
                sent = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                status, body = hub.answer(self.command, urlsplit(self.path).path, json.loads(sent or b"{}"))
                content = b"" if body is None else json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST = do_DELETE = _reply  # noqa: N815 - names of the standard library's

            def log_message(self, *_: object) -> None:
                pass

        return Handler
