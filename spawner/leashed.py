"""Programs that do not outlive whoever started them, as git: they are on a leash (`spawner.leash`)."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from spawner import leash


async def start(
    command: Sequence[str], *, folder: Path, environment: Mapping[str, str]
) -> asyncio.subprocess.Process:
    """Starts a program that ends, with all that it started, when this process does.

    Raises:
        OSError: the system does not start it.
    """
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-I", "-S", leash.__file__),
        *command,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        cwd=folder,
        env=dict(environment),
        start_new_session=True,
    )


async def end(process: asyncio.subprocess.Process) -> None:
    """Ends a program and its whole process group; harmless if it has ended."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    await process.wait()
