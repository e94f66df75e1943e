"""What happened upstream since a repository was left in /work; asked without touching it.

The person's repository is only read: nothing is written into it, and none of its hooks, filters and remotes
has a part. What is new comes into a bare repository for the moment, which borrows the person's objects.
"""

from __future__ import annotations

import asyncio
import re
import tempfile
from pathlib import Path

from spawner.git import Git, GitFailedError, host, is_local

SECONDS = 5.0
"""How long the host may take to say what is new."""

_NO_SUCH_BRANCH = re.compile(r"couldn't find remote ref")
_KEPT, _NEWS = "refs/kept", "refs/news"


async def news(branch: str, repository: Path, git: Git) -> str:
    """What is new on the branch, in words; nothing when there is nothing to say.

    Compares with the local branch of that name, or else with what is checked out.

    Raises:
        OSError: git could not be started, or there is no room for what is new.
    """
    kept = await _commit(f"refs/heads/{branch}", repository, git) or await _commit("HEAD", repository, git)
    if kept is None:
        return ""
    with tempfile.TemporaryDirectory(prefix="sojourn-news-") as beside:
        try:
            count = await _new_commits(branch, kept, repository, Path(beside), git)
        except GitFailedError as error:
            if _NO_SUCH_BRANCH.search(error.text):
                return f"branch {branch} no longer exists upstream"
            return f"{host(git.url)} does not say what is new"
    return f"{branch} has {count} new {'commit' if count == 1 else 'commits'} upstream" if count else ""


async def _new_commits(branch: str, kept: str, repository: Path, beside: Path, git: Git) -> int:
    places = ("rev-parse", "--path-format=absolute", "--git-path", "objects", "--git-path", "shallow")
    objects, shallow = (await git.ask(*places, folder=repository) or "\n").split("\n")
    await git.run("init", "--quiet", "--bare", str(beside), folder=beside)
    await asyncio.to_thread(_borrow, Path(objects), Path(shallow), beside)
    await git.run("update-ref", _KEPT, kept, folder=beside)
    # Commits are enough to count them; a host that cannot leave out the rest sends it all.
    commits = () if is_local(git.url) else ("--filter=tree:0",)
    # Else git would be started in the person's repository, to see what else is there.
    alone = ("-c", "core.alternateRefsCommand=true")
    source = f"+refs/heads/{branch}:{_NEWS}"
    await git.run(*alone, "fetch", "--quiet", "--no-tags", *commits, "--", git.url, source, folder=beside)
    said = await git.run("rev-list", "--count", _NEWS, "--not", _KEPT, folder=beside)
    return next((int(line) for line in said if line.isdigit()), 0)


def _borrow(objects: Path, shallow: Path, beside: Path) -> None:
    """Lets a repository use another's objects (gitrepository-layout(5)), and know where its history ends."""
    (beside / "objects/info").mkdir(parents=True, exist_ok=True)
    (beside / "objects/info/alternates").write_text(f"{objects}\n")
    if shallow.is_file():
        (beside / "shallow").write_bytes(shallow.read_bytes())


async def _commit(ref: str, repository: Path, git: Git) -> str | None:
    return await git.ask("rev-parse", "--verify", "--quiet", ref, folder=repository)
