"""What is really there: sessions' processes and their /work, whoever knows of them."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from spawner.reports import Reports
from spawner.saved import SavedRun

GRACE = 0.2
"""Seconds that a process takes to end when it is told to."""


@dataclass(eq=False)
class Process:
    """A session's program.

    Attributes:
        status: exit code; None while it runs.
        told: whether it was told to end.
    """

    run: str
    attempt: int
    work: str
    answers: bool = False
    status: int | None = None
    told: bool = False
    ended: asyncio.Event = field(default_factory=asyncio.Event)

    def end(self, status: int) -> None:
        """It ends, by itself or because somebody ended it."""
        if self.status is None:
            self.status = status
            self.ended.set()


class Facts:
    """All processes and folders.

    Attributes:
        works: the names of the folders that are somebody's /work.
        twice: runs of which two programs ran at one time.
        seconds: how long a program takes until it answers.
        doomed: runs whose programs end instead of answering.
        delivered: what the service was told of launches.
    """

    def __init__(self) -> None:
        self.processes: list[Process] = []
        self.works: set[str] = set()
        self.twice: list[str] = []
        self.seconds = 1.0
        self.doomed: set[str] = set()
        self.delivered: list[tuple[str, Reports]] = []

    def forget(self) -> None:
        """Leaves nothing of an earlier test."""
        self.processes.clear()
        self.works.clear()
        self.twice.clear()
        self.doomed.clear()
        self.delivered.clear()

    def begin(self, saved: SavedRun) -> Process:
        """Starts the program of an attempt, with its /work."""
        if any(process.work == saved.work for process in self.running()):
            self.twice.append(saved.run)
        process = Process(saved.run, saved.attempt, saved.work)
        self.processes.append(process)
        self.works.add(saved.work)
        return process

    def running(self, run: str | None = None) -> list[Process]:
        """The programs that run, of one run or all."""
        return [
            process for process in self.processes if process.status is None and run in {None, process.run}
        ]

    def of(self, saved: SavedRun) -> Process | None:
        """The newest program of an attempt."""
        found = (
            process
            for process in reversed(self.processes)
            if (process.run, process.attempt) == (saved.run, saved.attempt)
        )
        return next(found, None)
