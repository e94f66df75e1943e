"""What happens when several things are wished at once: one run, one process, nothing left over."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from typing import Any

import httpx
import pytest

from tests.e2e.projects import Project
from tests.stack import Stack

pytestmark = pytest.mark.slow

FIFTY = 50


def all_at_once(project: Project, *paths: str) -> list[httpx.Response]:
    """POSTs to parts of the project at the same time, each over a connection of its own."""

    async def post() -> list[httpx.Response]:
        async with httpx.AsyncClient(
            base_url=str(project.http.base_url),
            headers=project.http.headers,
            trust_env=False,
            timeout=60,
            limits=httpx.Limits(max_connections=None),
        ) as http:
            return await asyncio.gather(*(http.post(project.path + path) for path in paths))

    answers = asyncio.run(post())
    for answer in answers:
        project.stack.contract.check(answer)
    return answers


def servers_of(stack: Stack, run: dict[str, Any]) -> int:
    """How many single-user servers of a run there are: processes whose parent is none of the run's."""
    processes = stack.processes_of(run["id"])
    return sum(process.ppid() not in {other.pid for other in processes} for process in processes)


def test_fifty_starts_at_once_are_one_run_and_one_process(on_each_database: Stack) -> None:
    stack = on_each_database
    project = Project.with_session(stack)

    answers = all_at_once(project, *["/start"] * FIFTY)

    assert Counter(answer.status_code for answer in answers) == {202: FIFTY}
    assert len({answer.json()["id"] for answer in answers}) == 1
    run = project.until(answers[0].json()["id"], "running", "failed")
    assert not stack.untruths(run)
    assert servers_of(stack, run) == 1

    again = all_at_once(project, *["/sessions/minimal/start"] * FIFTY)
    assert {answer.json()["id"] for answer in again} == {run["id"]}
    assert len(project.http.get("/api/v1/runs", params={"project": project.slug}).json()["items"]) == 1
    project.stop(run["id"])


def test_a_start_while_stopping_is_a_new_run_with_nothing_of_the_old_one(on_each_database: Stack) -> None:
    project = Project.with_session(on_each_database)
    first = project.running()
    note = {"type": "file", "format": "text", "content": "old"}
    assert project.http.put(f"{first['url']}api/contents/note.txt", json=note).is_success

    project.ask("stop")
    second = project.start()

    assert second["id"] != first["id"]
    second = project.until(second["id"], "running", "failed")
    assert second["phase"] == "running", second["reason"]
    assert project.until_phase(first["id"], "stopped")
    assert not on_each_database.untruths(second)
    assert not on_each_database.processes_of(first["id"])
    assert project.http.get(f"{second['url']}api/contents/note.txt").status_code == 404
    project.stop(second["id"])


def test_a_start_while_pausing_brings_the_same_run_back_with_its_work(on_each_database: Stack) -> None:
    project = Project.with_session(on_each_database)
    run = project.running()
    note = {"type": "file", "format": "text", "content": "kept"}
    assert project.http.put(f"{run['url']}api/contents/note.txt", json=note).is_success

    project.ask("pause")
    assert project.start()["id"] == run["id"]

    run = project.until(run["id"], "running", "failed")
    assert run["phase"] == "running", run["reason"]
    assert not on_each_database.untruths(run)
    assert project.http.get(f"{run['url']}api/contents/note.txt").json()["content"] == "kept"
    project.stop(run["id"])


@pytest.mark.parametrize("verb", ["pause", "cancel"])
@pytest.mark.parametrize("phase", ["running", "paused"])
def test_a_resume_that_is_taken_back_at_once_stays_paused(sojourn: Stack, verb: str, phase: str) -> None:
    project = Project.with_session(sojourn)
    run = project.running()
    project.ask("pause")
    project.until_phase(run["id"], phase)

    project.start()
    project.ask(verb)

    assert not sojourn.untruths(project.until(run["id"], "paused"))
    assert project.running()["id"] == run["id"]
    project.stop(run["id"])


