"""Starts a real JupyterHub with the spawner under test, kills it, and talks to it."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx
import psutil

from spawner.processes import ProcessRecord
from tests.spawner.stand_in_api import TOKEN, StandInApi

HUB_TOKEN = "token-of-the-tests-service"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Hub:
    """One hub on one data folder; can be killed and started again. `variables`: more of its environment."""

    config_file = Path(__file__).with_name("hub_config.py")

    def __init__(self, folder: Path, api: StandInApi, cache: Path, **variables: str) -> None:
        self.data = folder / "data"
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        hub = f"http://127.0.0.1:{free_port()}"
        self.data.mkdir()
        self._environment = os.environ | {
            "TEST_PUBLIC_URL": f"http://127.0.0.1:{free_port()}",
            "TEST_HUB_URL": hub,
            "TEST_HUB_FOLDER": str(folder),
            "TEST_HUB_TOKEN": HUB_TOKEN,
            "TEST_API_URL": api.url,
            "TEST_DATA": str(self.data),
            "TEST_CACHE": str(cache),
            "SOJOURN_SPAWNER_TOKEN": TOKEN,
            "PYTHONPATH": str(Path(__file__).parents[2]),
            **variables,
        }
        self.http = httpx.Client(
            base_url=f"{hub}/hub/api",
            headers={"Authorization": f"token {HUB_TOKEN}"},
            trust_env=False,
            timeout=20,
        )

    def start(self) -> None:
        with (self._folder / "hub.log").open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "jupyterhub", "-f", str(self.config_file), "--debug"],
                cwd=self._folder,
                env=self._environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        deadline = time.monotonic() + 90
        while not self._answers():
            assert self._process.poll() is None, self.log()
            assert time.monotonic() < deadline, self.log()
            time.sleep(0.05)

    def _answers(self) -> bool:
        try:
            return self.http.get("/").is_success
        except httpx.TransportError:
            return False

    def kill(self, number: signal.Signals = signal.SIGKILL) -> None:
        """Ends the hub, by default as a power cut would."""
        if self._process is not None:
            self._process.send_signal(number)
            self._process.wait(20)
            self._process = None

    def close(self) -> None:
        self.http.close()
        self.kill()
        for record in self.records():
            for process in processes_of(record.run):
                with contextlib.suppress(psutil.Error):
                    process.kill()

    def log(self) -> str:
        return (self._folder / "hub.log").read_text()

    def records(self) -> list[ProcessRecord]:
        found = [ProcessRecord.read(path) for path in self.data.glob("runs/*/process.json")]
        return [record for record in found if record is not None]

    def record(self, run: str) -> ProcessRecord | None:
        return ProcessRecord.read(ProcessRecord.path(self.data / "runs" / run))

    def spawn(self, person: str, server: str, options: dict[str, Any]) -> httpx.Response:
        self.http.post(f"/users/{person}")
        return self.http.post(f"/users/{person}/servers/{server}", json={"user_options": options})

    def stop(self, person: str, server: str, *, remove: bool = False) -> httpx.Response:
        return self.http.request("DELETE", f"/users/{person}/servers/{server}", json={"remove": remove})

    def server(self, person: str, server: str) -> dict[str, Any] | None:
        """The hub's model of an active server."""
        servers = self.http.get(f"/users/{person}").json()["servers"]
        return servers.get(server) if isinstance(servers, dict) else None

    def knows(self, person: str, server: str) -> bool:
        """Whether it has a server of that name, running or not."""
        answer = self.http.get(f"/users/{person}", params={"include_stopped_servers": "true"})
        return server in answer.json()["servers"]


def processes_of(run: str) -> list[psutil.Process]:
    """All processes that carry the run in their environment."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            if process.environ().get("SOJOURN_RUN") == run and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
    return found
