"""The repositories of a launch on a laptop; in a pod, `spawner.cloning` is a program."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from spawner.clone_failures import reason_of
from spawner.cloning import filling
from spawner.cloning.filling import CloneFailedError, remove_unfinished
from spawner.failures import LaunchFailedError
from spawner.launch import Launch
from spawner.outcome import Outcome
from spawner.spec import GitLogin, clone_key

__all__ = ["clone_all", "remove_unfinished"]


async def clone_all(launch: Launch, work: Path, logins: Mapping[str, GitLogin]) -> None:
    """Clones the launch's repositories into `work`, each in a stage of its own.

    `logins` are by the `credential` of the repositories.

    Raises:
        LaunchFailedError: with one of the codes of `spawner.clone_failures`.
    """

    @asynccontextmanager
    async def stage(folder: str) -> AsyncIterator[Outcome]:
        async with launch.stage(clone_key(folder)) as outcome:
            try:
                yield outcome
            except CloneFailedError as failure:
                raise LaunchFailedError(reason_of(failure)) from failure

    log = launch.logger("clone")
    await filling.fill(launch.spec.repositories, work, logins, stage=stage, log=log)
