"""Repositories that are there already, when a session comes back."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from spawner.cloning import upstream
from tests.git_server import GitServer
from tests.spawner.clones import Repository, cloned, filled, git_says

KEPT = "kept as you left it"


async def kept(work: Path, bar: Repository) -> str:
    """What is said of `bar`, which is there."""
    reported = await filled(work, bar())
    assert reported.lines == []
    state, detail = reported.ends()["clone:bar"]
    assert state == "done"
    return detail


def committed(folder: Path, **files: str) -> None:
    """Commits as the person does."""
    for name, content in files.items():
        (folder / name).write_text(content)
    git_says(folder, "add", ".")
    git_says(folder, "-c", "user.name=Ann", "-c", "user.email=ann@example.org", "commit", "-qm", "mine")


async def test_what_a_person_edited_is_kept(bar: Repository, work: Path) -> None:
    await cloned(bar(), work)
    (work / "bar" / "a.txt").write_text("mine")

    assert await kept(work, bar) == KEPT
    assert (work / "bar" / "a.txt").read_text() == "mine"


@pytest.mark.parametrize("history", [{}, {"shallow": True}], ids=["whole", "shallow"])
async def test_new_commits_upstream_are_counted_and_nothing_is_touched(
    git: GitServer, bar: Repository, work: Path, history: dict[str, bool]
) -> None:
    await cloned(bar(**history), work)
    before = {path: path.stat().st_mtime_ns for path in (work / "bar").rglob("*")}
    git.commit("bar", {"a.txt": "two"})
    assert await kept(work, bar) == f"{KEPT}; main has 1 new commit upstream"

    git.commit("bar", {"a.txt": "three"})
    git.commit("bar", {"a.txt": "four"})

    assert await kept(work, bar) == f"{KEPT}; main has 3 new commits upstream"
    assert {path: path.stat().st_mtime_ns for path in (work / "bar").rglob("*")} == before


async def test_commits_that_the_person_pulled_or_made_are_not_new(
    git: GitServer, bar: Repository, work: Path
) -> None:
    await cloned(bar(), work)
    git.commit("bar", {"a.txt": "two"})
    git_says(work / "bar", "pull", "--quiet")
    committed(work / "bar", b="mine")

    assert await kept(work, bar) == KEPT


async def test_the_branch_counts_also_where_the_person_is_on_another(
    git: GitServer, bar: Repository, work: Path
) -> None:
    await cloned(bar(), work)
    git_says(work / "bar", "switch", "--quiet", "--create", "mine")
    committed(work / "bar", b="mine")
    git.commit("bar", {"a.txt": "two"})

    assert await kept(work, bar) == f"{KEPT}; main has 1 new commit upstream"


async def test_a_branch_that_is_gone_is_told(git: GitServer, bar: Repository, work: Path) -> None:
    await cloned(bar(), work)
    git.commit("bar", {"b.txt": "two"}, branch="other")
    git.delete_branch("bar", "main")

    reported = await filled(work, bar(commit=git_says(work / "bar", "rev-parse", "HEAD")))

    assert reported.ends()["clone:bar"] == ("done", f"{KEPT}; branch main no longer exists upstream")


async def test_a_host_that_fails_is_only_mentioned(git: GitServer, bar: Repository, work: Path) -> None:
    await cloned(bar(), work)
    git.break_with("bar", "unavailable")

    assert await kept(work, bar) == f"{KEPT}; 127.0.0.1 does not say what is new"


@pytest.mark.slow
async def test_hosts_that_are_silent_hold_up_a_launch_once(
    git: GitServer, bar: Repository, work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upstream, "SECONDS", 0.5)
    many = [bar(folder=f"bar{number}") for number in range(12)]
    for repository in many:
        await cloned(repository, work)
    git.break_with("bar", "hang")

    async with asyncio.timeout(4):
        reported = await filled(work, *many)

    assert set(reported.ends().values()) == {("done", f"{KEPT}; 127.0.0.1 does not say what is new")}


async def test_a_tag_has_no_news(git: GitServer, bar: Repository, work: Path) -> None:
    tagged = bar(ref="v1", branch=None)
    git.set_ref("bar", "refs/tags/v1", tagged.commit)
    await cloned(tagged, work)
    git.break_with("bar", "not_found")

    assert (await filled(work, tagged)).ends()["clone:bar"] == ("done", KEPT)


async def test_settings_of_the_persons_repository_are_not_followed(
    git: GitServer, bar: Repository, work: Path, tmp_path: Path
) -> None:
    await cloned(bar(), work)
    ran = tmp_path / "ran"
    for key in ("core.fsmonitor", "core.sshCommand", "core.alternateRefsCommand", "remote.origin.uploadpack"):
        git_says(work / "bar", "config", key, f"touch {ran};")
    git_says(work / "bar", "config", f"url.ext::touch {ran}.insteadOf", git.url("bar"))
    git.commit("bar", {"a.txt": "two"})

    assert await kept(work, bar) == f"{KEPT}; main has 1 new commit upstream"
    assert not ran.exists()


async def test_a_linked_work_tree_has_news_too(git: GitServer, bar: Repository, work: Path) -> None:
    await cloned(bar(), work)
    git_says(work / "bar", "worktree", "add", "--quiet", "-b", "other", str(work / "linked"))
    git.commit("bar", {"a.txt": "two"})

    reported = await filled(work, bar(folder="linked"))

    assert reported.ends()["clone:linked"] == ("done", f"{KEPT}; main has 1 new commit upstream")


async def test_a_repository_without_commits_is_kept(bar: Repository, work: Path) -> None:
    git_says(work, "init", "--quiet", "bar")

    assert await kept(work, bar) == KEPT
