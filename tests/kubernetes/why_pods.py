"""Pods and what was said of them: recorded on a real cluster, or made up in its words."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from spawner.kubernetes.why import Context, Failed, Verdict, verdict
from spawner.reasons import Reason

DATA = Path(__file__).parents[1] / "data" / "why"
CONTEXT = Context("JupyterLab", environment="Minimal")
Json = dict[str, Any]


def recorded(name: str) -> tuple[Json, list[Json]]:
    found = json.loads((DATA / f"{name}.json").read_text())
    return found["pod"], found["events"]


def then(pod: Json, events: Sequence[Json]) -> datetime:
    """When it was recorded."""
    said = [event.get("lastTimestamp") or event.get("eventTime") for event in events]
    return datetime.fromisoformat(max([pod["metadata"]["creationTimestamp"], *filter(None, said)]))


def judged(name: str, context: Context = CONTEXT, *, later: float = 0) -> Verdict:
    pod, events = recorded(name)
    return verdict(pod, events, context, now=then(pod, events) + timedelta(seconds=later))


def failed(name: str, context: Context = CONTEXT, *, later: float = 0) -> Reason:
    found = judged(name, context, later=later)
    assert isinstance(found, Failed), found
    return found.reason


def said(reason: str, message: str, *, second: int = 0, **about: str) -> Json:
    return {
        "reason": reason,
        "message": message,
        "involvedObject": {"kind": "Pod", "uid": "1", "name": "session", **about},
        "firstTimestamp": f"2026-01-01T00:00:{second:02}Z",
        "lastTimestamp": f"2026-01-01T00:00:{second:02}Z",
    }


def after(seconds: float) -> datetime:
    return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
