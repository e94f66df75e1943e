"""The supervisor's children: started, watched, started again when they die, ended."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil

from sojourn.laptop.errors import LaptopError
from sojourn.laptop.processes import KnownProcess, end_groups, signal_group

CHILD_VARIABLE = "SOJOURN_CHILD_OF"
"""Every child has the data folder in it: found also if the supervisor died before it wrote the pid down."""

_FIRST_PAUSE_SECONDS = 0.1
_LONGEST_PAUSE_SECONDS = 5.0
_SETTLED_SECONDS = 30.0
_START_SECONDS = 90.0
_STARTS = 3
_POLL_SECONDS = 0.03
_LOG_BYTES = 5_000_000
_LAST_LINES = 5


@dataclass(frozen=True)
class Program:
    """What a child runs.

    Attributes:
        key: short name, in `up.json` and of the log file.
        title: what people read: `The hub`.
        environment: the whole environment.
        health_urls: all answer 200 when the child does its work.
        host: the host that they are asked for; None: the one in them.
    """

    key: str
    title: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    folder: Path
    log: Path
    health_urls: tuple[str, ...]
    host: str | None = None


class Child:
    """One program that is kept running."""

    def __init__(
        self, program: Program, *, started: Callable[[str, KnownProcess], None], say: Callable[[str], None]
    ) -> None:
        self.program = program
        self._started = started
        self._say = say
        self._known: KnownProcess | None = None
        self._was_healthy = False

    async def keep_running(self) -> None:
        """Starts the program, and again whenever it ends, until cancelled; it is then left running.

        Raises:
            LaptopError: it ended again and again before it answered once.
        """
        pause, starts = _FIRST_PAUSE_SECONDS, 0
        clock = asyncio.get_running_loop().time
        while True:
            began, starts = clock(), starts + 1
            process = await self._start()
            code = await process.wait()
            # What the program had started in its own group (a clone under way) ends with it.
            signal_group(process.pid, signal.SIGKILL)
            if not self._was_healthy and starts >= _STARTS:
                raise LaptopError(self._could_not_start(code))
            pause = _FIRST_PAUSE_SECONDS if clock() - began > _SETTLED_SECONDS else pause
            self._say(f"{self.program.title} ended ({_how(code)}) and is started again.")
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)

    async def wait_until_healthy(self, http: httpx.AsyncClient) -> None:
        """Returns when the program does its work.

        Raises:
            LaptopError: it does not after 90 s.
        """
        deadline = asyncio.get_running_loop().time() + _START_SECONDS
        while not await self._is_healthy(http):
            if asyncio.get_running_loop().time() > deadline:
                raise LaptopError(
                    f"{self.program.title} did not answer for {_START_SECONDS:.0f} s. "
                    f"Its log is {self.program.log}."
                )
            await asyncio.sleep(_POLL_SECONDS)
        self._was_healthy = True

    async def end(self, grace: float) -> None:
        """Ends the program and its process group: SIGTERM, and after `grace` seconds SIGKILL."""
        if self._known is not None:
            await end_groups([self._known], grace)

    async def _start(self) -> asyncio.subprocess.Process:
        program = self.program
        descriptor = os.open(program.log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            process = await asyncio.create_subprocess_exec(
                *program.command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=descriptor,
                stderr=descriptor,
                cwd=program.folder,
                env=dict(program.environment),
                start_new_session=True,
            )
        finally:
            os.close(descriptor)
        with contextlib.suppress(psutil.NoSuchProcess):  # ended already: `keep_running` sees to it
            self._known = KnownProcess.of(process.pid)
            self._started(program.key, self._known)
        return process

    async def _is_healthy(self, http: httpx.AsyncClient) -> bool:
        with contextlib.suppress(httpx.HTTPError):
            for url in self.program.health_urls:
                headers = {"Host": self.program.host} if self.program.host else {}
                (await http.get(url, headers=headers)).raise_for_status()
            return True
        return False

    def _could_not_start(self, code: int) -> str:
        sentence = (
            f"{self.program.title} ended {_STARTS} times while starting, at last with {_how(code)}. "
            f"Its log is {self.program.log}; the last lines:"
        )
        lines = self.program.log.read_text(errors="replace").splitlines()[-_LAST_LINES:]
        return "\n  ".join([sentence, *lines])


def make_room(log: Path) -> None:
    """Sets a log that has become long aside, in place of the one set aside before."""
    with contextlib.suppress(FileNotFoundError):
        if log.stat().st_size > _LOG_BYTES:
            log.replace(log.with_suffix(".old.log"))


def _how(code: int) -> str:
    return f"signal {-code}" if code < 0 else f"exit code {code}"
