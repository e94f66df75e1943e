"""What a run uses and says, from Python."""

from __future__ import annotations

from typing import Any

import httpx

from sojourn import Client
from tests.client.standin import AT, Script

NOTHING: dict[str, Any] = {"cpus": None, "memory_bytes": None, "disk_bytes": None}


def test_samples_limits_and_peaks_are_typed() -> None:
    body = {
        "limit": {**NOTHING, "cpus": 2.0},
        "peak": {**NOTHING, "memory_bytes": 7},
        "samples": [{**NOTHING, "memory_bytes": 5, "at": AT}],
    }
    script = Script(httpx.Response(200, json=body))
    used = Client("http://sojourn.test", via=script).runs.usage("run-1")
    assert script.requests[0].url.path == "/api/v1/runs/run-1/usage"
    assert (used.limit.cpus, used.peak.memory_bytes, used.samples[0].memory_bytes) == (2.0, 7, 5)


def test_a_log_is_narrowed_to_a_container_a_launch_and_words() -> None:
    line = {"at": AT, "attempt": 2, "seconds": 1.5, "source": "gate", "text": "Ready"}
    script = Script(httpx.Response(200, json={"lines": [line], "containers": ["gate", "session"]}))
    said = Client("http://sojourn.test", via=script).runs.log(
        "run-1", tail=5, container="gate", attempt=2, search="ready"
    )
    assert dict(script.requests[0].url.params) == {
        "tail": "5",
        "container": "gate",
        "attempt": "2",
        "search": "ready",
    }
    assert (said.lines[0].attempt, said.containers) == (2, ("gate", "session"))
