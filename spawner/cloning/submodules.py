"""Submodules, each cloned as any other repository and then given to git where it keeps them.

What `.gitmodules` says comes from whoever can write to the repository, so `git submodule update` is not asked
to follow it (https://git-scm.com/docs/gitsubmodules; CVE-2018-11235, CVE-2024-32002 and CVE-2025-48384 are
what that led to). A submodule that cannot be had is left out and told: the session works without it.
"""

from __future__ import annotations

import asyncio
import re
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from spawner.cloning import large_files
from spawner.cloning.checkout import CommitMissingError, Source, check_out
from spawner.git import Git, GitFailedError, is_local

_NETWORK = re.compile(r"(https?|ssh)://[^-/]|[A-Za-z0-9_.][^/:@]*@[A-Za-z0-9][^/:@]*:(?!:)", re.IGNORECASE)
_GITLINK = re.compile(r"160000 ([0-9a-f]{40,64}) 0\t")
_NEVER = frozenset({"", ".", "..", ".git"})


@dataclass(frozen=True)
class Submodule:
    """One submodule of what is checked out.

    Attributes:
        path: below the folder of the repository that has it.
        url: as `.gitmodules` has it, relative ones resolved.
        commit: the one that the repository has it at.
    """

    name: str
    path: str
    url: str
    commit: str


async def clone_all(folder: Path, git: Git, *, shallow: bool) -> list[str]:
    """Clones the submodules of what is checked out in `folder`, and theirs; returns what is missing, and why.

    Raises:
        GitFailedError: the disk is full.
        OSError: git could not be started, or a folder cannot be made.
    """
    missing = []
    async for submodule in _found(folder, git):
        place = folder / submodule.path
        problem = _problem(submodule, folder, git)
        if not problem:
            problem = await _clone(submodule, folder, git.at(submodule.url), shallow=shallow)
        if problem:
            missing.append(f"submodule {submodule.path} is missing: {problem}")
            continue
        its = git.at(submodule.url)
        notes = [await large_files.fetch(place, its), *await clone_all(place, its, shallow=shallow)]
        missing += [f"{submodule.path}: {note}" for note in notes if note]
    return missing


async def _found(folder: Path, git: Git) -> AsyncIterator[Submodule]:
    if not (folder / ".gitmodules").is_file():
        return
    listing = ("config", "--blob", "HEAD:.gitmodules", "--null", "--get-regexp", r"^submodule\..*\.path$")
    for entry in (await git.ask(*listing, folder=folder) or "").split("\0"):
        key, _, path = entry.partition("\n")
        name = key.removeprefix("submodule.").removesuffix(".path")
        listed = await git.ask("--literal-pathspecs", "ls-files", "--stage", "--", path, folder=folder)
        link = _GITLINK.match(listed or "")
        if not path or link is None:
            continue
        # git writes the address into `.git/config`, with relative ones resolved.
        await git.ask("--literal-pathspecs", "submodule", "init", "--", path, folder=folder)
        url = await git.ask("config", "--get", f"submodule.{name}.url", folder=folder)
        yield Submodule(name, path, url or "", link[1])


def _problem(submodule: Submodule, folder: Path, git: Git) -> str:
    """Why a submodule is not cloned whatever is there; empty when it may be."""
    texts = (submodule.name, submodule.path, submodule.url)
    parts = submodule.path.split("/")
    if not all(text.isprintable() for text in texts) or _NEVER & {part.lower() for part in parts}:
        return "its name or path is none that is followed"
    above = (folder / parent for parent in PurePosixPath(submodule.path).parents)
    if (folder / submodule.path).is_symlink() or any(
        place.is_symlink() for place in above if place != folder
    ):
        return "a link is in its place"
    if not submodule.url:
        return "git refuses what .gitmodules says of it"
    if not _NETWORK.match(submodule.url) and not (is_local(git.url) and is_local(submodule.url)):
        return f"its address {submodule.url} is none that is followed"
    return ""


async def _clone(submodule: Submodule, folder: Path, git: Git, *, shallow: bool) -> str:
    """Clones one submodule without its own; returns why it could not be had, or nothing."""
    place = folder / submodule.path
    source = Source(submodule.url, submodule.commit, branch=None, shallow=shallow)
    absorb = ("--literal-pathspecs", "submodule", "absorbgitdirs", "--", submodule.path)
    try:
        await check_out(source, place, git)
    except GitFailedError as error:
        if error.means_full:
            raise
        problem = _in_words(error, submodule)
    except CommitMissingError:
        problem = f"its commit {submodule.commit[:12]} no longer exists"
    else:
        if await git.ask(*absorb, folder=folder) is not None:
            return ""
        problem = "git does not take it as a submodule"
    await asyncio.to_thread(shutil.rmtree, place, ignore_errors=True)
    place.mkdir(parents=True, exist_ok=True)
    return problem


def _in_words(error: GitFailedError, submodule: Submodule) -> str:
    # What knows reasons takes longer to import than a clone takes; most go well.
    from spawner.clone_failures import of_git  # noqa: PLC0415

    return of_git(error, folder=submodule.path, url=submodule.url).sentence.rstrip(".")
