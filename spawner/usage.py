"""What a session on this computer uses: CPU and memory of its processes, and the size of its /work."""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from collections.abc import Iterator
from pathlib import Path

import psutil

from spawner.api import ApiRefusalError, ApiUnavailableError, SojournApi
from spawner.containers.records import ContainerRecord
from spawner.processes import ProcessRecord
from spawner.reports import Usage

EVERY = 15.0
"""Seconds between two samples."""
FOLDER_EVERY = 4
"""Samples of which one has the size of /work: to look at all files takes longer."""
MOST_FILES = 100_000
"""Files beyond which nobody looks how large /work is."""


class Meter:
    """Samples of one session."""

    def __init__(self, run_folder: Path, work: Path) -> None:
        self._run_folder = run_folder
        self._work = work
        self._spent: dict[tuple[int, float], float] = {}
        self._at = time.monotonic()
        self._count = 0
        self._disk: int | None = None

    def sample(self, attempt: int) -> Usage | None:
        """What the session uses now; None: none of its processes is known, as where it is a container.

        CPUs are those that were busy since the sample before. Memory that processes share counts for each.
        """
        record = ProcessRecord.read(ProcessRecord.path(self._run_folder))
        is_container = ContainerRecord.read(self._run_folder) is not None
        found = None if record is None or is_container else record.process()
        if found is None:
            return None
        memory, spent = 0, {}
        for process in _family(found):
            with contextlib.suppress(psutil.Error), process.oneshot():
                times = process.cpu_times()
                spent[process.pid, process.create_time()] = times.user + times.system
                memory += process.memory_info().rss
        now = time.monotonic()
        # What was not there before began since, so that all it spent is of this time.
        busy = sum(seconds - self._spent.get(which, 0.0) for which, seconds in spent.items())
        cpus = max(0.0, busy) / max(now - self._at, 0.001) if self._count else None
        if self._count % FOLDER_EVERY == 0:
            self._disk = folder_bytes(self._work)
        self._spent, self._at = spent, now
        self._count += 1
        return Usage(attempt=attempt, cpus=cpus, memory_bytes=memory, disk_bytes=self._disk)


def _family(process: psutil.Process) -> Iterator[psutil.Process]:
    yield process
    with contextlib.suppress(psutil.Error):
        yield from process.children(recursive=True)


def folder_bytes(folder: Path) -> int | None:
    """What the files below a folder take on the disk, links not followed; None: they are too many."""
    total = count = 0
    left = [] if folder.is_symlink() else [folder]
    while left:
        with contextlib.suppress(OSError), os.scandir(left.pop()) as entries:
            for entry in entries:
                count += 1
                if count > MOST_FILES:
                    return None
                with contextlib.suppress(OSError):
                    if entry.is_dir(follow_symlinks=False):
                        left.append(Path(entry.path))
                    else:
                        total += entry.stat(follow_symlinks=False).st_blocks * 512
    return total


async def report(api: SojournApi, run: str, attempt: int, meter: Meter) -> None:
    """Tells the API what a session uses, until cancelled; a sample that it does not take is lost."""
    while True:
        found = await asyncio.to_thread(meter.sample, attempt)
        try:
            if found is not None:
                await api.used(run, found)
        except ApiUnavailableError:
            pass
        except ApiRefusalError:
            # An API of before, or a run that is over: nobody wants to know.
            return
        await asyncio.sleep(EVERY)
