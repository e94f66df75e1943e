"""The program of the cloning container, as a process."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from pydantic import SecretStr

from spawner import git_logins
from spawner.reasons import Reason
from spawner.spec import GitLogin, RepositorySpec
from tests.git_server import GitServer
from tests.spawner.clones import Repository, names

Line = dict[str, str]


class Program:
    """Runs it with one spec after the other, in the environment of a container."""

    def __init__(self, folder: Path, work: Path) -> None:
        self._spec, self._last_words = folder / "spec.json", folder / "termination-log"
        self.work = work
        self.started: list[subprocess.Popen[str]] = []

    def start(
        self, *repositories: RepositorySpec, git: dict[str, GitLogin] | None = None, **options: Any
    ) -> subprocess.Popen[str]:
        content: dict[str, Any] = {
            "repositories": [repository.model_dump(mode="json") for repository in repositories],
            "git": {name: login.model_dump(mode="json") for name, login in (git or {}).items()},
            "work": str(self.work),
        }
        self._spec.write_text(json.dumps(content))
        return self.start_as_written(**options)

    def start_as_written(
        self, text: str | None = None, variables: dict[str, str] | None = None
    ) -> subprocess.Popen[str]:
        if text is not None:
            self._spec.write_text(text)
        self._last_words.write_text("")
        process = subprocess.Popen(
            [sys.executable, "-m", "spawner.cloning", str(self._spec), str(self._last_words)],
            env={"PATH": os.environ["PATH"], "HOME": str(self._spec.parent), **(variables or {})},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.started.append(process)
        return process

    @property
    def reason(self) -> Reason | None:
        text = self._last_words.read_text()
        return Reason.model_validate_json(text) if text else None


@pytest.fixture
def program(tmp_path: Path, work: Path) -> Iterator[Program]:
    program = Program(tmp_path, work)
    yield program
    for process in program.started:
        process.kill()
        process.communicate()


def said(process: subprocess.Popen[str]) -> list[Line]:
    """All that it says until its end, which is complaints only in its own words."""
    output, complaints = process.communicate(timeout=60)
    assert complaints == ""
    return [json.loads(line) for line in output.splitlines()]


def stages(lines: list[Line]) -> list[tuple[str, str]]:
    return [(line["stage"], line["state"]) for line in lines if "stage" in line]


def children(process: subprocess.Popen[str]) -> list[psutil.Process]:
    return psutil.Process(process.pid).children(recursive=True)


def test_each_line_is_a_stage_or_a_line_of_the_log(program: Program, bar: Repository) -> None:
    process = program.start(bar(), bar(folder="other"))

    lines = said(process)

    assert process.returncode == 0
    assert program.reason is None
    assert sorted(names(program.work)) == ["bar", "other"]
    detail = f"main at {bar().commit[:12]}"
    assert {"stage": "clone:bar", "state": "now", "detail": ""} in lines
    assert {"stage": "clone:other", "state": "done", "detail": detail} in lines
    assert any(line.get("log", "").startswith("bar: Receiving objects: 100%") for line in lines)


def test_a_second_launch_keeps_what_is_there_and_redoes_what_was_killed(
    program: Program, git: GitServer, bar: Repository
) -> None:
    git.create("slow", {f"{number}.bin": os.urandom(20_000) for number in range(4)})
    slow = bar(url=git.url("slow"), commit=git.head("slow"), folder="slow")
    git.break_with("slow", "stall")
    process = program.start(bar(), slow)
    until_it_says(process, "clone:bar", "done")
    process.kill()
    process.wait()
    assert any(name.startswith(".cloning-slow") for name in names(program.work))
    git.break_with("slow", None)
    (program.work / "bar" / "a.txt").write_text("mine")

    lines = said(program.start(bar(), slow))

    assert {"stage": "clone:bar", "state": "done", "detail": "kept as you left it"} in lines
    assert ("clone:slow", "done") in stages(lines)
    assert sorted(names(program.work)) == ["bar", "slow"]
    assert (program.work / "bar" / "a.txt").read_text() == "mine"


def test_the_first_failure_ends_the_others_and_is_the_last_word(
    program: Program, git: GitServer, bar: Repository
) -> None:
    git.create("slow", {"a.txt": "a"})
    git.break_with("slow", "hang")
    slow = bar(url=git.url("slow"), commit=git.head("slow"), folder="slow")
    gone = bar(url=git.url("gone"), folder="gone")

    process = program.start(slow, gone)
    lines = said(process)

    assert process.returncode == 1
    assert program.reason is not None
    assert program.reason.code == "clone_not_found"
    assert program.reason.remedies[-1].folder == "gone"
    assert stages(lines) == [("clone:slow", "now"), ("clone:gone", "now"), ("clone:gone", "fail")]
    assert names(program.work) == []


def test_sigterm_ends_git_and_leaves_nothing_half_made(
    program: Program, git: GitServer, bar: Repository
) -> None:
    spec = bar()
    git.break_with("bar", "stall")
    process = program.start(spec)
    until_it_says(process, None, "remote: Enumerating")
    running = children(process)
    assert any(child.name().startswith("git") for child in running)

    process.send_signal(signal.SIGTERM)

    said(process)
    assert process.returncode == 128 + signal.SIGTERM
    assert names(program.work) == []
    assert psutil.wait_procs(running, timeout=10)[1] == []


@pytest.mark.slow
def test_thirty_repositories_are_cloned_three_at_a_time(program: Program, bar: Repository) -> None:
    process = program.start(*(bar(folder=f"bar{number}") for number in range(30)))

    under_way, most = set[str](), 0
    for key, state in stages(said(process)):
        (under_way.add if state == "now" else under_way.discard)(key)
        most = max(most, len(under_way))

    assert process.returncode == 0
    assert most == 3
    assert len(names(program.work)) == 30


def test_a_token_is_in_nothing_that_the_program_says_or_leaves(
    program: Program, git: GitServer, bar: Repository
) -> None:
    spec = bar(credential="here")
    git.make_private("bar", "ann", "t0ken")
    login = GitLogin(host=git_logins.host_of(spec.url) or "", username="ann", token=SecretStr("t0ken"))

    lines = said(program.start(spec, git={"here": login}))
    assert stages(lines)[-1] == ("clone:bar", "done")
    assert "t0ken" not in str(lines)

    wrong = login.model_copy(update={"token": SecretStr("wr0ng")})
    lines = said(program.start(spec.model_copy(update={"folder": "again"}), git={"here": wrong}))
    assert program.reason is not None
    assert program.reason.code == "clone_login_refused"
    assert "wr0ng" not in str(lines) + program.reason.model_dump_json()


def test_a_reason_is_never_longer_than_kubernetes_keeps(
    program: Program, git: GitServer, bar: Repository
) -> None:
    git.create("many", {f"{number}-{'ä' * 100}.txt": "a" for number in range(60)})
    many = bar(url=git.url("many"), commit=git.head("many"), folder="many")
    git.break_with("many", "cut")
    long = many.model_copy(update={"url": f"{many.url}/{'ü' * 1500}"})

    process = program.start(long)
    said(process)

    assert program.reason is not None
    assert len(program._last_words.read_bytes()) <= 4096


def test_a_spec_that_cannot_be_read_is_a_failure_that_shows_none_of_it(program: Program) -> None:
    process = program.start_as_written('{"repositories": [], "git": {"a": {"token": "t0ken"}}, "work": 3}')

    said(process)

    assert process.returncode == 1
    assert program.reason is not None
    assert program.reason.code == "clone_failed"
    assert "t0ken" not in program.reason.model_dump_json()


def test_a_clone_that_goes_well_waits_for_no_models_to_be_imported(program: Program, bar: Repository) -> None:
    process = program.start(bar(), variables={"PYTHONPROFILEIMPORTTIME": "1"})
    _, imported = process.communicate(timeout=60)

    assert process.returncode == 0
    assert "asyncio" in imported
    assert "pydantic" not in imported


def until_it_says(process: subprocess.Popen[str], key: str | None, word: str) -> None:
    """Reads until a stage has a state, or until a line of the log has a word in it."""
    assert process.stdout is not None
    for text in process.stdout:
        line = json.loads(text)
        if (line.get("stage"), line.get("state")) == (key, word) or (
            key is None and word in line.get("log", "")
        ):
            return
    pytest.fail(f"the program ended before {word}")
