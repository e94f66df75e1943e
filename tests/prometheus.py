"""A real Prometheus, which reads what a test has kubelets and exporters say."""

from __future__ import annotations

import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx
import pytest

from tests.laptop.stack import free_port
from tests.served import until

CONFIG = """
global: {{scrape_interval: 1s}}
scrape_configs:
  - job_name: kubelet
    honor_labels: true
    static_configs: [{{targets: ["127.0.0.1:{port}"], labels: {{namespace: kube-system}}}}]
  - job_name: dcgm
    metrics_path: /gpus
    static_configs: [{{targets: ["127.0.0.1:{port}"], labels: {{namespace: gpu-operator, pod: dcgm-7}}}}]
"""
"""As they are read in clusters: kubelets say of which namespace they speak, what exporters say is renamed."""


class Said(ThreadingHTTPServer):
    """What is read: text by path."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.text = {"/metrics": "", "/gpus": ""}


class _Handler(BaseHTTPRequestHandler):
    server: Said

    def do_GET(self) -> None:
        body = self.server.text[self.path].encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; version=0.0.4")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Says nothing."""


class RealPrometheus:
    """A process with what it reads; `url` is where it answers."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._said = Said()
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        config = folder / "prometheus.yml"
        config.write_text(CONFIG.format(port=self._said.server_port))
        self._command = [
            "prometheus",
            f"--config.file={config}",
            f"--storage.tsdb.path={folder / 'data'}",
            f"--web.listen-address=127.0.0.1:{port}",
        ]

    def __enter__(self) -> Self:
        threading.Thread(target=self._said.serve_forever, args=(0.05,), daemon=True).start()
        with (self._folder / "log").open("wb") as log:
            self._process = subprocess.Popen(self._command, stdout=log, stderr=log)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.wait(20)
        self._said.shutdown()
        self._said.server_close()

    def hears(self, disks: str, gpus: str, names: set[str]) -> None:
        """Has it read this, and waits until it knows series of these names."""
        self._said.text = {"/metrics": disks, "/gpus": gpus}
        until(lambda: names <= self._names() or None, f"Prometheus knows {names}")

    def _names(self) -> set[str]:
        try:
            answer = httpx.get(f"{self.url}/api/v1/label/__name__/values", trust_env=False)
        except httpx.TransportError:
            return set()
        return set(answer.json()["data"]) if answer.is_success else set()


@contextmanager
def real_prometheus(folder: Path) -> Iterator[RealPrometheus]:
    """One that runs; the test is skipped where it is not installed."""
    if shutil.which("prometheus") is None:
        pytest.skip("Prometheus is not installed (Debian: apt install prometheus)")
    with RealPrometheus(folder) as running:
        yield running
