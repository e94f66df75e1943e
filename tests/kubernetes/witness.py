"""Watches pods and events beside the hub, and tells when the cluster itself had said what a reason says."""

from __future__ import annotations

import json
import subprocess
import threading
import time
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any, Self

from spawner.kubernetes import why
from tests.kube import Kubectl

Json = dict[str, Any]


class Witness:
    """Notes every state of every pod of a namespace, and every event, with the time it was told of it.

    Args:
        schedule: the hub's `schedule_patience`.
    """

    def __init__(self, kubectl: Kubectl, *, schedule: float = 300) -> None:
        self._context = why.Context("JupyterLab", patience=why.Patience(schedule=schedule))
        self._told: list[tuple[float, str, Json]] = []
        self._processes = [self._watch(kubectl.namespace, kind) for kind in ("pods", "events")]
        self._readers = [
            threading.Thread(target=self._read, args=(process, kind))
            for process, kind in zip(self._processes, ("pods", "events"), strict=True)
        ]

    def __enter__(self) -> Self:
        for reader in self._readers:
            reader.start()
        return self

    def __exit__(self, *_: object) -> None:
        for process in self._processes:
            process.kill()
            process.wait()
        for reader in self._readers:
            reader.join()

    def fact(self, run: str, code: str, *, seconds: float = 5) -> datetime:
        """When the cluster had first said, of the pod of a run, what comes to this code.

        Where a launch waits before it fails, it is the end of that patience.
        """
        deadline = time.monotonic() + seconds
        while (found := self._fact(run, code)) is None:
            assert time.monotonic() < deadline, f"the cluster never said what is {code}"
            time.sleep(0.05)
        return found

    def _fact(self, run: str, code: str) -> datetime | None:
        context = self._context
        pod: Json | None = None
        alive: Json | None = None
        events: dict[str, Json] = {}
        waiting: datetime | None = None
        for at, kind, thing in list(self._told):
            now = datetime.fromtimestamp(at, UTC)
            if (
                waiting is not None
                and waiting <= now
                and _is(pod, list(events.values()), context, waiting, code)
            ):
                return waiting
            if kind == "events":
                events[thing["metadata"]["name"]] = thing
            elif (thing["metadata"].get("labels") or {}).get("sojourn/run") == run:
                pod = thing
                # The hub deletes what failed; of two watches the one of the pods may tell that first.
                alive = alive if "deletionTimestamp" in thing["metadata"] else thing
            if pod is None:
                continue
            if any(_is(each, list(events.values()), context, now, code) for each in (pod, alive)):
                return now
            verdict = why.verdict(pod, list(events.values()), context, now=now)
            waiting = verdict.until if isinstance(verdict, why.Waiting) else None
        return waiting if _is(pod, list(events.values()), context, waiting, code) else None

    @staticmethod
    def _watch(namespace: str, kind: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            ["kubectl", "-n", namespace, "get", kind, "--watch", "--output-watch-events", "-o", "json"],
            stdout=subprocess.PIPE,
            text=True,
        )

    def _read(self, process: subprocess.Popen[str], kind: str) -> None:
        assert process.stdout is not None
        with process.stdout as output:
            for event in objects(output):
                self._told.append((time.time(), kind, event["object"]))


def objects(lines: Iterable[str]) -> Iterator[Json]:
    """The JSON objects that `kubectl` prints one after the other: on a line each, or over several."""
    text = ""
    for line in lines:
        text += line
        if line.startswith(("{", "}")) and line.rstrip().endswith("}"):
            yield json.loads(text)
            text = ""


def _is(pod: Json | None, events: list[Json], context: why.Context, at: datetime | None, code: str) -> bool:
    if pod is None or at is None:
        return False
    verdict = why.verdict(pod, events, context, now=at)
    return isinstance(verdict, why.Failed) and verdict.reason.code == code
