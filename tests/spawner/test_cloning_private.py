"""Private repositories: who is told the token, and where it does not show."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import SecretStr

from spawner import git_logins
from spawner.spec import GitLogin, RepositorySpec
from tests.git_server import GitServer, Submodule, modules
from tests.spawner.clones import Repository, cloned, filled, git_says, refused

TOKEN = "t0ken-f0r-bar"


@pytest.fixture
def login(git: GitServer) -> GitLogin:
    """What opens `bar`, which is private."""
    git.make_private("bar", "ann", TOKEN)
    host = git_logins.host_of(git.url("bar")) or ""
    return GitLogin(host=host, username="ann", token=SecretStr(TOKEN))


@pytest.fixture
def private(bar: Repository, login: GitLogin) -> RepositorySpec:
    return bar(credential=git_logins.credential(login.host))


def written(folder: Path) -> str:
    """All that is in the files of a folder."""
    return "".join(path.read_text(errors="replace") for path in folder.rglob("*") if path.is_file())


async def test_a_private_repository_is_cloned_and_the_token_is_nowhere_in_it(
    private: RepositorySpec, login: GitLogin, work: Path
) -> None:
    reported = await filled(work, private, logins={str(private.credential): login})

    assert reported.ends()["clone:bar"][0] == "done"
    assert (work / "bar" / "a.txt").read_text() == "one"
    assert TOKEN not in written(work) + "".join(reported.lines)
    assert "helper" not in git_says(work / "bar", "config", "--local", "--list")


async def test_neither_the_arguments_of_git_nor_a_trace_show_the_token(
    private: RepositorySpec, login: GitLogin, work: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    programs, seen, trace = tmp_path / "programs", tmp_path / "seen", tmp_path / "trace"
    programs.mkdir()
    watched = programs / "git"
    watched.write_text(f'#!/bin/sh\necho "$@" >> {seen}\nPATH=${{PATH#*:}} exec git "$@"\n')
    watched.chmod(0o755)
    monkeypatch.setenv("PATH", str(programs), prepend=":")
    monkeypatch.setenv("GIT_TRACE_CURL", str(trace))
    monkeypatch.setenv("GIT_TRACE_REDACT", "0")

    await cloned(private, work, login=login)

    assert " clone " in seen.read_text()
    assert TOKEN not in seen.read_text()
    assert not trace.exists()


async def test_a_token_that_is_not_accepted_is_told_without_it(
    private: RepositorySpec, login: GitLogin, work: Path
) -> None:
    wrong = login.model_copy(update={"token": SecretStr("wr0ng")})

    reason = await refused(private, work, login=wrong)

    assert reason.code == "clone_login_refused"
    assert reason.sentence == f"{login.host} does not accept the git login of ann for bar."
    assert (reason.remedies[0].action, reason.remedies[0].host) == ("git_login", login.host)
    assert "Authentication failed" in reason.detail
    assert "wr0ng" not in reason.model_dump_json()
    assert "remote: ann:… is not known, nor is Basic …." in reason.detail


async def test_a_login_that_is_gone_is_asked_for(
    private: RepositorySpec, login: GitLogin, work: Path
) -> None:
    reason = await refused(private, work)

    assert reason.code == "clone_auth_required"
    assert (reason.remedies[0].action, reason.remedies[0].host) == ("git_login", login.host)


async def test_what_is_new_in_a_private_repository_is_told(
    git: GitServer, private: RepositorySpec, login: GitLogin, work: Path
) -> None:
    await cloned(private, work, login=login)
    git.commit("bar", {"a.txt": "two"})

    reported = await filled(work, private, logins={str(private.credential): login})

    assert reported.ends()["clone:bar"] == ("done", "kept as you left it; main has 1 new commit upstream")


async def test_private_submodules_of_the_same_host_are_cloned_and_other_hosts_are_told_nothing(
    git: GitServer, private: RepositorySpec, login: GitLogin, work: Path, tmp_path: Path
) -> None:
    (tmp_path / "other").mkdir()
    with GitServer(tmp_path / "other") as other:
        here, there = git.create("lib", {"b.txt": "b"}), other.create("lib", {"c.txt": "c"})
        for server in (git, other):
            server.make_private("lib", "ann", TOKEN)
        files = {"near": Submodule(here), "far": Submodule(there)}
        urls = modules(near="../lib.git", far=other.url("lib"))
        commit = git.commit("bar", {".gitmodules": urls, **files})

        outcome = await cloned(private.model_copy(update={"commit": commit}), work, login=login)

    assert (work / "bar" / "near" / "b.txt").read_text() == "b"
    assert outcome.state == "warn"
    assert "submodule far is missing: 127.0.0.1 does not hand out far without a login" in outcome.detail
    assert other.sent == []
    assert TOKEN not in written(work)
