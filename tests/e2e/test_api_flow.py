"""The whole way through the HTTP API alone, with the token that lies on this computer."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.e2e.kernels import output_of
from tests.e2e.projects import Project
from tests.e2e.streams import events
from tests.git_server import GitServer
from tests.stack import Stack, eventually

pytestmark = pytest.mark.slow

SHOW = "print(open('bar/hello.txt').read())"


def stages(run: dict[str, Any]) -> dict[str, str]:
    return {stage["title"]: stage["state"] for stage in run["stages"]}


def test_a_session_keeps_its_files_from_start_over_pause_to_stop(
    on_each_database: Stack, git_server: GitServer
) -> None:
    stack = on_each_database
    if git_server.head("bar") is None:
        git_server.create("bar", {"hello.txt": "from the repository"})
    project = Project.with_session(stack, git_server.url("bar"))

    accepted = project.start()
    assert accepted["status"] == "launching"
    launch = events(stack, accepted["events"], enough=lambda event: '"running"' in event.data)
    run = project.run(accepted["id"])
    assert run["phase"] == "running"
    assert {event.kind for event in launch} == {"status", "stage", "log"}
    assert stages(run) == dict.fromkeys(
        ["Queued", "Preparing Minimal", "Cloning bar", "Starting JupyterLab", "Ready"], "done"
    )
    assert project.get("/sessions/minimal")["status"] == "running"
    assert output_of(stack, run, SHOW) == "from the repository\n"

    file = f"{run['url']}api/contents/bar/hello.txt"
    body = {"type": "file", "format": "text", "content": "changed"}
    assert project.http.put(file, json=body).is_success
    project.ask("pause")
    paused = project.until(run["id"], "paused")
    assert project.get("/sessions/minimal")["status"] == "paused"
    assert not stack.untruths(paused)
    assert project.http.get(file).status_code != 200

    assert project.start()["id"] == run["id"]
    resumed = project.until(run["id"], "running", "failed")
    assert (resumed["phase"], resumed["attempt"]) == ("running", 2)
    assert output_of(stack, resumed, SHOW) == "changed\n"

    stopped = project.stop(run["id"])
    assert project.get("/sessions/minimal")["status"] == "inactive"
    assert not stack.untruths(stopped)
    assert not list(stack.data.work.glob("*/*/bar")), "/work was to be deleted"


def test_a_paused_session_starts_anew_as_it_is_configured_now_and_keeps_its_files(sojourn: Stack) -> None:
    project = Project.with_session(sojourn)
    run = project.running()
    file = f"{run['url']}api/contents/kept.txt"
    body = {"type": "file", "format": "text", "content": "kept"}
    assert project.http.put(file, json=body).is_success
    project.ask("pause")
    project.until(run["id"], "paused")
    project.http.patch(f"{project.path}/sessions/minimal", json={"variables": {"COLOUR": "blue"}})

    new = project.until(project.start("minimal", {"anew": True})["id"], "running", "failed")

    assert (new["phase"], new["id"] == run["id"]) == ("running", False)
    assert project.http.get(file).json()["content"] == "kept"
    assert output_of(sojourn, new, "import os; print(os.environ['COLOUR'])") == "blue\n"
    assert not sojourn.untruths(new)
    project.stop(new["id"])


def test_a_stream_goes_on_after_the_last_event_that_was_seen(sojourn: Stack) -> None:
    project = Project.with_session(sojourn)
    run = project.running()
    project.stop(run["id"])

    everything = events(sojourn, run["events"])
    middle = everything[len(everything) // 2]
    rest = events(sojourn, run["events"], after=middle.id)

    assert [event.id for event in everything] == sorted((event.id for event in everything), key=int)
    assert rest == everything[len(everything) // 2 + 1 :]
    assert rest[-1].kind == "end"
    assert events(sojourn, f"{run['events']}?after={middle.id}") == rest


def test_two_readers_of_a_launch_see_the_same_whole_story(sojourn: Stack) -> None:
    project = Project.with_session(sojourn)
    run = project.start()
    live = events(sojourn, run["events"], enough=lambda event: '"running"' in event.data)
    later = events(sojourn, run["events"], enough=lambda event: '"running"' in event.data)

    assert later == live
    phases = [json.loads(event.data)["phase"] for event in live if event.kind == "status"]
    assert list(dict.fromkeys(phases)) == ["queued", "launching", "running"]
    project.stop(run["id"])


def test_a_log_can_be_read_as_json_and_as_text(sojourn: Stack) -> None:
    project = Project.with_session(sojourn)
    run = project.running()
    path = f"/api/v1/runs/{run['id']}/log"

    lines = eventually(lambda: project.http.get(path).json()["lines"], "lines of the log")
    assert {"at", "attempt", "seconds", "source", "text"} == lines[0].keys()
    project.stop(run["id"])
    lines = project.http.get(path).json()["lines"]
    text = project.http.get(path, headers={"Accept": "text/plain"}).text
    assert [line.split(": ", 1)[1] for line in text.splitlines()] == [line["text"] for line in lines]
    assert project.http.get(path, params={"tail": 1}).json()["lines"] == lines[-1:]


def test_the_log_holds_no_secret(sojourn: Stack) -> None:
    project = Project.with_session(sojourn)
    run = project.running()
    project.stop(run["id"])

    secrets = [path.read_text() for path in sojourn.data.secrets.iterdir()]
    logs = [path.read_text() for path in sojourn.data.logs.iterdir()]
    logs += [project.http.get(f"/api/v1/runs/{run['id']}/log").text]
    logs += [path.read_text() for path in sojourn.data.runs.glob("*/session.log")]
    assert secrets
    assert not [log for log in logs for secret in secrets if secret in log]


def test_a_run_that_was_stopped_stays_in_the_history(sojourn: Stack) -> None:
    project = Project.with_session(sojourn)
    runs = [project.stop(project.running()["id"]), project.stop(project.running()["id"])]

    history = project.http.get("/api/v1/runs", params={"project": project.slug}).json()["items"]
    assert [run["id"] for run in history] == [run["id"] for run in reversed(runs)]
    first = project.http.get("/api/v1/runs", params={"project": project.slug, "limit": 1}).json()
    assert [run["id"] for run in first["items"]] == [runs[1]["id"]]
    following = {"project": project.slug, "limit": 1, "cursor": first["next"]}
    assert project.http.get("/api/v1/runs", params=following).json()["items"][0]["id"] == runs[0]["id"]


def test_later_edits_of_a_session_do_not_change_what_runs(sojourn: Stack) -> None:
    project = Project.with_session(sojourn)
    run = project.running()
    session = f"{project.path}/sessions/minimal"
    assert project.http.patch(session, json={"variables": {"COLOUR": "green"}}).is_success
    show = "import os; print(os.environ.get('COLOUR'))"
    assert output_of(sojourn, run, show) == "None\n"

    project.stop(run["id"])
    again = project.running()
    assert output_of(sojourn, again, show) == "green\n"
    project.stop(again["id"])


def test_what_a_session_writes_to_a_storage_is_there_when_the_session_is_not(sojourn: Stack) -> None:
    folder = sojourn.data.root.parent / "results"
    folder.mkdir()
    (folder / "given.txt").write_text("given")
    project = Project.with_session(sojourn)
    project.post("/storages", {"name": "Results", "path": str(folder), "folder": "results"})

    run = project.running()
    code = "print(open('results/given.txt').read()); _ = open('results/made.txt', 'w').write('made')"
    assert output_of(sojourn, run, code) == "given\n"
    project.stop(run["id"])

    assert (folder / "given.txt").read_text() == "given"
    assert (folder / "made.txt").read_text() == "made"


def test_a_storage_that_is_gone_fails_the_launch_and_can_be_left_out(sojourn: Stack) -> None:
    folder = sojourn.data.root.parent / "gone"
    folder.mkdir()
    project = Project.with_session(sojourn)
    project.post("/storages", {"name": "Gone", "path": str(folder)})
    folder.rmdir()

    failed = project.until(project.start()["id"], "failed")
    assert "gone" in failed["reason"]["sentence"].lower()
    remedy = next(each for each in failed["reason"]["remedies"] if each["action"] == "start_without")
    assert not sojourn.untruths(failed)

    started = project.start(body={"without": [remedy["folder"]]})
    project.stop(project.until(started["id"], "running")["id"])


def test_a_folder_of_this_computer_is_cloned_where_that_is_allowed(
    sojourn: Stack, git_server: GitServer
) -> None:
    git_server.create("local", {"hello.txt": "from next door"})
    project = Project.with_session(sojourn, str(git_server.folder / "local.git"))

    run = project.running()

    assert output_of(sojourn, run, "print(open('local/hello.txt').read())") == "from next door\n"
    project.stop(run["id"])


def test_every_repository_and_storage_has_a_stage_and_a_folder_of_its_own(
    sojourn: Stack, git_server: GitServer
) -> None:
    names = [f"part-{number}" for number in range(5)]
    for name in names:
        git_server.create(name, {"name.txt": name})
    project = Project.with_session(sojourn, *map(git_server.url, names))

    run = project.running()

    assert [title for title in stages(run) if title.startswith("Cloning")] == [
        f"Cloning {name}" for name in names
    ]
    show = "import pathlib; print(*sorted(path.read_text() for path in pathlib.Path().glob('*/name.txt')))"
    assert output_of(sojourn, run, show).split() == names
    project.stop(run["id"])
