"""kill -9 of the hub at several points of a session's life: what runs is adopted, what died is told."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from spawner.spec import LaunchSpec, RepositorySpec
from tests.git_server import GitServer
from tests.spawner.conftest import MakeSpec
from tests.spawner.hub import Hub, processes_of
from tests.spawner.stand_in_api import StandInApi

pytestmark = pytest.mark.slow


@pytest.fixture
def own_hub(api: StandInApi, cache: Path, tmp_path: Path) -> Iterator[Hub]:
    """A hub that one test may kill."""
    hub = Hub(tmp_path, api, cache)
    try:
        hub.start()
        yield hub
    finally:
        hub.close()


def launch(hub: Hub, api: StandInApi, spec: LaunchSpec) -> LaunchSpec:
    api.launch(spec)
    assert hub.spawn(spec.person, spec.server, {"run": spec.run}).status_code in (201, 202)
    return spec


def add_line(hub: Hub, spec: LaunchSpec, line: str) -> None:
    with (hub.data / "runs" / spec.run / "session.log").open("a") as log:
        log.write(f"{line}\n")


def test_a_running_session_is_adopted_with_its_log_and_its_end(
    own_hub: Hub, api: StandInApi, make_spec: MakeSpec
) -> None:
    spec = launch(own_hub, api, make_spec())
    api.wait_ready(spec.run)
    record = own_hub.record(spec.run)
    assert record is not None
    add_line(own_hub, spec, "before")
    api.wait(lambda: "before" in api.lines(spec.run, "session"))
    api.wait(lambda: log_is_noted(own_hub, spec))

    own_hub.kill()
    add_line(own_hub, spec, "meanwhile")
    own_hub.start()

    api.wait(lambda: "meanwhile" in api.lines(spec.run, "session"))
    assert own_hub.record(spec.run) == record
    lines = [line for line in api.lines(spec.run, "session") if "GET" not in line]
    assert lines == ["the program begins", "before", "meanwhile"]
    assert api.ended(spec.run) is None
    model = api.wait(lambda: own_hub.server(spec.person, spec.server))
    assert model["ready"]

    os.kill(record.pid, signal.SIGKILL)
    end = api.wait(lambda: api.ended(spec.run), seconds=5)
    assert end.reason is not None
    assert end.reason.code == "session_ended"
    assert api.wait(lambda: own_hub.server(spec.person, spec.server) is None, seconds=5)


def test_an_adopted_session_can_be_stopped(own_hub: Hub, api: StandInApi, make_spec: MakeSpec) -> None:
    spec = launch(own_hub, api, make_spec(variables={"BEHAVIOUR": "kernel"}))
    api.wait_ready(spec.run)
    own_hub.kill()
    own_hub.start()

    own_hub.stop(spec.person, spec.server)

    assert api.wait_ended(spec.run).reason is None
    assert processes_of(spec.run) == []


def test_a_session_that_died_without_the_hub_is_told(
    own_hub: Hub, api: StandInApi, make_spec: MakeSpec
) -> None:
    spec = launch(own_hub, api, make_spec(variables={"BEHAVIOUR": "kernel"}))
    api.wait_ready(spec.run)
    record = own_hub.record(spec.run)
    assert record is not None
    own_hub.kill()
    os.kill(record.pid, signal.SIGKILL)

    own_hub.start()

    reason = api.wait_ended(spec.run).reason
    assert reason is not None
    assert reason.sentence == "JupyterLab ended while JupyterHub was not there to watch it."
    assert processes_of(spec.run) == []
    assert own_hub.record(spec.run) is None


def test_a_pid_that_is_someone_elses_now_is_not_taken_for_the_session(
    own_hub: Hub, api: StandInApi, make_spec: MakeSpec
) -> None:
    spec = launch(own_hub, api, make_spec())
    api.wait_ready(spec.run)
    record = own_hub.record(spec.run)
    assert record is not None
    own_hub.kill()
    os.kill(record.pid, signal.SIGKILL)
    stranger = psutil.Popen(["sleep", "600"])
    record.model_copy(update={"pid": stranger.pid, "created": stranger.create_time() - 60}).write(
        own_hub.data / "runs" / spec.run
    )

    own_hub.start()

    assert api.wait_ended(spec.run).reason is not None
    assert stranger.is_running()
    stranger.kill()
    stranger.wait()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_hub_ended_while_cloning_leaves_no_git_and_the_next_try_is_clean(
    own_hub: Hub, api: StandInApi, make_spec: MakeSpec, git: GitServer, number: signal.Signals
) -> None:
    commit = git.create("bar", {f"{n}.bin": os.urandom(20_000) for n in range(4)})
    git.break_with("bar", "stall")
    repository = RepositorySpec(url=git.url("bar"), ref="main", commit=commit, branch="main", folder="bar")
    spec = launch(own_hub, api, make_spec(repositories=(repository,)))
    work = own_hub.data / "work" / spec.work
    api.wait(lambda: list(work.glob(".cloning-bar-*/.git/objects/pack/*")))

    own_hub.kill(number)

    api.wait(lambda: not gits_below(work), seconds=5)
    git.break_with("bar", None)
    own_hub.start()
    api.deliveries.clear()
    launch(own_hub, api, spec)
    api.wait_ready(spec.run)
    assert sorted(entry.name for entry in work.iterdir()) == ["bar"]


def test_a_hub_killed_while_the_session_starts_finds_it_and_finishes_the_launch(
    own_hub: Hub, api: StandInApi, make_spec: MakeSpec
) -> None:
    spec = launch(own_hub, api, make_spec(variables={"BEHAVIOUR": "slow"}))
    api.wait(lambda: own_hub.record(spec.run))
    api.wait(lambda: api.stages(spec.run).get("start"))

    own_hub.kill()
    own_hub.start()

    api.wait_ready(spec.run)
    stages = api.stages(spec.run)
    assert (stages["start"].state, stages["ready"].state) == ("done", "done")
    model = api.wait(lambda: own_hub.server(spec.person, spec.server))
    assert model["ready"]


def test_a_program_is_not_run_when_the_hub_dies_before_it_is_recorded(
    own_hub: Hub, api: StandInApi, make_spec: MakeSpec
) -> None:
    spec = make_spec()
    folder = own_hub.data / "runs" / spec.run
    (folder / ".process.json").mkdir(parents=True)
    launch(own_hub, api, spec)

    reason = api.wait_ended(spec.run).reason

    assert reason is not None
    assert reason.code == "launch_broken"
    assert processes_of(spec.run) == []
    assert (folder / "session.log").read_text() == ""


def log_is_noted(hub: Hub, spec: LaunchSpec) -> bool:
    """Whether the hub has noted that the API has the whole log."""
    log = hub.data / "runs" / spec.run / "session.log"
    return int(log.with_name("session.log.sent").read_text()) == log.stat().st_size


def gits_below(work: Path) -> list[psutil.Process]:
    return [
        one for one in psutil.process_iter(["cmdline"]) if str(work) in " ".join(one.info["cmdline"] or ())
    ]
