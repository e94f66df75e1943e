"""Serves real bare repositories over HTTP, with faults that can be switched on and off.

In a test: `with GitServer(folder) as server: server.create("bar", {"a.txt": "1"})`, then clone
`server.url("bar")`.
By itself: `python tests/git_server.py FOLDER PORT [ADDRESS]` serves the bare repositories below FOLDER until
it is ended; with an address that pods reach, they can clone from it too. There,
`curl -X POST 'http://ADDRESS:PORT/-/fault?repository=bar&fault=stall'` switches a fault on, and
`…/-/private?repository=bar&username=ann&token=t0ken` makes a repository private.

Faults: `not_found` (404), `login` (401), `unavailable` (503), `hang` (accepts and does not answer before the
event `over` is set), `stall` (begins to send the objects, then nothing), `cut` (begins to, then hangs up),
`old` (speaks git's first protocol only, in which a commit that no ref points at is refused), `moved` (301).

Large files are served as Git LFS has it (https://github.com/git-lfs/git-lfs/blob/main/docs/api/batch.md).
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import IO, Any, Literal, Self, cast
from urllib.parse import parse_qs, urlsplit

Fault = Literal["not_found", "login", "unavailable", "hang", "stall", "cut", "old", "moved"]

_REFUSALS = {
    "not_found": HTTPStatus.NOT_FOUND,
    "login": HTTPStatus.UNAUTHORIZED,
    "unavailable": HTTPStatus.SERVICE_UNAVAILABLE,
    "moved": HTTPStatus.MOVED_PERMANENTLY,
}
_OBJECTS = b"000dpackfile"
"""How an answer that carries objects begins (gitprotocol-v2, fetch)."""

_AUTHOR = {
    f"GIT_{who}_{what}": value
    for who in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "Ann"), ("EMAIL", "ann@example.org"), ("DATE", "2026-01-02T03:04:05Z"))
}


@dataclass(frozen=True)
class Submodule:
    """A commit of another repository; what it is called and where it is stands in `.gitmodules`."""

    commit: str


@dataclass(frozen=True)
class Link:
    """A symbolic link."""

    target: str


Content = str | bytes | Submodule | Link


def modules(**urls: str) -> str:
    """`.gitmodules` with submodules whose names are also their paths, `__` being a slash."""
    entries = ((name.replace("__", "/"), url) for name, url in urls.items())
    return "".join(f'[submodule "{name}"]\n\tpath = {name}\n\turl = {url}\n' for name, url in entries)


class GitServer(ThreadingHTTPServer):
    """A git server at a free port of 127.0.0.1, unless another is given.

    Attributes:
        logins: `username:token` of private repositories, by name.
        sent: every `username:token` that a client has sent.
    """

    daemon_threads = True

    def __init__(self, folder: Path, port: int = 0, address: str = "127.0.0.1") -> None:
        super().__init__((address, port), _Handler)
        self.folder = folder
        self.faults: dict[str, Fault] = {}
        self.logins: dict[str, str] = {}
        self.sent: list[str] = []
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

    def url(self, name: str) -> str:
        """Where the repository can be cloned from."""
        return f"{self.origin}/{name}.git"

    @property
    def origin(self) -> str:
        """What all its URLs begin with."""
        return f"http://{self.server_address[0]!s}:{self.server_port}"

    def create(self, name: str, files: Mapping[str, Content], *, branch: str = "main") -> str:
        """Makes a repository with one commit; returns the commit."""
        _git("init", "--quiet", "--bare", f"--initial-branch={branch}", str(self._path(name)))
        return self.commit(name, files, branch=branch)

    def commit(self, name: str, files: Mapping[str, Content], *, branch: str = "main") -> str:
        """Adds a commit of exactly these files to a branch, which need not exist yet; returns the commit."""
        path = self._path(name)
        tree = self._tree(path, files)
        parent = self.head(name, branch)
        parents = ("-p", parent) if parent else ()
        commit = _git(
            "-C", str(path), "commit-tree", tree, *parents, "-m", f"Change {', '.join(sorted(files))}"
        )
        self.set_ref(name, f"refs/heads/{branch}", commit)
        return commit

    def _tree(self, path: Path, files: Mapping[str, Content]) -> str:
        entries = []
        for file, content in files.items():
            if isinstance(content, Submodule):
                entries.append(f"160000 commit {content.commit}\t{file}")
                continue
            mode, given = ("120000", content.target) if isinstance(content, Link) else ("100644", content)
            data = given.encode() if isinstance(given, str) else given
            entries.append(
                f"{mode} blob {_git('-C', str(path), 'hash-object', '-w', '--stdin', data=data)}\t{file}"
            )
        with tempfile.TemporaryDirectory() as beside:
            index = {"GIT_INDEX_FILE": f"{beside}/index"}
            listed = "".join(f"{entry}\0" for entry in entries).encode()
            _git("-C", str(path), "update-index", "-z", "--index-info", data=listed, variables=index)
            return _git("-C", str(path), "write-tree", "--missing-ok", variables=index)

    def set_ref(self, name: str, ref: str, commit: str) -> None:
        """Points a ref (`refs/heads/main`, `refs/tags/v1`) at a commit."""
        _git("-C", str(self._path(name)), "update-ref", ref, commit)

    def delete_branch(self, name: str, branch: str) -> None:
        """Takes a branch away; its commits are gone for who asks."""
        _git("-C", str(self._path(name)), "update-ref", "-d", f"refs/heads/{branch}")

    def head(self, name: str, branch: str = "main") -> str | None:
        """The commit a branch points at."""
        with contextlib.suppress(subprocess.CalledProcessError):
            ref = f"refs/heads/{branch}"
            return _git("-C", str(self._path(name)), "rev-parse", "--verify", "--quiet", ref)
        return None

    def keep_large(self, name: str, content: bytes) -> str:
        """Keeps a file in the repository's Git LFS; returns the pointer to commit in its place."""
        oid = hashlib.sha256(content).hexdigest()
        place = self.large(name, oid)
        place.parent.mkdir(exist_ok=True)
        place.write_bytes(content)
        return f"version https://git-lfs.github.com/spec/v1\noid sha256:{oid}\nsize {len(content)}\n"

    def large(self, name: str, oid: str) -> Path:
        """Where a file of Git LFS is kept."""
        return self._path(name) / "large" / oid

    def break_with(self, name: str, fault: Fault | None) -> None:
        """Switches a fault of one repository on, or with None off."""
        if fault is None:
            self.faults.pop(name, None)
        else:
            self.faults[name] = fault

    def make_private(self, name: str, username: str, token: str) -> None:
        """Asks for a login (HTTP Basic) before handing a repository out, and accepts no other."""
        self.logins[name] = f"{username}:{token}"

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients that hang up are what these tests are about."""

    def _path(self, name: str) -> Path:
        return self.folder / f"{name}.git"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.0"

    def log_message(self, *_: object) -> None:
        """The tests' output is no access log."""

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    @property
    def _git_server(self) -> GitServer:
        return cast("GitServer", self.server)

    def _serve(self) -> None:
        target = urlsplit(self.path)
        if target.path.startswith("/-/"):
            self._switch(target.path, {key: values[0] for key, values in parse_qs(target.query).items()})
            return
        server, repository = self._git_server, target.path.split("/")[1].removesuffix(".git")
        fault = server.faults.get(repository)
        if not self._is_admitted(repository):
            fault = fault or "login"
        if fault in _REFUSALS:
            self._refuse(fault)
        elif "/info/lfs/" in target.path:
            self._serve_large(repository, target.path)
        elif fault == "hang":
            server.over.wait()
            self._pass_to_git(target.path, target.query, None)
        else:
            self._pass_to_git(target.path, target.query, fault)

    def _is_admitted(self, repository: str) -> bool:
        kind, _, sent = self.headers.get("Authorization", "").partition(" ")
        login = base64.b64decode(sent).decode() if kind == "Basic" else ""
        if login:
            self._git_server.sent.append(login)
        return login == self._git_server.logins.get(repository, login)

    def _refuse(self, fault: Fault) -> None:
        self.send_response(_REFUSALS[fault])
        if fault == "login":
            self.send_header("WWW-Authenticate", 'Basic realm="tests"')
        if fault == "moved":
            self.send_header("Location", f"{self._git_server.origin}/elsewhere{self.path}")
        self.send_header("Content-Type", "text/plain")
        self.end_headers()
        if sent := self.headers.get("Authorization"):
            # As a careless server does.
            login = base64.b64decode(sent.partition(" ")[2]).decode()
            self.wfile.write(f"{login} is not known, nor is {sent}.\n".encode())

    def _switch(self, path: str, query: dict[str, str]) -> None:
        if path == "/-/private":
            self._git_server.make_private(query["repository"], query["username"], query["token"])
        else:
            self._git_server.break_with(query["repository"], cast("Fault | None", query.get("fault")))
        self.send_response(HTTPStatus.NO_CONTENT)
        self.end_headers()

    def _serve_large(self, repository: str, path: str) -> None:
        if self.command == "GET":
            content = self._git_server.large(repository, path.rpartition("/")[2]).read_bytes()
            self._answer_large(content, "application/octet-stream")
            return
        wanted = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["objects"]
        answer = {"transfer": "basic", "objects": [self._found(repository, one) for one in wanted]}
        self._answer_large(json.dumps(answer).encode(), "application/vnd.git-lfs+json")

    def _found(self, repository: str, wanted: dict[str, Any]) -> dict[str, Any]:
        if not self._git_server.large(repository, wanted["oid"]).exists():
            return wanted | {"error": {"code": 404, "message": "This file is not here"}}
        href = f"{self._git_server.url(repository)}/info/lfs/objects/{wanted['oid']}"
        return wanted | {"actions": {"download": {"href": href}}}

    def _answer_large(self, content: bytes, kind: str) -> None:
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _pass_to_git(self, path: str, query: str, fault: Fault | None) -> None:
        """CGI (RFC 3875) with `git http-backend`."""
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length) if length else self._chunks()
        environment = {
            "PATH": os.environ["PATH"],
            "GIT_PROJECT_ROOT": str(self._git_server.folder),
            "GIT_HTTP_EXPORT_ALL": "1",
            "REQUEST_METHOD": self.command,
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
            "GIT_PROTOCOL": "" if fault == "old" else self.headers.get("Git-Protocol", ""),
        }
        command = ["git", "http-backend"]
        with subprocess.Popen(
            command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        ) as backend:
            stdin, stdout = cast("IO[bytes]", backend.stdin), cast("IO[bytes]", backend.stdout)
            stdin.write(body)
            stdin.close()
            self._send_head(stdout)
            if fault in {"stall", "cut"}:
                self._send_half(stdout.read(), fault)
            else:
                shutil.copyfileobj(stdout, self.wfile)

    def _send_head(self, answer: IO[bytes]) -> None:
        head = iter(lambda: answer.readline().decode().strip(), "")
        headers = dict(line.split(": ", 1) for line in head)
        self.send_response(int(headers.pop("Status", "200 OK").split()[0]))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def _send_half(self, content: bytes, fault: Fault) -> None:
        """Half of an answer that carries objects, then nothing or the end; other answers whole."""
        carries = content.startswith(_OBJECTS)
        self.wfile.write(content[: len(content) // 2] if carries else content)
        if carries and fault == "stall":
            self.wfile.flush()
            self._git_server.over.wait()

    def _chunks(self) -> bytes:
        if self.headers.get("Transfer-Encoding") != "chunked":
            return b""
        body = b""
        while size := int(self.rfile.readline(), 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        return body


def _git(*arguments: str, data: bytes | None = None, variables: Mapping[str, str] | None = None) -> str:
    environment = {
        "PATH": os.environ["PATH"],
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        **_AUTHOR,
        **(variables or {}),
    }
    done = subprocess.run(["git", *arguments], input=data, env=environment, capture_output=True, check=True)
    return done.stdout.decode().strip()


if __name__ == "__main__":
    GitServer(Path(sys.argv[1]).absolute(), int(sys.argv[2]), *sys.argv[3:]).serve_forever()
