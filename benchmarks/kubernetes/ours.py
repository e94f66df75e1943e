"""Sojourn, its API and hub on this machine, its proxy and its sessions as pods."""

from __future__ import annotations

import time
from typing import Any

import httpx
from httpx_sse import connect_sse

from benchmarks.kubernetes.clicks import Click
from tests.e2e.projects import API
from tests.kube_stack import KubeStack
from tests.served import settled, started

_NOWHERE = "sha256:" + "0" * 64


class Ours:
    """Sessions of one project, one for each person; a click after the first resumes a paused one."""

    def __init__(self, stack: KubeStack, *people: str) -> None:
        self._stack = stack
        owner = stack.http(people[0])
        owner.post(f"{API}/projects", json={"name": "Bench"}).raise_for_status()
        for environment in ("minimal", "missing"):
            owner.post(f"{API}/projects/bench/sessions", json={"environment": environment}).raise_for_status()
        for person in people[1:]:
            stack.http(person)
            body = {"person": person, "role": "viewer"}
            owner.post(f"{API}/projects/bench/members", json=body).raise_for_status()

    @staticmethod
    def recipes(minimal: dict[str, Any]) -> dict[str, dict[str, Any]]:
        """An environment whose image is not there."""
        repository = minimal["image"].partition("@")[0]
        return {"missing": minimal | {"name": "Missing", "image": f"{repository}@{_NOWHERE}"}}

    def click(self, person: str) -> Click:
        """Starts the session, follows its events as the page does, and opens it."""
        with self._client(person) as http:
            began = time.time()
            run = started(http, "bench", "minimal")
            ended = _until(http, run, "running")
            assert ended["phase"] == "running", http.get(f"{API}/runs/{run['id']}").text
            read = http.get(f"{API}/runs/{run['id']}").json()
            http.get(f"{read['url']}lab", follow_redirects=True).raise_for_status()
            return Click(person, began, time.time())

    def failed(self, person: str) -> float:
        """Seconds until a person knows that a session whose image is not there does not start."""
        with self._client(person) as http:
            began = time.time()
            told = _until(http, started(http, "bench", "missing"), "failed")
            assert told["phase"] == "failed", told
            return time.time() - began

    def stop(self, person: str) -> None:
        """Pauses the session: its /work stays, as a stock server's claim does."""
        with self._client(person) as http:
            run = http.get(f"{API}/projects/bench/sessions/minimal").json()["run"]
            http.post(f"{API}/projects/bench/sessions/minimal/pause")
            settled(http, run, "paused", "failed", "stopped")

    def log(self) -> str:
        """What API and hub wrote."""
        return self._stack.log()

    def _client(self, person: str) -> httpx.Client:
        shared = self._stack.http(person)
        return httpx.Client(base_url=shared.base_url, headers=shared.headers, trust_env=False, timeout=90)


def _until(http: httpx.Client, run: dict[str, Any], phase: str) -> dict[str, Any]:
    """What is told when the launch that was asked for has come to a phase, or to its end."""
    attempt = run["attempt"] + (run["wish"] == "resume")
    with connect_sse(http, "GET", run["events"]) as stream:
        for event in stream.iter_sse():
            if event.event != "status":
                continue
            told: dict[str, Any] = event.json()
            if told["attempt"] == attempt and told["phase"] in {phase, "failed", "stopped"}:
                return told
    return {"phase": "ended"}
