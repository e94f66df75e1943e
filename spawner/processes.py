"""Sessions as processes of this computer: recorded before they run, ended whole.

A session outlives the hub: its record on disk is written before its program does anything, so whoever comes
later finds it. What does not outlive who started it is in `spawner.leashed`.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import psutil
from pydantic import ValidationError

from spawner.part import Part

RUN_VARIABLE = "SOJOURN_RUN"
"""Every process of a session has it in its environment."""

RECORD = "process.json"
_SAME_START_SECONDS = 2.0
"""Two looks at a process's start may differ when the computer's clock was set in between."""

_HOLD = 'read -r go && exec "$@" </dev/null'
_POLL_SECONDS = 0.05


class ProcessRecord(Part):
    """Which process of this computer is a run's session.

    Attributes:
        pid: also the id of its process group and its OS session.
        created: when the process began, in seconds since 1970: tells it from a later one with the same pid.
    """

    run: str
    pid: int
    created: float
    pgid: int

    @classmethod
    def read(cls, path: Path) -> ProcessRecord | None:
        """The record at `path`; None if there is none or it cannot be read."""
        try:
            return cls.model_validate_json(path.read_bytes())
        except (OSError, ValidationError):
            return None

    @staticmethod
    def path(run_folder: Path, name: str = RECORD) -> Path:
        """Where the record of a run's program belongs in its folder; `name` is that of another record."""
        return run_folder / name

    def write(self, run_folder: Path, name: str = RECORD) -> None:
        """Puts the record into the run's folder, whole or not at all.

        Raises:
            OSError: the disk does not take it.
        """
        beside = run_folder / f".{name}"
        beside.write_text(json.dumps(self.model_dump()))
        beside.replace(self.path(run_folder, name))

    def remove(self, run_folder: Path, name: str = RECORD) -> None:
        """Takes the record away, if the folder still holds this one."""
        if ProcessRecord.read(self.path(run_folder, name)) == self:
            self.path(run_folder, name).unlink(missing_ok=True)

    def process(self) -> psutil.Process | None:
        """The process, if it still runs; one that is dead but not yet collected does not."""
        with contextlib.suppress(psutil.Error):
            process = psutil.Process(self.pid)
            same = abs(process.create_time() - self.created) <= _SAME_START_SECONDS
            if same and process.status() != psutil.STATUS_ZOMBIE:
                return process
        return None

    def is_alive(self) -> bool:
        """Whether the process still runs."""
        return self.process() is not None


class HeldProcess:
    """A process in an OS session of its own that waits, before it does anything, for `release`.

    If the hub dies first it ends by itself, so a program never runs without a record.
    """

    def __init__(self, process: asyncio.subprocess.Process, record: ProcessRecord) -> None:
        self.process = process
        self.record = record

    @classmethod
    async def start(
        cls, command: Sequence[str], *, run: str, folder: Path, environment: Mapping[str, str], output: Path
    ) -> HeldProcess:
        """Makes the process; its output is added to the file `output`, which outlives the hub.

        Raises:
            OSError: the system does not start it.
        """
        descriptor = os.open(output, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            process = await asyncio.create_subprocess_exec(
                *("/bin/sh", "-c", _HOLD, "sojourn"),
                *command,
                stdin=asyncio.subprocess.PIPE,
                stdout=descriptor,
                stderr=descriptor,
                cwd=folder,
                env=dict(environment),
                start_new_session=True,
            )
        finally:
            os.close(descriptor)
        created = psutil.Process(process.pid).create_time()
        return cls(process, ProcessRecord(run=run, pid=process.pid, created=created, pgid=process.pid))

    def abandon(self) -> None:
        """Ends it before its program has begun."""
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()

    async def release(self) -> None:
        """Lets the program begin."""
        pipe = self.process.stdin
        if pipe is not None:
            with contextlib.suppress(ConnectionError):
                pipe.write(b"go\n")
                await pipe.drain()
                # Not awaited: asyncio complains when who waits for the end of a pipe is cancelled.
                pipe.close()


async def wait_for_end(record: ProcessRecord) -> None:
    """Returns when the process has ended; for processes that are not (or no longer) our children."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            return await _wait_for_descriptor(record)
    while record.is_alive():  # noqa: ASYNC110 - this system has no event for it
        await asyncio.sleep(0.25)
    return None


async def _wait_for_descriptor(record: ProcessRecord) -> None:
    """Waits on a pidfd, which becomes readable when the process ends (pidfd_open(2), Linux 5.3)."""
    try:
        descriptor = os.pidfd_open(record.pid)
    except ProcessLookupError:
        return
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    try:
        loop.add_reader(descriptor, ended.set)
        # Looked at after the descriptor was opened: from here on the pid cannot become someone else's unseen.
        if record.is_alive():
            await ended.wait()
    finally:
        loop.remove_reader(descriptor)
        os.close(descriptor)


async def end_record(record: ProcessRecord, grace: float) -> None:
    """Ends the session's process and everything that belongs to it, kernels and terminals too.

    The program gets `grace` seconds to end its own children in order; then each gets SIGKILL.
    """
    process = record.process()
    # Kernels have OS sessions of their own and lose their parent with the server: they are remembered now.
    family = _descendants(process) if process else []
    if process is not None:
        with contextlib.suppress(psutil.Error):
            process.terminate()
        await _gone([process], grace)
        family.append(process)
    await _kill(family, grace)
    await _kill(await asyncio.to_thread(_marked, record.run), grace)


async def _kill(processes: Iterable[psutil.Process], grace: float) -> None:
    left = [process for process in processes if _runs(process)]
    for process in left:
        with contextlib.suppress(psutil.Error):
            process.kill()
    await _gone(left, grace)


def _descendants(process: psutil.Process) -> list[psutil.Process]:
    try:
        return process.children(recursive=True)
    except psutil.Error:
        return []


def _marked(run: str) -> list[psutil.Process]:
    """Whatever carries the run's id in its environment, whoever its parent is now."""
    found = []
    for process in psutil.process_iter():
        # Another user's process does not show its environment; it is not ours then.
        with contextlib.suppress(psutil.Error, OSError):
            if process.environ().get(RUN_VARIABLE) == run:
                found.append(process)
    return found


def _runs(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


async def _gone(processes: list[psutil.Process], seconds: float) -> None:
    """Returns when none of them runs, at the latest after `seconds`."""
    deadline = asyncio.get_running_loop().time() + seconds
    while any(_runs(process) for process in processes):
        if asyncio.get_running_loop().time() > deadline:
            return
        await asyncio.sleep(_POLL_SECONDS)
