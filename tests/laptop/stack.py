"""A whole laptop's Sojourn in a temporary data folder, driven as people drive it: by its command."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import psutil

from sojourn.laptop.children import CHILD_VARIABLE
from sojourn.laptop.data import DataFolder, State

COMMAND = str(Path(sys.executable).with_name("sojourn"))
START_SECONDS = 90.0
END_SECONDS = 40.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_until(true: Callable[[], bool], what: str, seconds: float = 30.0) -> None:
    """The wait's end only keeps a broken program from hanging the tests."""
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            raise AssertionError(f"never happened: {what}")
        time.sleep(0.05)


class Stack:
    """One data folder and, while it is started, the `sojourn up` on it."""

    def __init__(self, root: Path, *, port: int | None = None, own_hosts: str | None = None) -> None:
        self.port = port or free_port()
        self.local_url = f"http://127.0.0.1:{self.port}"
        self.own_hosts = own_hosts
        self.url = f"http://{own_hosts}:{self.port}" if own_hosts else self.local_url
        self.data = DataFolder(root / "data")
        self.output = root / "up.out"
        self._environment = {
            **os.environ,
            "SOJOURN_CACHE": str(root / "cache"),
            # Only tests of containers depend on whether this computer has an engine.
            "SOJOURN_ENGINE": "none",
            "HOME": str(root),
            "PYTHONWARNINGS": "default",
        }
        self.up: subprocess.Popen[bytes] | None = None

    def start(self, *arguments: str) -> None:
        """Starts `sojourn up` and waits for its login link."""
        with self.output.open("wb") as output:
            self.up = subprocess.Popen(
                [
                    COMMAND,
                    "up",
                    f"--port={self.port}",
                    f"--data={self.data.root}",
                    "--no-browser",
                    *([f"--own-hosts={self.own_hosts}"] if self.own_hosts else []),
                    *arguments,
                ],
                stdout=output,
                stderr=subprocess.STDOUT,
                env=self._environment,
            )
        up = self.up
        wait_until(lambda: bool(self.links()) or up.poll() is not None, "a login link", START_SECONDS)
        if not self.links():
            raise AssertionError(self.text())

    def text(self) -> str:
        return self.output.read_text()

    def links(self) -> list[str]:
        return [word for word in self.text().split() if word.startswith(f"{self.url}/hub/link?")]

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Another `sojourn` command on the same data folder."""
        return subprocess.run(
            [COMMAND, *arguments, f"--data={self.data.root}"],
            capture_output=True,
            text=True,
            env=self._environment,
            timeout=60,
            check=False,
        )

    def end(self, number: signal.Signals = signal.SIGINT) -> int:
        """Ends `sojourn up` and answers with its exit code."""
        assert self.up is not None
        self.up.send_signal(number)
        return self.up.wait(END_SECONDS)

    def close(self) -> None:
        if self.up is not None and self.up.poll() is None:
            self.end(signal.SIGTERM)
        for process in self.processes():
            process.kill()

    def state(self) -> State:
        state = self.data.read_state()
        assert state is not None
        return state

    def processes(self) -> list[psutil.Process]:
        """All processes of the data folder but the supervisor."""
        found = []
        for process in psutil.process_iter():
            try:
                if process.environ().get(CHILD_VARIABLE) == str(self.data.root):
                    found.append(process)
            except psutil.Error:
                continue
        return found

    def answers(self) -> bool:
        """Whether the API and the hub both answer through the proxy."""
        try:
            return all(httpx.get(self.url + path).is_success for path in ("/healthz", "/hub/api/"))
        except httpx.HTTPError:
            return False

    def command_token(self, person: str | None = None) -> str:
        return self.data.command_token(person or self.state().people[0]).read_text()