def test_a_second_session_with_the_same_environment_is_refused_with_a_link(on_each_database: Stack) -> None:
    project = Project.with_session(on_each_database)
    project.post("/sessions", {"environment": "minimal", "name": "Second"})
    first = project.start("minimal")

    problem = project.post("/sessions/second/start", status=409)

    assert problem["code"] == "environment_in_use"
    assert problem["links"] == {"run": first["page"]}
    project.until(first["id"], "running")
    assert project.post("/sessions/second/start", status=409)["links"] == {"run": first["page"]}
    project.stop(first["id"])
    project.stop(project.running("second")["id"], "second")


def test_of_two_sessions_started_at_once_with_one_environment_one_runs(on_each_database: Stack) -> None:
    project = Project.with_session(on_each_database)
    project.post("/sessions", {"environment": "minimal", "name": "Second"})

    answers = all_at_once(project, *["/sessions/minimal/start", "/sessions/second/start"] * 10)

    accepted = [answer.json() for answer in answers if answer.status_code == 202]
    assert len(accepted) == 10
    assert len({run["id"] for run in accepted}) == 1
    assert {answer.status_code for answer in answers} == {202, 409}
    project.stop(project.until(accepted[0]["id"], "running")["id"], accepted[0]["session"])


def test_other_people_and_other_projects_have_runs_of_their_own(sojourn: Stack) -> None:
    anns = Project.with_session(sojourn, person="ann", visibility="public")
    bobs = anns.seen_by("bob")
    other = Project.with_session(sojourn, person="ann")

    runs = [project.start() for project in (anns, bobs, other)]

    assert len({run["id"] for run in runs}) == 3
    for project, run in zip((anns, bobs, other), runs, strict=True):
        assert not sojourn.untruths(project.until(run["id"], "running"))
        project.stop(run["id"])


def test_a_launch_that_is_cancelled_twice_leaves_no_process(sojourn: Stack) -> None:
    project = Project.with_session(sojourn)
    run = project.start()

    answers = all_at_once(project, *["/sessions/minimal/cancel"] * 5)

    assert {answer.status_code for answer in answers} == {202}
    assert not sojourn.untruths(project.until(run["id"], "stopped"))
    assert project.get("/sessions/minimal")["status"] == "inactive"
    assert project.post("/sessions/minimal/cancel", status=409)["code"] == "nothing_to_cancel"


def test_a_stop_while_launching_leaves_neither_process_nor_work(sojourn: Stack) -> None:
    project = Project.with_session(sojourn)
    run = project.start()
    project.until_phase(run["id"], "launching")

    stopped = project.stop(run["id"])

    assert not sojourn.untruths(stopped)
    session = project.get("/sessions/minimal")
    assert session["status"] == "inactive"
    assert not (sojourn.data.work / session["id"] / sojourn.owner).exists()


def test_a_pause_while_launching_keeps_the_run_for_later(sojourn: Stack) -> None:
    project = Project.with_session(sojourn)
    run = project.start()
    project.until_phase(run["id"], "launching")

    project.ask("pause")

    assert not sojourn.untruths(project.until(run["id"], "paused"))
    assert project.running()["id"] == run["id"]
    project.stop(run["id"])


def test_a_start_right_after_a_cancel_runs(sojourn: Stack) -> None:
    project = Project.with_session(sojourn)
    cancelled = project.start()
    project.until_phase(cancelled["id"], "launching")

    project.ask("cancel")
    run = project.running()

    assert not sojourn.untruths(run)
    assert not sojourn.untruths(project.until_phase(cancelled["id"], "stopped", "paused"))
    project.stop(run["id"])


@pytest.mark.parametrize("seed", range(3))
def test_whatever_is_wished_at_once_the_last_word_counts(sojourn: Stack, seed: int) -> None:
    project = Project.with_session(sojourn)
    verbs = random.Random(seed).choices(["start", "pause", "stop", "cancel"], k=30)  # noqa: S311

    answers = all_at_once(project, *(f"/sessions/minimal/{verb}" for verb in verbs))
    assert {answer.status_code for answer in answers} <= {202, 409}

    run = project.running()
    history = project.http.get("/api/v1/runs", params={"project": project.slug}).json()["items"]
    for earlier in history:
        if earlier["id"] != run["id"]:
            assert not sojourn.untruths(project.until_phase(earlier["id"], "stopped", "paused"))
    assert servers_of(sojourn, run) == 1
    project.stop(run["id"])
