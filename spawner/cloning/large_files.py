"""Files that a repository keeps in Git LFS (https://git-lfs.com), in place of the pointers that git has."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from spawner.git import Git, GitFailedError, is_local

_POINTERS = "files of Git LFS are pointers"
_ALLOWED = re.compile(r"https?://|ssh://|[^/:]+@[^/:]+:", re.IGNORECASE)


async def fetch(folder: Path, git: Git) -> str:
    """Gets the large files of what is checked out; returns why they are not there, or nothing.

    From then on git in the folder handles them, as `git lfs install --local` has it.

    Raises:
        GitFailedError: the disk is full.
        OSError: git could not be started.
    """
    attributes = (":(glob)**/.gitattributes",)
    if await git.ask("grep", "--cached", "--quiet", "filter=lfs", "--", *attributes, folder=folder) is None:
        return ""
    if shutil.which("git-lfs") is None:
        return f"{_POINTERS}: git-lfs is not installed where repositories are cloned"
    if elsewhere := await _elsewhere(folder, git):
        return f"{_POINTERS}: {elsewhere} is no address that they are read from"
    try:
        await git.ask("lfs", "install", "--local", "--skip-repo", folder=folder)
        await git.run("lfs", "fetch", "origin", "HEAD", folder=folder)
        await git.run("lfs", "checkout", folder=folder, is_remote=False)
    except GitFailedError as error:
        if error.means_full:
            raise
        return f"{_POINTERS}: {_first_complaint(error)}"
    return ""


def _first_complaint(error: GitFailedError) -> str:
    """What came before the verdict says why, for instance a quota; git-lfs puts the file's id before it."""
    complaints = [line for line in error.lines if not line.startswith(("fetch: ", "error: failed to fetch"))]
    return re.sub(r"^\[[0-9a-f]{64}\] ", "", complaints[0]) if complaints else error.last_line


async def _elsewhere(folder: Path, git: Git) -> str | None:
    """The address in the repository's own `.lfsconfig` that is not one over the network."""
    listed = await git.ask("config", "--blob", "HEAD:.lfsconfig", "--get-regexp", r"url$", folder=folder)
    addresses = [line.partition(" ")[2] for line in (listed or "").splitlines()]
    if is_local(git.url):
        return None
    return next((address for address in addresses if not _ALLOWED.match(address)), None)
