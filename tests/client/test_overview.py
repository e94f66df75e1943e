"""Everybody's runs from Python."""

from __future__ import annotations

from typing import Any

import httpx

from sojourn import AsyncClient, Client
from tests.client.standin import AT, Script

RUN: dict[str, Any] = {
    "id": "run-1",
    "person": "ann",
    "project": {"slug": "bar-one", "name": "Bar one"},
    "session": {"slug": "python", "name": "Python"},
    "environment": {"slug": "python", "name": "Python"},
    "version": 3,
    "attempt": 1,
    "phase": "running",
    "wish": "pause",
    "resource_class": "small",
    "pool": None,
    "cpus": 1.0,
    "memory_gib": 2.0,
    "gpus": 0,
    "node": "node-1",
    "queue": None,
    "created_at": AT,
    "launched_at": AT,
    "ready_at": AT,
    "failed_at": None,
    "failed_code": None,
}


def test_live_runs_are_listed_and_paused() -> None:
    script = Script(httpx.Response(200, json={"items": [RUN], "next": None}), httpx.Response(202, json=RUN))
    client = Client("http://sojourn.test", via=script)

    [found] = client.overview.runs(person="ann", node="node-1")
    asked = client.overview.pause(found.id)

    listing, pause = script.requests
    assert listing.url.path == "/api/v1/admin/runs"
    assert dict(listing.url.params) == {"person": "ann", "node": "node-1"}
    assert (pause.method, pause.url.path) == ("POST", "/api/v1/admin/runs/run-1/pause")
    assert (asked.wish, asked.session.name, asked.version) == ("pause", "Python", 3)


async def test_failures_are_counted_without_waiting_too() -> None:
    count = {"code": "node_lost", "count": 2, "people": 1, "last_at": AT}
    script = Script(httpx.Response(200, json={"items": [count], "next": None}))
    async with AsyncClient("http://sojourn.test", via=script) as client:
        [found] = [each async for each in client.overview.failures(days=1)]
    assert (found.code, found.count) == ("node_lost", 2)
    assert dict(script.requests[0].url.params) == {"days": "1"}
