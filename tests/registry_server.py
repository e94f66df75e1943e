"""A registry of images in memory (OCI distribution spec 1.1), with faults that can be switched on and off.

In a test: `with RegistryServer() as server: server.push("a/b", "1", layers=[b"…"])`, then ask for
`server.reference("a/b", "1")`.
By itself: `python -m tests.registry_server PORT [ADDRESS]` takes pushes until it is ended, of `buildah push`
for instance; `curl -X POST 'http://ADDRESS:PORT/-/fault?repository=a/b&fault=stall'` switches a fault on, and
`…/-/private?repository=a/b&username=ann&password=t0ken&way=bearer` makes a repository private.

Faults: `hang` (accepts and does not answer before the event `over` is set), `stall` (sends half of what is
asked for, then nothing), `cut` (sends half, then hangs up), `slow` (sends it in small pieces with pauses),
`broken_json`, `wrong_bytes` (as many, but others), `schema_1` (manifests in Docker's first format),
`too_many` (429), `trouble` (500), `web_page` (404 to everything, as web sites do), `no_head` (405),
`bare_head` (HEAD without a digest), `no_ranges` (sends the whole blob when a part is asked for),
`other_part` (or the part beside it), `redirect` (blobs come from the server `storage`), `sent_on` (all comes
from there).
"""

from __future__ import annotations

import base64
import json
import re
import secrets
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self, cast
from urllib.parse import parse_qs, urlsplit

from tests.registry_images import LISTS, SCHEMA_1, Fault, Images, Repository, Way, digest_of

_PATH = re.compile(
    r"/v2/(?P<repository>.+?)/(?P<kind>manifests|blobs/uploads|blobs|referrers|tags)/(?P<what>[^/]*)"
)
_RETRY_AFTER = 30
_HTML = {"Content-Type": "text/html"}


@dataclass(frozen=True)
class Asked:
    """A request that arrived; names of headers are in lower case."""

    method: str
    path: str
    headers: Mapping[str, str]


