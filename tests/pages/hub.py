"""A stand-in for JupyterHub: knows people and their tokens, takes and forgets servers, starts nothing."""

from __future__ import annotations

import itertools
import json
import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import unquote, urlsplit

_TOKEN = "token-of-"
_FULL = "access:services!service=sojourn"


class _Server(ThreadingHTTPServer):
    request_queue_size = 256
    """A hundred people may come at once, which five places to wait in would turn away."""


class StandInHub:
    """`with StandInHub() as hub:` answers at `hub.url`.

    Attributes:
        groups: by person, whose are in some.
        scopes: of people who have some besides those of everybody.
        removing: whether servers that are removed stay known, as while their /work is being deleted.
        removed: names of the servers whose removal was asked for.
        away: whether it answers nobody, as one that is being started again behind a proxy.
        seen: the tokens that it was shown.
        most: how many servers there ever were at once.
    """

    def __init__(self) -> None:
        self.groups: dict[str, list[str]] = {}
        self.most = 0
        self.away = False
        self.seen: set[str] = set()
        self.removing = False
        self.removed: set[str] = set()
        self.scopes: dict[str, list[str]] = {}
        self._ids = itertools.count(1)
        self._tokens: dict[str, dict[str, Any]] = {}
        self._servers: dict[tuple[str, str], dict[str, Any]] = {}
        self._http = _Server(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.05})
        self.url = f"http://127.0.0.1:{self._http.server_port}/hub/api"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()

    @property
    def runs(self) -> set[str]:
        """The runs that there are servers of."""
        return {server["user_options"]["run"] for server in list(self._servers.values())}

    def ready(self, run: str) -> None:
        """Makes the server of a run ready."""
        for server in list(self._servers.values()):
            if server["user_options"]["run"] == run:
                server.update(ready=True, pending=None)

    def made_token(self, person: str, **body: Any) -> dict[str, Any]:
        """Makes a token of somebody, as a hub's model."""
        now = datetime.now(UTC)
        scopes = [_FULL if each == "inherit" else each for each in body["scopes"]]
        made = {
            "id": f"a{next(self._ids)}",
            "user": person,
            "note": body["note"],
            "scopes": scopes,
            "created": now.isoformat(),
            "last_activity": None,
            "expires_at": (now + timedelta(seconds=body["expires_in"])).isoformat(),
            "oauth_client": "JupyterHub",
        }
        return self._tokens.setdefault(f"token-{made['id']}", made)

    def used(self, run: str, at: datetime) -> None:
        """Says that the server of a run was active then."""
        for server in list(self._servers.values()):
            if server["user_options"]["run"] == run:
                server["last_activity"] = at.isoformat()

    def answer(self, method: str, path: str, body: dict[str, Any], token: str = "") -> tuple[int, Any]:
        """What the hub would say; `token-of-NAME` is somebody's token."""
        parts = [unquote(part) for part in urlsplit(path).path.removeprefix("/hub/api/").split("/")]
        if "tokens" in parts or parts == ["user"]:
            return self._of_tokens(method, parts, body, token)
        match method, parts:
            case "GET", ["users"]:
                return 200, {"items": self._users(), "_pagination": {}}
            case "GET", ["users", person]:
                return 200, {
                    "name": person,
                    "groups": self.groups.get(person, []),
                    "admin": person == "root",
                    "kind": "user",
                    "servers": {name: {} for owner, name in list(self._servers) if owner == person},
                }
            case "POST", ["users", person, "servers", name]:
                server = {"name": name, "ready": False, "pending": "spawn", **body}
                self._servers[person, name] = server
                self.most = max(self.most, len(self._servers))
                return 202, {}
            case "DELETE", ["users", person, "servers", name]:
                if body.get("remove"):
                    self.removed.add(name)
                if not self.removing:
                    self._servers.pop((person, name), None)
                return 204, None
        return 404, {"message": f"no {method} {path}"}

    def _of_tokens(self, method: str, parts: list[str], body: dict[str, Any], token: str) -> tuple[int, Any]:
        match method, parts:
            case "GET", ["user"] if token.startswith(_TOKEN):
                person = token.removeprefix(_TOKEN)
                scopes = [_FULL, *self.scopes.get(person, [])]
                return 200, {**self.answer("GET", f"/hub/api/users/{person}", {})[1], "scopes": scopes}
            case "GET", ["user"] if token in self._tokens:
                made = self._tokens[token]
                return 200, {"name": made["user"], "kind": "user", "scopes": made["scopes"]}
            case "GET", ["users", person, "tokens"]:
                return 200, {"api_tokens": [each for each in self._tokens.values() if each["user"] == person]}
            case "POST", ["users", person, "tokens"]:
                made = self.made_token(person, **body)
                return 201, {**made, "token": f"token-{made['id']}"}
            case "DELETE", ["users", person, "tokens", made]:
                self._tokens.pop(f"token-{made}", None)
                return 204, None
        return 404, {"message": "no such token"}

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
                token = self.headers.get("Authorization", "").removeprefix("token ")
                hub.seen.add(token)
                if hub.away:
                    return self._send(503, None)
                status, body = hub.answer(self.command, self.path, json.loads(sent or b"{}"), token)
                return self._send(status, body)

            def _send(self, status: int, body: Any) -> None:
                content = b"" if body is None else json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST = do_DELETE = _reply  # noqa: N815 - names of the standard library's

            def log_message(self, *_: object) -> None:
                pass

        return Handler
