"""Cloning a repository into /work on the computer the hub runs on."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import uuid
from collections.abc import Callable
from pathlib import Path

from spawner.clone_failures import commit_missing, ref_missing, why
from spawner.failures import LaunchFailedError
from spawner.git import Git, GitFailedError
from spawner.launch import Outcome
from spawner.spec import RepositorySpec

STALL_SECONDS = 30.0
"""How long git may be silent."""

_UNFINISHED = ".cloning-"


def remove_unfinished(work: Path) -> None:
    """Removes what clones left behind that were interrupted."""
    for half in work.glob(f"{_UNFINISHED}*"):
        shutil.rmtree(half, ignore_errors=True)


async def clone(
    repository: RepositorySpec, work: Path, log: Callable[[str], None], stall: float = STALL_SECONDS
) -> Outcome:
    """Clones the repository at its frozen commit to `work/FOLDER`, which appears whole or not at all.

    What is already called FOLDER is the person's and is left as it is.

    Raises:
        LaunchFailedError: with one of the codes of `spawner.clone_failures`.
    """
    target = work / repository.folder
    if (target / ".git").exists():
        return Outcome(detail="kept as you left it")
    if target.is_symlink() or (target.exists() and not _is_empty_folder(target)):
        return Outcome(
            state="warn",
            detail=f"not cloned: /work has something else called {repository.folder}; rename it, start again",
        )
    unfinished = work / f"{_UNFINISHED}{repository.folder}-{uuid.uuid4().hex[:8]}"
    try:
        await _clone_into(repository, unfinished, Git(repository.url, log, stall))
        unfinished.replace(target)
    except (GitFailedError, OSError) as error:
        raise LaunchFailedError(why(error, repository, work)) from error
    finally:
        await asyncio.shield(asyncio.to_thread(shutil.rmtree, unfinished, ignore_errors=True))
    return Outcome(detail=_what(repository))


def _is_empty_folder(path: Path) -> bool:
    return path.is_dir() and next(path.iterdir(), None) is None


def _what(repository: RepositorySpec) -> str:
    if repository.branch is None and repository.commit.startswith(repository.ref):
        return f"at {repository.commit[:12]}"
    return f"{repository.ref} at {repository.commit[:12]}"


async def _clone_into(repository: RepositorySpec, folder: Path, git: Git) -> None:
    parent, commit, branch = folder.parent, repository.commit, repository.branch
    await git.run(
        *(
            "clone",
            "--no-checkout",
            "--no-recurse-submodules",
            "--template=",
            "--progress",
            "--origin",
            "origin",
        ),
        *("--", repository.url, str(folder)),
        folder=parent,
    )
    if branch is not None and not await git.ask(
        "rev-parse", "--verify", f"refs/remotes/origin/{branch}", folder=folder
    ):
        raise LaunchFailedError(
            ref_missing(
                f"Branch `{branch}` no longer exists in {repository.folder}.",
                folder=repository.folder,
                default_branch=await _default_branch(folder, git),
            )
        )
    if not await _has_commit(commit, folder, git):
        raise LaunchFailedError(commit_missing(repository))
    if branch is None:
        await git.run("checkout", "--progress", "--detach", commit, "--", folder=folder)
        return
    await git.run("checkout", "--progress", "--no-track", "-B", branch, commit, "--", folder=folder)
    await git.ask("branch", f"--set-upstream-to=origin/{branch}", branch, folder=folder)


async def _has_commit(commit: str, folder: Path, git: Git) -> bool:
    """Whether the commit is here; asks for it by itself if no branch or tag leads to it any more."""
    exists = ("cat-file", "-e", f"{commit}^{{commit}}")
    if await git.ask(*exists, folder=folder) is not None:
        return True
    with contextlib.suppress(GitFailedError):
        await git.run("fetch", "--progress", "origin", commit, folder=folder)
    return await git.ask(*exists, folder=folder) is not None


async def _default_branch(folder: Path, git: Git) -> str | None:
    name = await git.ask("symbolic-ref", "--short", "refs/remotes/origin/HEAD", folder=folder)
    return name.removeprefix("origin/") if name else None
