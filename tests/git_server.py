"""Serves real bare repositories over HTTP, with faults that can be switched on and off.

In a test: `with GitServer(folder) as server: server.create("bar", {"a.txt": "1"})`, then clone
`server.url("bar")`.
By itself: `python tests/git_server.py FOLDER PORT` serves the bare repositories below FOLDER until it is
ended; `curl -X POST 'http://127.0.0.1:PORT/-/fault?repository=bar&fault=stall'` switches a fault on there.

Faults: `not_found` (404), `login` (401), `unavailable` (503), `hang` (accepts and does not answer before the
event `over` is set), `stall` (begins to send the objects, then nothing), `cut` (begins to, then hangs up).
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
from collections.abc import Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Literal, Self, cast
from urllib.parse import parse_qs, urlsplit

Fault = Literal["not_found", "login", "unavailable", "hang", "stall", "cut"]

_REFUSALS = {
    "not_found": HTTPStatus.NOT_FOUND,
    "login": HTTPStatus.UNAUTHORIZED,
    "unavailable": HTTPStatus.SERVICE_UNAVAILABLE,
}
_OBJECTS = b"000dpackfile"
"""How an answer that carries objects begins (gitprotocol-v2, fetch)."""

_AUTHOR = {
    f"GIT_{who}_{what}": value
    for who in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "Ann"), ("EMAIL", "ann@example.org"), ("DATE", "2026-01-02T03:04:05Z"))
}


class GitServer(ThreadingHTTPServer):
    """A git server at a free port of 127.0.0.1, unless another is given."""

    daemon_threads = True

    def __init__(self, folder: Path, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.folder = folder
        self.faults: dict[str, Fault] = {}
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
        return f"http://127.0.0.1:{self.server_port}/{name}.git"

    def create(self, name: str, files: Mapping[str, str | bytes], *, branch: str = "main") -> str:
        """Makes a repository with one commit; returns the commit."""
        _git("init", "--quiet", "--bare", f"--initial-branch={branch}", str(self._path(name)))
        return self.commit(name, files, branch=branch)

    def commit(self, name: str, files: Mapping[str, str | bytes], *, branch: str = "main") -> str:
        """Adds a commit of exactly these files to a branch, which need not exist yet; returns the commit."""
        path = self._path(name)
        entries = []
        for file, content in sorted(files.items()):
            data = content.encode() if isinstance(content, str) else content
            blob = _git("-C", str(path), "hash-object", "-w", "--stdin", data=data)
            entries.append(f"100644 blob {blob}\t{file}\n")
        tree = _git("-C", str(path), "mktree", data="".join(entries).encode())
        parent = self.head(name, branch)
        parents = ("-p", parent) if parent else ()
        commit = _git(
            "-C", str(path), "commit-tree", tree, *parents, "-m", f"Change {', '.join(sorted(files))}"
        )
        self.set_ref(name, f"refs/heads/{branch}", commit)
        return commit

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

    def break_with(self, name: str, fault: Fault | None) -> None:
        """Switches a fault of one repository on, or with None off."""
        if fault is None:
            self.faults.pop(name, None)
        else:
            self.faults[name] = fault

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
        if target.path == "/-/fault":
            self._switch_fault(parse_qs(target.query))
            return
        repository = target.path.split("/")[1].removesuffix(".git")
        fault = self._git_server.faults.get(repository)
        if fault in _REFUSALS:
            self.send_response(_REFUSALS[fault])
            if fault == "login":
                self.send_header("WWW-Authenticate", 'Basic realm="tests"')
            self.end_headers()
        elif fault == "hang":
            self._git_server.over.wait()
            self._pass_to_git(target.path, target.query, None)
        else:
            self._pass_to_git(target.path, target.query, fault)

    def _switch_fault(self, query: dict[str, list[str]]) -> None:
        fault = query.get("fault", [""])[0] or None
        self._git_server.break_with(query["repository"][0], cast("Fault | None", fault))
        self.send_response(HTTPStatus.NO_CONTENT)
        self.end_headers()

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
            "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
        }
        answer = subprocess.run(
            ["git", "http-backend"], input=body, env=environment, capture_output=True, check=False
        )
        head, _, content = answer.stdout.partition(b"\r\n\r\n")
        headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n") if line)
        self.send_response(int(headers.pop("Status", "200 OK").split()[0]))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if fault is not None and content.startswith(_OBJECTS):
            self.wfile.write(content[: len(content) // 2])
            if fault == "stall":
                self.wfile.flush()
                self._git_server.over.wait()
            return
        self.wfile.write(content)

    def _chunks(self) -> bytes:
        if self.headers.get("Transfer-Encoding") != "chunked":
            return b""
        body = b""
        while size := int(self.rfile.readline(), 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        return body


def _git(*arguments: str, data: bytes | None = None) -> str:
    environment = {
        "PATH": os.environ["PATH"],
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        **_AUTHOR,
    }
    done = subprocess.run(["git", *arguments], input=data, env=environment, capture_output=True, check=True)
    return done.stdout.decode().strip()


if __name__ == "__main__":
    GitServer(Path(sys.argv[1]).absolute(), int(sys.argv[2])).serve_forever()
