"""Submodules, of which another repository says what they are called and where they are."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.git_server import GitServer, Link, Submodule, modules
from tests.spawner.clones import Repository, cloned, git_says, names

SHALLOW_OR_NOT = pytest.mark.parametrize("history", [{}, {"shallow": True}], ids=["whole", "shallow"])


def commits(folder: Path) -> dict[str, str]:
    """The submodules as git itself sees them; a mark before the commit would say that it is another one."""
    lines = git_says(folder, "submodule", "status", "--recursive").splitlines()
    return {path: commit for commit, path, *_ in map(str.split, lines)}


def everything(folder: Path) -> set[str]:
    return {path.name for path in folder.rglob("*")}


@SHALLOW_OR_NOT
async def test_submodules_and_theirs_are_where_git_expects_them(
    git: GitServer, bar: Repository, work: Path, history: dict[str, bool]
) -> None:
    inner = git.create("inner", {"c.txt": "c"})
    lib = git.create(
        "lib", {"b.txt": "b", ".gitmodules": modules(inner="../inner.git"), "inner": Submodule(inner)}
    )
    git.commit("lib", {"b.txt": "later"})
    files = {".gitmodules": modules(libs__lib=git.url("lib")), "libs/lib": Submodule(lib)}
    commit = git.commit("bar", files)

    outcome = await cloned(bar(commit=commit, **history), work)

    folder = work / "bar"
    assert (outcome.state, outcome.detail) == ("done", f"main at {commit[:12]}")
    assert (folder / "libs/lib/b.txt").read_text() == "b"
    assert (folder / "libs/lib/inner/c.txt").read_text() == "c"
    assert commits(folder) == {"libs/lib": lib, "libs/lib/inner": inner}
    assert git_says(folder, "status", "--porcelain") == ""
    assert (folder / "libs/lib/.git").is_file()
    assert not list(folder.rglob("hooks"))
    git_says(folder, "-c", "protocol.file.allow=never", "submodule", "update", "--init", "--recursive")


async def test_a_shallow_submodule_of_a_host_that_gives_no_single_commits(
    git: GitServer, bar: Repository, work: Path
) -> None:
    lib = git.create("lib", {"b.txt": "b"})
    git.commit("lib", {"b.txt": "later"})
    git.break_with("lib", "old")
    commit = git.commit("bar", {".gitmodules": modules(lib="../lib.git"), "lib": Submodule(lib)})

    outcome = await cloned(bar(commit=commit, shallow=True), work)

    assert outcome.state == "done"
    assert (work / "bar/lib/b.txt").read_text() == "b"


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("ext::sh -c touch% ran", "its address ext::sh -c touch% ran is none that is followed"),
        ("file:///etc", "its address file:///etc is none that is followed"),
        ("/etc", "its address /etc is none that is followed"),
        ("--upload-pack=touch ran", "git refuses what .gitmodules says of it"),
        ("ssh://-oProxyCommand=touch/x", "its address ssh://-oProxyCommand=touch/x is none that is followed"),
        ("git://127.0.0.1/lib", "its address git://127.0.0.1/lib is none that is followed"),
    ],
)
async def test_an_address_that_is_none_is_not_followed(
    git: GitServer, bar: Repository, work: Path, url: str, why: str
) -> None:
    lib = git.create("lib", {"b.txt": "b"})
    commit = git.commit("bar", {".gitmodules": modules(lib=url), "lib": Submodule(lib), "a.txt": "a"})

    outcome = await cloned(bar(commit=commit), work)

    assert outcome.state == "warn"
    assert outcome.detail == f"main at {commit[:12]}; submodule lib is missing: {why}"
    assert list((work / "bar" / "lib").iterdir()) == []
    assert (work / "bar" / "a.txt").read_text() == "a"


@pytest.mark.parametrize(
    "entry",
    [
        '[submodule "../../outside"]\n\tpath = lib\n\turl = {url}\n',
        '[submodule "lib"]\n\tpath = ../lib\n\turl = {url}\n',
        '[submodule "lib"]\n\tpath = .git/lib\n\turl = {url}\n',
        '[submodule "lib"]\n\tpath = "lib\\u000d"\n\turl = {url}\n',
    ],
    ids=["name", "path above", "path into git", "unprintable"],
)
async def test_names_and_paths_that_lead_elsewhere_are_not_followed(
    git: GitServer, bar: Repository, work: Path, tmp_path: Path, entry: str
) -> None:
    lib = git.create("lib", {"b.txt": "b"})
    text = entry.replace("{url}", git.url("lib")).replace("\\u000d", "\r")
    commit = git.commit("bar", {".gitmodules": text, "lib": Submodule(lib)})

    await cloned(bar(commit=commit), work)

    assert names(work) == ["bar"]
    assert "outside" not in everything(tmp_path)
    assert not (work / "bar/.git/lib").exists()


async def test_a_command_in_place_of_an_update_is_not_run(
    git: GitServer, bar: Repository, work: Path, tmp_path: Path
) -> None:
    lib = git.create("lib", {"b.txt": "b"})
    entry = modules(lib=git.url("lib")) + "\tupdate = !touch ran\n"
    commit = git.commit("bar", {".gitmodules": entry, "lib": Submodule(lib)})

    outcome = await cloned(bar(commit=commit), work)

    assert outcome.detail.endswith("submodule lib is missing: git refuses what .gitmodules says of it")
    assert "ran" not in everything(tmp_path)


async def test_a_submodule_behind_a_link_is_not_written_through_it(
    git: GitServer, bar: Repository, work: Path, tmp_path: Path
) -> None:
    lib = git.create("lib", {"hooks/post-checkout": "#!/bin/sh\n"})
    (tmp_path / "target").mkdir()
    urls = modules(lib="../lib.git")
    commit = git.commit("bar", {".gitmodules": urls, "lib": Submodule(lib)})
    linked = git.commit("bar", {".gitmodules": urls, "lib": Link(str(tmp_path / "target"))}, branch="linked")

    await cloned(bar(commit=linked, ref="linked", branch="linked"), work)

    assert list((tmp_path / "target").iterdir()) == []
    assert (work / "bar" / "lib").is_symlink()
    assert commit != linked


async def test_a_submodule_whose_commit_is_gone_is_told(git: GitServer, bar: Repository, work: Path) -> None:
    git.create("lib", {"b.txt": "b"})
    gone = Submodule("0123456789" * 4)
    commit = git.commit("bar", {".gitmodules": modules(lib="../lib.git"), "lib": gone})

    outcome = await cloned(bar(commit=commit), work)

    assert outcome.state == "warn"
    assert outcome.detail.endswith("submodule lib is missing: its commit 012345678901 no longer exists")


async def test_what_is_no_submodule_any_more_is_passed_over(
    git: GitServer, bar: Repository, work: Path
) -> None:
    commit = git.commit("bar", {".gitmodules": modules(lib="../lib.git"), "lib/b.txt": "b"})

    outcome = await cloned(bar(commit=commit), work)

    assert (outcome.state, outcome.detail) == ("done", f"main at {commit[:12]}")


async def test_a_repository_of_this_computer_may_have_submodules_of_it(
    git: GitServer, bar: Repository, work: Path
) -> None:
    lib = git.create("lib", {"b.txt": "b"})
    far = git.create("far", {"c.txt": "c"})
    urls = modules(lib="../lib.git", far=git.url("far"))
    commit = git.commit("bar", {".gitmodules": urls, "lib": Submodule(lib), "far": Submodule(far)})

    outcome = await cloned(bar(url=str(git.folder / "bar.git"), commit=commit), work)

    assert outcome.state == "done"
    assert (work / "bar/lib/b.txt").read_text() == "b"
    assert (work / "bar/far/c.txt").read_text() == "c"
