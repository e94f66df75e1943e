"""`uv` for a file that somebody gave: in a folder of its own, for a limited time, building nothing."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from uv import find_uv_bin

from spawner import leash
from spawner.build_reasons import without_credentials

SECONDS = 100.0
"""How long it may take; an index that does not answer is given up sooner."""


@dataclass(frozen=True)
class Ended:
    """How a run of `uv` ended; `errors` is without passwords."""

    code: int
    output: str
    errors: str


async def run(*arguments: str, files: Mapping[str, str]) -> Ended:
    """Runs `uv` in a folder that holds `files` and is gone afterwards, for the Python of sessions here.

    Raises:
        TimeoutError: it took longer than `SECONDS`, and was ended.
    """
    with tempfile.TemporaryDirectory(prefix="sojourn-file-") as folder:
        for name, text in files.items():
            await asyncio.to_thread((Path(folder) / name).write_text, text, encoding="utf-8")
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, leash.__file__, find_uv_bin(), *arguments),
            *("--python", sys.executable, "--no-python-downloads", "--quiet", "--color", "never"),
            cwd=folder,
            # Who holds the other end of the pipe must live: the leash ends `uv` with whoever started it.
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,
        )
        try:
            async with asyncio.timeout(SECONDS):
                output, errors = await _said(process)
        finally:
            if process.returncode is None:
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                await process.wait()
    return Ended(process.returncode or 0, output, without_credentials(errors))


async def _said(process: asyncio.subprocess.Process) -> tuple[str, str]:
    """Reads both to their ends; `communicate` would close the pipe that means the end."""
    assert process.stdout is not None  # noqa: S101 - they are pipes
    assert process.stderr is not None  # noqa: S101
    output, errors = await asyncio.gather(process.stdout.read(), process.stderr.read())
    await process.wait()
    return output.decode(errors="replace"), errors.decode(errors="replace")
