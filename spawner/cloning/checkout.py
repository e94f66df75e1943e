"""One repository at one commit in a folder of its own, with or without its history."""

from __future__ import annotations

import asyncio
import contextlib
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from spawner.git import Git, GitFailedError

_NO_SUCH_BRANCH = re.compile(r"couldn't find remote ref")
_NOT_YET = re.compile(
    r"Could not resolve host|Couldn't connect to server|Connection refused|No route to host|"
    r"Network is unreachable"
)
_PAUSES = (0.5, 1.5)
"""Seconds; the network of a pod may follow a moment after its first program."""

_HEAD = re.compile(r"ref: refs/heads/(\S+)\s+HEAD")
_NO_SINGLE_COMMITS = re.compile(r"unadvertised object|not our ref|does not support shallow|shallow file")


class BranchMissingError(Exception):
    """The branch is no longer there.

    Attributes:
        default_branch: what the repository offers in its place, where it says so.
    """

    def __init__(self, default_branch: str | None) -> None:
        super().__init__()
        self.default_branch = default_branch


class CommitMissingError(Exception):
    """No branch or tag leads to the commit any more, and the host does not give it out by its id."""


@dataclass(frozen=True)
class Source:
    """What is to be checked out.

    Attributes:
        branch: checked out at `commit`; None: the commit is checked out detached.
        shallow: whether the commit comes without its history.
    """

    url: str
    commit: str
    branch: str | None
    shallow: bool


async def check_out(source: Source, folder: Path, git: Git) -> str:
    """Clones into `folder`, which is not there yet; returns what is not as it was asked for, or nothing.

    Raises:
        BranchMissingError, CommitMissingError, GitFailedError, OSError: it cannot be had.
    """
    note = await _patiently(source, folder, git)
    commit, branch = source.commit, source.branch
    place = ("--detach",) if branch is None else ("--no-track", "-B", branch)
    checkout = ("checkout", "--quiet", "--progress", *place, commit, "--")
    await git.run(*checkout, folder=folder, is_remote=False)
    if branch is not None:
        await git.ask("branch", f"--set-upstream-to=origin/{branch}", branch, folder=folder)
    return note


async def _patiently(source: Source, folder: Path, git: Git) -> str:
    """Gets the commit; a host that cannot be reached gets another chance."""
    for pause in (*_PAUSES, None):
        try:
            if source.shallow and await _fetch_commit(source, folder, git):
                return ""
            await _clone(source, folder, git)
            break
        except GitFailedError as error:
            if pause is None or not _NOT_YET.search(error.text):
                raise
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
            await asyncio.sleep(pause)
    return ", with its history: its host gives no single commits" if source.shallow else ""


async def _clone(source: Source, folder: Path, git: Git) -> None:
    """Gets all branches and tags with their history."""
    options = ("--no-checkout", "--no-recurse-submodules", "--template=", "--progress", "--origin", "origin")
    await git.run("clone", *options, "--", source.url, str(folder), folder=folder.parent)
    branch = source.branch
    if branch is not None and not await git.ask("rev-parse", "--verify", _tracking(branch), folder=folder):
        name = await git.ask("symbolic-ref", "--short", "refs/remotes/origin/HEAD", folder=folder)
        raise BranchMissingError(name.removeprefix("origin/") if name else None)
    if not await _has_commit(source.commit, folder, git):
        # No branch or tag leads to it any more, but most hosts give it out by its id.
        with contextlib.suppress(GitFailedError):
            await git.run("fetch", "--progress", "origin", source.commit, folder=folder)
        if not await _has_commit(source.commit, folder, git):
            raise CommitMissingError


async def _fetch_commit(source: Source, folder: Path, git: Git) -> bool:
    """Gets the commit alone; where the host gives no single commits: False, and no folder."""
    commit, branch = source.commit, source.branch
    await git.run(
        "init", "--quiet", f"--initial-branch={branch or 'main'}", str(folder), folder=folder.parent
    )
    followed = ("-t", branch) if branch is not None else ()
    await git.run("remote", "add", *followed, "origin", source.url, folder=folder)
    fetch = ("fetch", "--progress", "--depth", "1", "--no-tags", "origin")
    try:
        if branch is None:
            await git.run(*fetch, commit, folder=folder)
            return True
        await git.run(*fetch, f"+refs/heads/{branch}:{_tracking(branch)}", folder=folder)
        if await git.ask("rev-parse", _tracking(branch), folder=folder) != commit:
            # The branch went on since the launch was frozen.
            await git.run(*fetch, f"+{commit}:{_tracking(branch)}", folder=folder)
    except GitFailedError as error:
        if branch is not None and _NO_SUCH_BRANCH.search(error.text):
            raise BranchMissingError(await _default_branch(folder, git)) from error
        if not _NO_SINGLE_COMMITS.search(error.text):
            raise
        await asyncio.to_thread(shutil.rmtree, folder)
        return False
    return True


async def _has_commit(commit: str, folder: Path, git: Git) -> bool:
    return await git.ask("cat-file", "-e", f"{commit}^{{commit}}", folder=folder) is not None


async def _default_branch(folder: Path, git: Git) -> str | None:
    with contextlib.suppress(GitFailedError):
        said = await git.run("ls-remote", "--symref", "origin", "HEAD", folder=folder)
        return next((found[1] for line in said if (found := _HEAD.fullmatch(line))), None)
    return None


def _tracking(branch: str) -> str:
    return f"refs/remotes/origin/{branch}"