class RegistryServer(ThreadingHTTPServer, Images):
    """A registry, and its token server, at a free port of 127.0.0.1, unless another is given.

    Attributes:
        asked: the requests that arrived, in their order.
        sent: bytes of bodies that were sent.
        challenge: makes the `WWW-Authenticate` of a repository that wants tokens, instead of the usual.
        realm: address of the token server.
        tokens: repositories by the tokens that open them.
        storage: where blobs come from with the fault `redirect`.
        has_referrers: whether it knows the referrers API.
        page: entries on a page of referrers.
        asks_at_once: whether its root asks for a token, which podman takes for that of all repositories.
    """

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, port: int = 0, address: str = "127.0.0.1") -> None:
        ThreadingHTTPServer.__init__(self, (address, port), _Handler)
        Images.__init__(self)
        self.uploads: dict[str, bytes] = {}
        self.asked: list[Asked] = []
        self.sent = 0
        self.realm = f"{self.origin}/token"
        self.challenge: Callable[[str], str] = self._challenge
        self.tokens: dict[str, str] = {}
        self.expires_in: int | None = 300
        self.storage: RegistryServer | None = None
        self.page = 100
        self.asks_at_once = False
        self.over = threading.Event()
        self._thread = threading.Thread(
            target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
        )

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        self.shutdown()
        self._thread.join()
        self.server_close()

    @property
    def host(self) -> str:
        """`ADDRESS:PORT`, as in the names of its images."""
        return f"{self.server_address[0]!s}:{self.server_port}"

    @property
    def origin(self) -> str:
        """What all its URLs begin with."""
        return f"http://{self.host}"

    def reference(self, repository: str, version: str) -> str:
        """The name of an image by tag or digest."""
        return f"{self.host}/{repository}{'@' if ':' in version else ':'}{version}"

    def count(self, method: str, part: str = "") -> int:
        """How many requests arrived with `part` in their path."""
        return sum(asked.method == method and part in asked.path for asked in tuple(self.asked))

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients that hang up are what these tests are about."""

    def _challenge(self, repository: str) -> str:
        return f'Bearer realm="{self.realm}",service="tests",scope="repository:{repository}:pull"'


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        """The tests' output is no access log."""

    def do_GET(self) -> None:
        self._serve()

    def do_HEAD(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def do_PATCH(self) -> None:
        self._serve()

    def do_PUT(self) -> None:
        self._serve()

    @property
    def _registry(self) -> RegistryServer:
        return cast("RegistryServer", self.server)

    def _serve(self) -> None:
        self.close_connection = True
        headers = {name.lower(): value for name, value in self.headers.items()}
        self._registry.asked.append(Asked(self.command, self.path, headers))
        target = urlsplit(self.path)
        query = {key: values[0] for key, values in parse_qs(target.query).items()}
        if target.path == "/token":
            self._give_token(parse_qs(target.query))
        elif target.path.startswith("/-/"):
            self._switch(target.path, query)
        elif target.path == "/v2/" and self._registry.asks_at_once:
            realm = f'Bearer realm="{self._registry.realm}",service="tests"'
            self._refuse(401, "UNAUTHORIZED", {"WWW-Authenticate": realm})
        elif target.path == "/v2/":
            web = any(repository.fault == "web_page" for repository in self._registry.repositories.values())
            self._send(404 if web else 200, b"{}")
        elif found := _PATH.fullmatch(target.path):
            self._serve_repository(found["repository"], found["kind"], found["what"], query)
        else:
            self._send(404, b"<html>Not here</html>", _HTML)

    def _serve_repository(self, name: str, kind: str, what: str, query: dict[str, str]) -> None:
        server = self._registry
        if self.command in {"POST", "PATCH", "PUT"}:
            self._take(server.repository(name), f"/v2/{name}/{kind}/", kind, what, query)
            return
        repository = server.repositories.get(name)
        if repository is None:
            self._refuse(404, "NAME_UNKNOWN")
        elif self._fails(repository.fault):
            return
        elif not self._is_admitted(name, repository):
            way = server.challenge(name) if repository.way == "bearer" else 'Basic realm="tests, inc."'
            self._refuse(401, "UNAUTHORIZED", {"WWW-Authenticate": way})
        elif kind == "manifests":
            self._send_manifest(repository, what)
        elif kind == "blobs":
            self._send_blob(name, repository, what)
        elif kind == "tags":
            self._send(200, json.dumps({"name": name, "tags": sorted(repository.tags)}).encode())
        elif server.has_referrers:
            self._send_referrers(repository, what, int(query.get("from", "0")))
        else:
            self._send(404, b"404 page not found\n", {"Content-Type": "text/plain"})

    def _fails(self, fault: Fault | None) -> bool:
        """Does what is wrong before anything is looked at; whether there was such a thing."""
        server = self._registry
        if fault == "hang":
            server.over.wait()
        elif fault == "web_page":
            self._send(404, b"<html>Not here</html>", _HTML)
        elif fault == "sent_on" and server.storage:
            self._send(307, b"", {"Location": f"{server.storage.origin}{self.path}"})
        elif fault == "too_many":
            self._refuse(429, "TOOMANYREQUESTS", {"Retry-After": str(_RETRY_AFTER)})
        elif fault == "trouble":
            self._refuse(500, "UNKNOWN")
        elif fault == "no_head" and self.command == "HEAD":
            self._refuse(405, "UNSUPPORTED")
        else:
            return False
        return True

    def _take(self, repository: Repository, path: str, kind: str, what: str, query: dict[str, str]) -> None:
        """A push: blobs by POST, PATCH and PUT, manifests by PUT."""
        uploads = self._registry.uploads
        body = self._body()
        if kind == "manifests":
            digest = digest_of(body)
            repository.manifests[digest] = body, self.headers["Content-Type"]
            repository.tags[what] = digest
            self._send(201, b"", {"Location": f"{path}{digest}", "Docker-Content-Digest": digest})
            return
        upload = what or secrets.token_hex(8)
        uploads[upload] = uploads.get(upload, b"") + body
        if "digest" not in query:
            size = len(uploads[upload])
            self._send(202, b"", {"Location": f"{path}{upload}", "Range": f"0-{max(size - 1, 0)}"})
            return
        content = uploads.pop(upload)
        repository.blobs[query["digest"]] = content
        blob = path.replace("/uploads/", f"/{query['digest']}")
        self._send(201, b"", {"Location": blob, "Docker-Content-Digest": query["digest"]})

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = b""
        while size := int(self.rfile.readline(), 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def _is_admitted(self, name: str, repository: Repository) -> bool:
        if repository.way is None:
            return True
        kind, _, sent = self.headers.get("Authorization", "").partition(" ")
        if repository.way == "bearer":
            return kind == "Bearer" and self._registry.tokens.get(sent) == name
        return bool(sent) and kind == "Basic" and base64.b64decode(sent).decode() == repository.login

    def _give_token(self, asked: Mapping[str, list[str]]) -> None:
        """A token for who may have one; a wrong login is refused, none at all gets one that opens nothing.

        The login comes in a header, or by POST in a form with the rest, as nodes send it (OAuth 2).
        """
        server = self._registry
        sent = base64.b64decode(self.headers.get("Authorization", "").partition(" ")[2]).decode()
        if self.command == "POST":
            asked = parse_qs(self._body().decode())
            sent = f"{asked['username'][0]}:{asked['password'][0]}"
        name = asked["scope"][0].split(":")[1]
        login = server.repository(name).login
        if sent and sent != login:
            # As a careless server does.
            self._send(401, f'{{"errors": [{{"code": "UNAUTHORIZED", "message": "{sent}"}}]}}'.encode())
            return
        token = secrets.token_urlsafe(16)
        server.tokens[token] = name if sent == (login or "") else ""
        lives = {} if server.expires_in is None else {"expires_in": server.expires_in}
        key = "access_token" if self.command == "POST" else "token"
        self._send(200, json.dumps({key: token, **lives}).encode())

    def _send_manifest(self, repository: Repository, what: str) -> None:
        digest = repository.tags.get(what, what)
        if digest not in repository.manifests:
            self._refuse(404, "MANIFEST_UNKNOWN")
            return
        body, media_type = repository.manifests[digest]
        if repository.fault == "schema_1":
            body, media_type = b'{"schemaVersion": 1, "fsLayers": [], "history": []}', SCHEMA_1
            digest = digest_of(body)
        if repository.fault == "broken_json":
            body = body[:-2]
            digest = digest_of(body)
        headers = {"Content-Type": media_type, "Docker-Content-Digest": digest, "ETag": f'"{digest}"'}
        if repository.fault == "bare_head" and self.command == "HEAD":
            del headers["Docker-Content-Digest"]
        self._send(200, body, headers, repository.fault)

    def _send_blob(self, name: str, repository: Repository, digest: str) -> None:
        if digest not in repository.blobs:
            self._refuse(404, "BLOB_UNKNOWN")
            return
        content, storage = repository.blobs[digest], self._registry.storage
        if repository.fault == "redirect" and storage is not None:
            storage.repository(name).blobs[digest] = content
            self._send(307, b"", {"Location": f"{storage.origin}{self.path}?signed=yes"})
            return
        part = re.fullmatch(r"bytes=(\d+)-(\d+)", self.headers.get("Range", ""))
        if part is None or repository.fault == "no_ranges":
            self._send(200, content, {"Content-Type": "application/octet-stream"}, repository.fault)
            return
        start, end = int(part[1]), min(int(part[2]) + 1, len(content))
        if repository.fault == "other_part":
            start, end = start + 1, end + 1
        headers = {"Content-Range": f"bytes {start}-{end - 1}/{len(content)}"}
        self._send(206, content[start:end], headers, repository.fault)

    def _send_referrers(self, repository: Repository, digest: str, start: int) -> None:
        attached, end = repository.attached.get(digest, []), start + self._registry.page
        headers = {"Content-Type": LISTS["oci"]}
        if end < len(attached):
            headers["Link"] = f'<{urlsplit(self.path).path}?from={end}>; rel="next"'
        index = {"schemaVersion": 2, "mediaType": LISTS["oci"], "manifests": attached[start:end]}
        self._send(200, json.dumps(index).encode(), headers)

    def _switch(self, path: str, query: dict[str, str]) -> None:
        if path == "/-/private":
            login = f"{query['username']}:{query['password']}"
            self._registry.protect(query["repository"], cast("Way", query.get("way", "bearer")), login=login)
        else:
            self._registry.break_with(query["repository"], cast("Fault | None", query.get("fault")))
        self._send(204, b"")

    def _refuse(self, status: int, code: str, headers: Mapping[str, str] | None = None) -> None:
        body = json.dumps({"errors": [{"code": code, "message": f"{self.path} is refused"}]}).encode()
        self._send(status, body, {"Content-Type": "application/json", **(headers or {})})

    def _send(
        self, status: int, body: bytes, headers: Mapping[str, str] | None = None, fault: Fault | None = None
    ) -> None:
        if fault == "wrong_bytes":
            body = bytes(len(body))
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        self.end_headers()
        if self.command == "HEAD":
            return
        size = len(body) // 2 if fault in {"stall", "cut"} else len(body)
        most = 1024 if fault == "slow" else 64 * 1024
        for start in range(0, size, most):
            piece = body[start : min(size, start + most)]
            # Counted first: who asked may have all of it, and look, before this goes on.
            self._registry.sent += len(piece)
            self.wfile.write(piece)
            if fault == "slow":
                self._registry.over.wait(0.05)
        if fault == "stall":
            self.wfile.flush()
            self._registry.over.wait()


if __name__ == "__main__":
    RegistryServer(int(sys.argv[1]), *sys.argv[2:]).serve_forever()
