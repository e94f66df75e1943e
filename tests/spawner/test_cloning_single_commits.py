"""Repositories without their history."""

from __future__ import annotations

from pathlib import Path

from spawner.spec import RepositorySpec
from tests.git_server import GitServer
from tests.spawner.clones import Repository, cloned, git_says, refused


def history(folder: Path) -> list[str]:
    """The commits that are here."""
    return git_says(folder, "rev-list", "--all").splitlines()


async def test_only_the_commit_of_the_branch_is_fetched_and_the_rest_can_be(
    git: GitServer, bar: Repository, work: Path
) -> None:
    git.commit("bar", {"a.txt": "two"})
    git.commit("bar", {"b.txt": "b"}, branch="other")
    frozen = bar(shallow=True)

    outcome = await cloned(frozen, work)

    folder = work / "bar"
    assert (outcome.state, outcome.detail) == ("done", f"main at {frozen.commit[:12]}")
    assert history(folder) == [frozen.commit]
    assert git_says(folder, "status", "--porcelain", "--branch") == "## main...origin/main"

    later = git.commit("bar", {"a.txt": "three"})
    git_says(folder, "pull", "--quiet", "--unshallow")
    assert git_says(folder, "rev-parse", "HEAD") == later
    assert len(history(folder)) == 3


async def test_a_branch_that_went_on_is_checked_out_where_it_was(
    git: GitServer, bar: Repository, work: Path
) -> None:
    frozen = bar(shallow=True)
    git.commit("bar", {"a.txt": "two"})

    await cloned(frozen, work)

    assert (work / "bar/a.txt").read_text() == "one"
    assert git_says(work / "bar", "rev-parse", "HEAD", "origin/main").split() == [frozen.commit] * 2


async def test_a_tag_without_history_stays_detached(git: GitServer, bar: Repository, work: Path) -> None:
    tagged = bar(ref="v1", branch=None, shallow=True)
    git.commit("bar", {"a.txt": "two"})

    await cloned(tagged, work)

    assert history(work / "bar") == [tagged.commit]
    assert git_says(work / "bar", "rev-parse", "--abbrev-ref", "HEAD") == "HEAD"


async def test_a_host_that_gives_no_single_commits_gives_all(
    git: GitServer, bar: Repository, work: Path
) -> None:
    frozen = bar(shallow=True)
    later = git.commit("bar", {"a.txt": "two"})
    git.break_with("bar", "old")

    outcome = await cloned(frozen, work)

    note = "with its history: its host gives no single commits"
    assert (outcome.state, outcome.detail) == ("done", f"main at {frozen.commit[:12]}, {note}")
    assert (work / "bar/a.txt").read_text() == "one"
    assert set(history(work / "bar")) == {frozen.commit, later}


async def test_a_repository_of_this_computer_comes_without_its_history_too(
    git: GitServer, bar: Repository, work: Path
) -> None:
    git.commit("bar", {"a.txt": "two"})
    frozen = bar(url=str(git.folder / "bar.git"), shallow=True)

    await cloned(frozen, work)

    assert history(work / "bar") == [frozen.commit]


async def test_a_branch_that_is_gone_offers_the_default_one(
    git: GitServer, bar: Repository, work: Path
) -> None:
    git.commit("bar", {"b.txt": "two"}, branch="release/q3")
    gone = bar(ref="release/q3", branch="release/q3", commit=git.head("bar", "release/q3"), shallow=True)
    git.delete_branch("bar", "release/q3")

    reason = await refused(gone, work)

    assert reason.code == "clone_ref_missing"
    assert reason.sentence == "Branch `release/q3` no longer exists in bar."
    assert reason.remedies[0].ref == "main"


async def test_a_commit_that_is_gone(bar: Repository, work: Path) -> None:
    gone: RepositorySpec = bar(commit="0123456789abcdef" + "0" * 24, shallow=True)

    assert (await refused(gone, work)).code == "clone_commit_missing"
