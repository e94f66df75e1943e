"""What the proxy needs of a Kubernetes API: one pod, a list of it, and a watch that tells what it is told."""

from __future__ import annotations

import json
import queue
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self, cast
from urllib.parse import parse_qs, urlsplit

from tests.kube_faults.__main__ import kubeconfig_for

Json = dict[str, Any]


def pod(phase: str = "Running") -> Json:
    return {
        "metadata": {"name": "session", "namespace": "here", "uid": "1"},
        "spec": {"containers": []},
        "status": {"phase": phase, "podIP": "10.0.0.1"},
    }


class StandInCluster:
    """Listens on 127.0.0.1 until it is left."""

    def __init__(self) -> None:
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self.bodies: list[Json] = []
        self.headers: dict[str, str] = {}
        self._server.cluster = self
        self.watchers: list[queue.Queue[Json | None]] = []

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        for watcher in self.watchers:
            watcher.put(None)
        self._server.shutdown()
        self._server.server_close()

    def kubeconfig(self, folder: Path) -> Path:
        path = folder / "kubeconfig"
        path.write_text(kubeconfig_for(f"http://127.0.0.1:{self._server.server_port}"))
        return path

    def tell(self, kind: str, thing: Json) -> None:
        """An event for every open watch."""
        for watcher in self.watchers:
            watcher.put({"type": kind, "object": thing})


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    cluster: StandInCluster

    def handle_error(self, request: object, client_address: object) -> None:
        """A watcher that is cut hangs up."""


class _Handler(BaseHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """The tests' output is no access log."""

    def do_GET(self) -> None:
        cast("_Server", self.server).cluster.headers = dict(self.headers)
        if "watch" in parse_qs(urlsplit(self.path).query):
            self._watch()
        elif self.path.endswith("/pods"):
            self._answer({"kind": "PodList", "items": [pod()]})
        else:
            self._answer(pod())

    def do_POST(self) -> None:
        cluster = cast("_Server", self.server).cluster
        cluster.bodies.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self._answer(pod("Pending"))

    def _watch(self) -> None:
        events: queue.Queue[Json | None] = queue.Queue()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self._say({"type": "ADDED", "object": pod()})
        cast("_Server", self.server).cluster.watchers.append(events)
        while (event := events.get()) is not None:
            self._say(event)

    def _say(self, event: Json) -> None:
        self.wfile.write(json.dumps(event).encode() + b"\n")
        self.wfile.flush()

    def _answer(self, content: Json) -> None:
        body = json.dumps(content).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
