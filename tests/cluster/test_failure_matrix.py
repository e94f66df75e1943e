"""What a person does × when the Kubernetes API fails: each ends in a true status, with nothing left over.

The column *cluster* of the table in `docs/failures.md`. The API server is killed once, and stays away for as
long as it takes to ask for what is done meanwhile; it meets a session in each cell. That other components are
killed is in `test_faults`.
"""

from __future__ import annotations

import time
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from tests.cluster.faults import Components, asked, components, whole
from tests.cluster.installation import Installation
from tests.e2e.projects import API, Project

__all__ = ["components", "whole"]

pytestmark = [pytest.mark.cluster, pytest.mark.slow, pytest.mark.timeout(600)]

VERBS = ("start", "run", "pause", "resume", "stop", "delete")
WHEN = ("before", "during", "after")
CELLS = [(verb, when) for verb in VERBS for when in WHEN]
ENDS = {
    "start": "running",
    "run": "running",
    "pause": "paused",
    "resume": "running",
    "stop": "stopped",
    "delete": "stopped",
}
KEEP_THEIR_PODS = {*(("run", when) for when in WHEN), ("start", "after"), ("resume", "after")}
PATIENCE = 120.0
"""Seconds within which everything is as it has to be, on a busy computer."""


@dataclass
class Cell:
    """A session, what is done of it when, and what was seen.

    Attributes:
        run: the run, once it was at rest.
        before, after: its pods before the failure, and once it was at rest.
        left: what the cluster had of it when it was stopped.
    """

    verb: str
    when: str
    project: Project
    session: str
    run: dict[str, Any] = field(default_factory=dict)
    before: list[str] = field(default_factory=list)
    after: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)

    @classmethod
    def make(cls, installation: Installation, verb: str, when: str) -> Cell:
        project = Project.create(installation)
        made = project.post("/sessions", {"environment": "files"})
        return cls(verb, when, project, made["id"])

    def ask(self, verb: str) -> None:
        """Asks until it is taken."""
        if verb == "delete":
            self.project.http.delete(f"{self.project.path}/sessions/files?force=true").raise_for_status()
        elif verb != "run":
            self.run = asked(self.project, "start" if verb == "resume" else verb)

    def is_in(self, phase: str) -> bool:
        """Whether the run is, and nothing else is wished of it."""
        try:
            answer = self.project.http.get(f"{API}/runs/{self.run['id']}").raise_for_status()
        except httpx.HTTPError:
            return False
        self.run = answer.json()
        return bool(self.run["phase"] == phase and self.run["wish"] == "run")


class Matrix:
    """All cells."""

    def __init__(self, installation: Installation) -> None:
        self.installation = installation
        self.cells = {(verb, when): Cell.make(installation, verb, when) for verb, when in CELLS}

    def of(self, verbs: tuple[str, ...], *when: str) -> list[Cell]:
        """The cells of some verbs and times."""
        return [cell for cell in self.cells.values() if cell.verb in verbs and cell.when in when]

    def reach(self, wanted: dict[str, list[Cell]]) -> None:
        """Waits until cells are in phases; those that do not get there are seen as they are."""
        waiting = [(cell, phase) for phase, cells in wanted.items() for cell in cells]
        end = time.monotonic() + PATIENCE
        while waiting and time.monotonic() < end:
            time.sleep(0.2)
            waiting = [(cell, phase) for cell, phase in waiting if not cell.is_in(phase)]

    def do(self, cells: list[Cell], verb: str, phase: str) -> None:
        """Has something done of all of them, and waits for it."""
        for cell in cells:
            cell.ask(verb)
        self.reach({phase: cells})

    def prepare(self) -> None:
        """Brings each to where it is before what is done of it, or after."""
        others = ("run", "pause", "resume", "stop", "delete")
        self.do(self.of(others, *WHEN) + self.of(("start",), "after"), "start", "running")
        self.do(self.of(("resume",), *WHEN) + self.of(("pause",), "after"), "pause", "paused")
        self.do(self.of(("resume",), "after"), "start", "running")
        self.do(self.of(("stop",), "after"), "stop", "stopped")
        self.do(self.of(("delete",), "after"), "delete", "stopped")

    def play(self, components: Components) -> None:
        """Does of each what is to be done, with the failure at its time."""
        pods = self.there("pod")
        for cell in self.of(VERBS, "during"):
            cell.ask(cell.verb)
        components.stop("apiserver")
        for cell in self.of(VERBS, "before"):
            cell.ask(cell.verb)
        components.start("apiserver")
        self.reach(
            {phase: [c for c in self.cells.values() if ENDS[c.verb] == phase] for phase in ENDS.values()}
        )
        pods_after = self.there("pod")
        for cell in self.cells.values():
            cell.before, cell.after = pods[cell.session], pods_after[cell.session]

    def leave(self) -> None:
        """Stops all that is there, and looks for what the cluster still has of it."""
        there = self.of(("start", "run", "pause", "resume"), *WHEN)
        seen = [cell.run for cell in there]
        self.do(there, "stop", "stopped")
        for cell, run in zip(there, seen, strict=True):
            cell.run = run
        end = time.monotonic() + PATIENCE
        while True:
            left = self.there("pod,pvc,secret")
            for cell in self.cells.values():
                cell.left = left[cell.session]
            if not any(cell.left for cell in self.cells.values()) or time.monotonic() > end:
                return
            time.sleep(1)

    def there(self, kinds: str) -> defaultdict[str, list[str]]:
        """What the cluster has of each session, by uid."""
        found: defaultdict[str, list[str]] = defaultdict(list)
        for one in self.installation.kubectl.list(kinds):
            metadata = one["metadata"]
            found[metadata.get("labels", {}).get("sojourn/session", "")].append(metadata["uid"])
        return found


@pytest.fixture(scope="module")
def matrix(installation: Installation, components: Components) -> Matrix:
    """All cells, with what was seen of them."""
    installation.until_ready()
    made = Matrix(installation)
    made.prepare()
    made.play(components)
    made.leave()
    installation.until_ready()
    return made


@pytest.mark.parametrize(("verb", "when"), CELLS, ids=[f"{verb}-{when}-cluster" for verb, when in CELLS])
def test_ends_in_a_true_status_with_nothing_left(matrix: Matrix, verb: str, when: str) -> None:
    cell = matrix.cells[verb, when]

    assert (cell.run["phase"], cell.run["reason"]) == (ENDS[verb], None)
    assert len(cell.after) == (1 if ENDS[verb] == "running" else 0)
    if (verb, when) in KEEP_THEIR_PODS:
        assert cell.after == cell.before
    assert cell.left == []
