"""How long a start takes, as a ratio to `jupyter lab` by hand.

The person's side is measured: from the request that starts the session until `/lab` answers through the
proxy to a browser's cookies, the login of the session itself included. By hand, the same environment serves
an equal folder, without hub, proxy or login, until `/lab` answers to its token.
"""

from __future__ import annotations

import os
import secrets
import subprocess
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import psutil
from httpx_sse import connect_sse

from benchmarks.report import Figure, median, percentile
from sessions_api.kit.clock import now
from sojourn.laptop.sweep import session_processes
from tests.laptop.stack import free_port
from tests.served import Served, settled, started, until

RATIO = 1.15
"""What Sojourn does around JupyterLab may cost a seventh of JupyterLab's own start, not more."""

PAIRS = 12
_POLL_SECONDS = 0.01


@dataclass
class _Sample:
    """One start: how long it took, and when each part of it was over, in seconds after the request."""

    seconds: float
    parts: dict[str, float] = field(default_factory=dict)


def measure(folder: Path) -> list[Figure]:
    """Alternates the two, after one of each to warm up."""
    sessions: list[_Sample] = []
    by_hand: list[_Sample] = []
    with Served(folder) as sojourn, sojourn.client() as client:
        client.post("/api/v1/projects", json={"name": "Bench"}).raise_for_status()
        client.post("/api/v1/projects/bench/sessions", json={"environment": "minimal"}).raise_for_status()
        venv = _environment(sojourn, client)
        for pair in range(PAIRS + 1):
            order = (_session, _by_hand) if pair % 2 else (_by_hand, _session)
            for one in order:
                sample = one(sojourn, client, venv)
                if pair:
                    (sessions if one is _session else by_hand).append(sample)
    return _figures(sessions, by_hand)


def _environment(sojourn: Served, client: httpx.Client) -> Path:
    """Starts the session once, which builds its environment if need be, and sees where that is."""
    run = settled(client, started(client, "bench", "minimal")["id"], "running", "failed", seconds=600)
    assert run["phase"] == "running", run["reason"]
    [record] = session_processes(sojourn.data)
    venv = Path(psutil.Process(record.pid).environ()["VIRTUAL_ENV"])
    _stop(client, run["id"])
    return venv


def _session(sojourn: Served, client: httpx.Client, _venv: Path) -> _Sample:
    with sojourn.browser() as browser:
        asked_at, began = now(), time.perf_counter()
        run = started(client, "bench", "minimal")
        parts = {"asked": time.perf_counter() - began}
        _wait_until_running(client, run)
        parts["told"] = time.perf_counter() - began
        read = client.get(f"/api/v1/runs/{run['id']}").json()
        answer = browser.get(f"{read['url']}lab").raise_for_status()
        seconds = time.perf_counter() - began
    assert answer.url.path == f"{read['url']}lab", answer.url
    parts |= _stages(read, asked_at)
    _stop(client, run["id"])
    return _Sample(seconds, parts)


def _wait_until_running(client: httpx.Client, run: dict[str, Any]) -> None:
    """As a page does: listens to the run's events."""
    with connect_sse(client, "GET", run["events"]) as stream:
        for event in stream.iter_sse():
            if event.event == "status" and event.json()["phase"] == "running":
                return
    raise AssertionError(client.get(f"/api/v1/runs/{run['id']}").text)


def _stages(run: dict[str, Any], asked_at: datetime) -> dict[str, float]:
    return {
        stage["title"]: (datetime.fromisoformat(stage["ended_at"]) - asked_at).total_seconds()
        for stage in run["stages"]
    }


def _stop(client: httpx.Client, run: str) -> None:
    """Ends the session and deletes its /work: the next start is a first one again."""
    client.post("/api/v1/projects/bench/sessions/minimal/stop").raise_for_status()
    settled(client, run, "stopped")


def _by_hand(sojourn: Served, _client: httpx.Client, venv: Path) -> _Sample:
    work = sojourn.data.root.parent / "by-hand"
    work.mkdir(exist_ok=True)
    address, token = f"http://127.0.0.1:{(port := free_port())}", secrets.token_hex()
    with httpx.Client(base_url=address, headers={"Authorization": f"token {token}"}, trust_env=False) as http:
        began = time.perf_counter()
        with _jupyter_lab(venv, work, port, token):
            until(lambda: _answers(http), "jupyter lab answers", pause=_POLL_SECONDS)
            return _Sample(time.perf_counter() - began)


@contextmanager
def _jupyter_lab(venv: Path, work: Path, port: int, token: str) -> Iterator[None]:
    environment = {
        **os.environ,
        "HOME": str(work.parent),
        "PATH": f"{venv / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "VIRTUAL_ENV": str(venv),
    }
    process = subprocess.Popen(
        [
            *(venv / "bin" / "jupyter", "lab", "--no-browser", "--allow-root", f"--port={port}"),
            *(f"--ServerApp.root_dir={work}", f"--IdentityProvider.token={token}"),
        ],
        cwd=work,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield
    finally:
        process.terminate()
        process.wait()


def _answers(http: httpx.Client) -> bool | None:
    try:
        return http.get("/lab").status_code == httpx.codes.OK or None
    except httpx.ConnectError:
        return None


def _figures(sessions: list[_Sample], by_hand: list[_Sample]) -> list[Figure]:
    ratios = [session.seconds / hand.seconds for session, hand in zip(sessions, by_hand, strict=True)]
    parts = defaultdict(list)
    for sample in sessions:
        for part, seconds in sample.parts.items():
            parts[part].append(seconds)
    titles = {"asked": "the request is answered", "told": "the page is told that it runs"}
    over = sorted((median(seconds), titles.get(part, f"“{part}” is over")) for part, seconds in parts.items())
    return [
        Figure("`jupyter lab` by hand, median", 1000 * median(each.seconds for each in by_hand), "ms"),
        Figure("a start, median", 1000 * median(each.seconds for each in sessions), "ms"),
        Figure("a start, 95 %", 1000 * percentile((each.seconds for each in sessions), 95), "ms"),
        *(Figure(f"  after which {what}", 1000 * seconds, "ms") for seconds, what in over),
        Figure("ratio, median of pairs", median(ratios), "×", RATIO),
    ]
