"""Processes that the supervisor started, also those of a supervisor that is no more."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import Iterable
from typing import Self

import psutil
from pydantic import BaseModel, ConfigDict

_SAME_START_SECONDS = 2.0
"""Two looks at a process's start may differ when the computer's clock was set in between."""

_POLL_SECONDS = 0.05


class KnownProcess(BaseModel):
    """A process and when it began, which tells it from a later one with the same pid.

    Attributes:
        pid: also the id of its process group, except for the supervisor's own.
        created: seconds since 1970, as psutil gives them.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    pid: int
    created: float

    @classmethod
    def of(cls, pid: int) -> Self:
        """The process that has this pid now.

        Raises:
            psutil.NoSuchProcess: none has.
        """
        return cls(pid=pid, created=psutil.Process(pid).create_time())

    def is_alive(self) -> bool:
        """Whether it still runs; one that is dead but not yet collected does not."""
        with contextlib.suppress(psutil.Error):
            process = psutil.Process(self.pid)
            same = abs(process.create_time() - self.created) <= _SAME_START_SECONDS
            return same and process.status() != psutil.STATUS_ZOMBIE
        return False


async def end_groups(processes: Iterable[KnownProcess], grace: float) -> None:
    """Ends process groups by their leaders: SIGTERM, and after `grace` seconds SIGKILL."""
    alive = [process for process in processes if process.is_alive()]
    for process in alive:
        signal_group(process.pid, signal.SIGTERM)
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(_gone(alive), grace)
    for process in alive:
        signal_group(process.pid, signal.SIGKILL)
    await _gone(alive)


async def _gone(processes: Iterable[KnownProcess]) -> None:
    while any(process.is_alive() for process in processes):  # noqa: ASYNC110  # only a parent is told
        await asyncio.sleep(_POLL_SECONDS)


def signal_group(group: int, number: signal.Signals) -> None:
    """Sends a signal to a process group; harmless if it is no more."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)


def marked(variable: str, value: str) -> list[KnownProcess]:
    """All leaders of process groups, but our own, whose environment has `variable` with this value."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            leads = os.getpgid(process.pid) == process.pid != os.getpgrp()
            if leads and process.environ().get(variable) == value:
                found.append(KnownProcess(pid=process.pid, created=process.create_time()))
    return found
