"""The container engine: podman or docker, by its command."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Mapping, Sequence
from typing import Literal

from spawner.part import Part

Command = Literal["podman", "docker"]
Limit = Literal["cpu", "memory"]

_SECONDS = 60.0
_STRANGERS = ("SOJOURN_", "JUPYTERHUB_", "JPY_")
"""What says whose process one is: it would be told to the engine's own helpers, which outlive us."""


class EngineError(Exception):
    """The engine refused or failed; the message is what it said, its last lines."""


class Engine(Part):
    """The engine of this computer.

    Attributes:
        command: podman or docker.
        rootless: whether it runs as whoever starts it, with users of its own in its containers.
        limits: what of a session it can keep within limits.
    """

    command: Command
    version: str
    rootless: bool
    limits: tuple[Limit, ...]

    async def ask(self, *arguments: str, seconds: float = _SECONDS) -> str:
        """What the command answers to these arguments.

        Raises:
            EngineError: it failed, or said nothing for `seconds`.
        """
        return await ask(self.command, *arguments, seconds=seconds)


async def ask(command: str, *arguments: str, seconds: float = _SECONDS) -> str:
    """Runs an engine's command to its end; it ends when the caller is cancelled.

    Raises:
        EngineError: it is not there, failed, or took longer than `seconds`.
    """
    try:
        process = await asyncio.create_subprocess_exec(
            command,
            *arguments,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=environment(),
            # A Ctrl-C in the terminal is not meant for it.
            start_new_session=True,
        )
    except OSError as error:
        raise EngineError(f"{command} did not start: {error.strerror}") from error
    try:
        async with asyncio.timeout(seconds):
            output, errors = await process.communicate()
    except TimeoutError as error:
        raise EngineError(f"{command} {arguments[0]} took longer than {seconds:.0f} s") from error
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    if process.returncode:
        raise EngineError(errors.decode(errors="replace").strip() or f"exit code {process.returncode}")
    return output.decode(errors="replace").strip()


def environment(**more: str) -> Mapping[str, str]:
    """The environment of an engine's command: the computer's own, and nothing of a session's."""
    own = {name: value for name, value in os.environ.items() if not name.startswith(_STRANGERS)}
    return own | more


async def remove(engine: Command, names: Sequence[str], grace: float) -> None:
    """Ends containers and removes them, one after the other: the next may be what the last one needs.

    Those that are not there are no trouble.

    Raises:
        EngineError: the engine does not do it.
    """
    for name in names:
        for arguments in (
            ("stop", "-t", str(max(1, round(grace))), name),
            ("rm", "--force", "--volumes", name),
        ):
            try:
                await ask(engine, *arguments, seconds=grace + _SECONDS)
            except EngineError as error:
                if not is_unknown(error):
                    raise


def is_unknown(error: EngineError) -> bool:
    """Whether an engine failed because there is no such container."""
    return "no such container" in str(error).lower() or "no container with name" in str(error).lower()
