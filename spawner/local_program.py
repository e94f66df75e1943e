"""What a session on this computer runs: packages or an image. The spawner holds either as one process."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from spawner import local_secrets
from spawner.launch import Launch
from spawner.outcome import Outcome
from spawner.session_variables import OURS
from spawner.spec import RunSecrets, StorageSpec


@dataclass(frozen=True)
class Places:
    """Where one launch is on this computer.

    Attributes:
        work: what is /work.
        run: the run's own folder.
    """

    work: Path
    run: Path


@dataclass(frozen=True)
class Command:
    """What starts a program, and lives as long as it does.

    Attributes:
        environment: the whole environment.
        gate: the gate that was started before it, if it needs one.
    """

    arguments: tuple[str, ...]
    folder: Path
    environment: Mapping[str, str]
    gate: asyncio.subprocess.Process | None = None


class LocalProgram(Protocol):
    """One launch's program."""

    @property
    def stage(self) -> str:
        """The key of the stage in which it is prepared."""

    async def prepare(self, secrets: RunSecrets) -> Outcome:
        """Gets what the program needs, once per computer.

        Raises:
            LaunchFailedError: it cannot be had.
        """

    def mount(self, storage: StorageSpec) -> Outcome:
        """Makes a storage a folder of /work.

        Raises:
            LaunchFailedError: it cannot be.
        """

    async def command(self, hub: Mapping[str, str], port: int, secrets: RunSecrets) -> Command:
        """What is to be started, when everything else is there.

        Args:
            hub: what the hub tells a single-user server.
            port: of 127.0.0.1 where the session has to answer.
            secrets: of the launch.

        Raises:
            LaunchFailedError: it cannot be started.
        """


def given(launch: Launch, secrets: RunSecrets, taken: Iterable[str]) -> dict[str, str]:
    """The variables of the configuration and of secrets, without those that are taken, which are told."""
    variables = launch.spec.variables | local_secrets.variables(launch.spec, secrets)
    ours = frozenset(taken)
    left_out = sorted(name for name in variables if name in ours or name.startswith(OURS))
    if left_out:
        launch.logger("sojourn")(f"Variables that Sojourn sets itself are left out: {', '.join(left_out)}")
    return {name: value for name, value in variables.items() if name not in left_out}
