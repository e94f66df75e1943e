"""What the tests of cloning share."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from spawner.clone_failures import reason_of
from spawner.cloning.filling import CloneFailedError, clone
from spawner.launch import Launch
from spawner.outcome import Outcome
from spawner.reasons import Reason
from spawner.reports import StageState
from spawner.repositories import clone_all
from spawner.spec import GitLogin, LaunchSpec, RepositorySpec

Repository = Callable[..., RepositorySpec]
"""Makes the spec of the repository `bar` at its present commit, with changes."""


class Reported:
    """Keeps what is reported."""

    def __init__(self) -> None:
        self.stages: list[tuple[str, StageState, str]] = []
        self.lines: list[str] = []

    def stage(self, key: str, state: StageState, detail: str = "") -> None:
        self.stages.append((key, state, detail))

    def log(self, source: str, text: str) -> None:
        self.lines.append(f"{source}: {text}")

    def ends(self) -> dict[str, tuple[StageState, str]]:
        return {key: (state, detail) for key, state, detail in self.stages if state != "now"}


def git_says(folder: Path, *arguments: str) -> str:
    done = subprocess.run(["git", "-C", str(folder), *arguments], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def names(folder: Path) -> list[str]:
    return [entry.name for entry in folder.iterdir()]


async def cloned(
    repository: RepositorySpec, work: Path, lines: list[str] | None = None, login: GitLogin | None = None
) -> Outcome:
    log = (lines if lines is not None else []).append
    return await clone(repository, work, log, login=login, stall=1)


async def refused(repository: RepositorySpec, work: Path, login: GitLogin | None = None) -> Reason:
    with pytest.raises(CloneFailedError) as failure:
        await cloned(repository, work, login=login)
    assert names(work) == [], "a failed clone leaves nothing"
    return reason_of(failure.value)


async def filled(
    work: Path, *repositories: RepositorySpec, logins: Mapping[str, GitLogin] | None = None
) -> Reported:
    """What a launch with these repositories reports."""
    reported = Reported()
    await clone_all(
        Launch(LaunchSpec.model_construct(repositories=repositories), reported), work, logins or {}
    )
    return reported
