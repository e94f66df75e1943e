"""Files in Git LFS."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import SecretStr

from spawner import git_logins
from spawner.spec import GitLogin
from tests.git_server import GitServer
from tests.spawner.clones import Repository, cloned, git_says

CONTENT = os.urandom(100_000)
ATTRIBUTES = "*.bin filter=lfs diff=lfs merge=lfs -text\n"

Committed = Callable[..., str]


@pytest.fixture
def committed(git: GitServer, bar: Repository) -> Committed:
    """Commits a large file to `bar`, and its pointer; returns the commit."""
    if shutil.which("git-lfs") is None:
        pytest.skip("git-lfs is not installed here")

    def commit(**others: str) -> str:
        pointer = git.keep_large("bar", CONTENT)
        files = {"data/.gitattributes": ATTRIBUTES, "data/big.bin": pointer}
        return git.commit(
            "bar", {**files, **{name.replace("__", "."): text for name, text in others.items()}}
        )

    return commit


@pytest.mark.parametrize("history", [{}, {"shallow": True}], ids=["whole", "shallow"])
async def test_large_files_are_in_the_place_of_their_pointers(
    bar: Repository, committed: Committed, work: Path, history: dict[str, bool]
) -> None:
    commit = committed()

    outcome = await cloned(bar(commit=commit, **history), work)

    assert (outcome.state, outcome.detail) == ("done", f"main at {commit[:12]}")
    assert (work / "bar/data/big.bin").read_bytes() == CONTENT
    assert git_says(work / "bar", "status", "--porcelain") == ""
    assert git_says(work / "bar", "config", "filter.lfs.required") == "true"


async def test_large_files_of_a_private_repository(
    git: GitServer, bar: Repository, committed: Committed, work: Path
) -> None:
    commit = committed()
    git.make_private("bar", "ann", "t0ken")
    login = GitLogin(host=git_logins.host_of(git.url("bar")) or "", username="ann", token=SecretStr("t0ken"))
    lines: list[str] = []

    outcome = await cloned(bar(commit=commit), work, lines, login=login)

    assert outcome.state == "done"
    assert (work / "bar/data/big.bin").read_bytes() == CONTENT
    assert "t0ken" not in "".join(lines)
    assert "t0ken" not in (work / "bar/.git/config").read_text()


async def test_a_large_file_that_is_not_there_is_told_and_the_session_starts(
    git: GitServer, bar: Repository, committed: Committed, work: Path
) -> None:
    commit = committed()
    for file in (git.folder / "bar.git" / "large").iterdir():
        file.unlink()

    outcome = await cloned(bar(commit=commit), work)

    assert outcome.state == "warn"
    assert "; files of Git LFS are pointers: " in outcome.detail
    assert "This file is not here" in outcome.detail
    assert (work / "bar/data/big.bin").read_text().startswith("version https://git-lfs")


async def test_a_repository_that_sends_large_files_to_a_folder_of_this_computer(
    bar: Repository, committed: Committed, work: Path, tmp_path: Path
) -> None:
    commit = committed(__lfsconfig=f"[lfs]\n\turl = file://{tmp_path}\n")

    outcome = await cloned(bar(commit=commit), work)

    assert outcome.state == "warn"
    assert outcome.detail.endswith(f"pointers: file://{tmp_path} is no address that they are read from")


async def test_where_git_lfs_is_not_installed_the_pointers_stay(
    git: GitServer, bar: Repository, work: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    programs = tmp_path / "programs"
    programs.mkdir()
    for name in ("git", "sh", "env"):
        (programs / name).symlink_to(shutil.which(name) or name)
    commit = git.commit("bar", {".gitattributes": ATTRIBUTES, "big.bin": "version …"})
    monkeypatch.setenv("PATH", str(programs))

    outcome = await cloned(bar(commit=commit), work)

    missing = "files of Git LFS are pointers: git-lfs is not installed where repositories are cloned"
    assert (outcome.state, outcome.detail) == ("warn", f"main at {commit[:12]}; {missing}")
