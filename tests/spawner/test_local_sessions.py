"""Sessions through a real JupyterHub, as real processes."""

from __future__ import annotations

import contextlib
import os
import signal
from pathlib import Path

import httpx
import jupyterhub
import psutil
import pytest
from pydantic import SecretStr

from spawner import git_logins
from spawner.processes import ProcessRecord
from spawner.spec import (
    FolderStorage,
    GitLogin,
    LaunchSpec,
    RepositorySpec,
    ResourcesSpec,
    RunSecrets,
)
from tests.git_server import GitServer
from tests.spawner.conftest import MakeSpec
from tests.spawner.hub import HUB_TOKEN, Hub, processes_of
from tests.spawner.stand_in_api import TOKEN, StandInApi


def launch(hub: Hub, api: StandInApi, spec: LaunchSpec) -> LaunchSpec:
    """Asks the hub to launch the run; the hub accepts before anything happened."""
    api.launch(spec)
    answer = hub.spawn(spec.person, spec.server, {"run": spec.run})
    assert answer.status_code in (201, 202), answer.text
    return spec


def run(hub: Hub, api: StandInApi, spec: LaunchSpec) -> LaunchSpec:
    launch(hub, api, spec)
    api.wait_ready(spec.run)
    return spec


def wait_for_log(hub: Hub, api: StandInApi, words: str) -> None:
    api.wait(lambda: words in hub.log())


def ask_session(hub: Hub, spec: LaunchSpec, path: str) -> httpx.Response:
    record = hub.record(spec.run)
    assert record is not None
    port = next(
        one.laddr.port for one in psutil.Process(record.pid).net_connections() if one.status == "LISTEN"
    )
    return httpx.get(f"http://127.0.0.1:{port}/user/{spec.person}/{spec.server}/{path}", trust_env=False)


def test_a_launch_tells_each_stage_and_ends_ready(
    hub: Hub, api: StandInApi, make_spec: MakeSpec, git: GitServer, tmp_path: Path
) -> None:
    commit = git.create("bar", {"a.txt": "one"})
    repository = RepositorySpec(url=git.url("bar"), ref="main", commit=commit, branch="main", folder="bar")
    storage = FolderStorage(kind="folder", name="results", folder="results", path=str(tmp_path))

    spec = run(hub, api, make_spec(repositories=(repository,), storages=(storage,)))

    stages = api.stages(spec.run)
    assert {key: stage.state for key, stage in stages.items()} == dict.fromkeys(
        ("queued", "environment", "clone:bar", "mount:results", "start", "ready"), "done"
    )
    assert stages["clone:bar"].detail == f"main at {commit[:12]}"
    ready = api.ready(spec.run)
    assert ready is not None
    assert ready.url == f"/user/{spec.person}/{spec.server}/"
    work = hub.data / "work" / spec.work
    assert (work / "bar" / "a.txt").read_text() == "one"
    assert (work / "results").readlink() == tmp_path
    assert "the program begins" in api.lines(spec.run, "session")
    model = hub.server(spec.person, spec.server)
    assert model is not None
    assert model["ready"]


def test_the_session_gets_its_environment_and_no_secret_of_ours(
    hub: Hub, api: StandInApi, make_spec: MakeSpec
) -> None:
    variables = {"GREETING": "hello {x}", "JUPYTERHUB_API_URL": "http://evil.example", "PATH": "/evil"}
    spec = run(hub, api, make_spec(variables=variables, resources=ResourcesSpec(cpus=0.5, memory_gib=2)))

    seen = ask_session(hub, spec, "environment").json()

    work = str(hub.data / "work" / spec.work)
    assert seen["cwd"] == seen["WORK_DIR"] == seen["JUPYTERHUB_ROOT_DIR"] == work
    assert seen["GREETING"] == "hello {x}"
    assert "evil" not in seen["JUPYTERHUB_API_URL"] + seen["PATH"]
    assert seen["PATH"].startswith(seen["VIRTUAL_ENV"] + "/bin:")
    assert seen["JUPYTERHUB_DEFAULT_URL"] == "/lab"
    assert seen["SOJOURN_RUN"] == spec.run
    assert (seen["CPU_LIMIT"], seen["MEM_LIMIT"]) == ("0.5", str(2**31))
    assert "SOJOURN_SPAWNER_TOKEN" not in seen
    assert TOKEN not in str(seen)
    assert HUB_TOKEN not in str(seen)
    assert seen["JUPYTERHUB_API_TOKEN"] not in str(seen["argv"])
    left_out = "Variables that Sojourn sets itself are left out: JUPYTERHUB_API_URL, PATH"
    assert api.lines(spec.run, "sojourn") == [left_out]


def test_the_work_folder_is_closed_to_others(hub: Hub, api: StandInApi, make_spec: MakeSpec) -> None:
    spec = run(hub, api, make_spec())
    for folder in ("work", f"work/{spec.work}", f"runs/{spec.run}"):
        assert (hub.data / folder).stat().st_mode & 0o077 == 0, folder


def test_a_pause_ends_everything_and_a_resume_finds_the_edited_work(
    hub: Hub, api: StandInApi, make_spec: MakeSpec, git: GitServer
) -> None:
    commit = git.create("bar", {"a.txt": "one"})
    repository = RepositorySpec(url=git.url("bar"), ref="main", commit=commit, branch="main", folder="bar")
    spec = run(hub, api, make_spec(repositories=(repository,), variables={"BEHAVIOUR": "kernel"}))
    assert len(processes_of(spec.run)) == 2
    edited = hub.data / "work" / spec.work / "bar" / "a.txt"
    edited.write_text("mine")

    hub.stop(spec.person, spec.server)

    assert api.wait_ended(spec.run).reason is None
    assert processes_of(spec.run) == []
    assert hub.record(spec.run) is None

    git.commit("bar", {"a.txt": "two"})
    api.deliveries.clear()
    run(hub, api, spec.model_copy(update={"attempt": 2}))

    assert edited.read_text() == "mine"
    detail = "kept as you left it; main has 1 new commit upstream"
    assert api.stages(spec.run)["clone:bar"].detail == detail


def test_a_private_repository_is_cloned_with_the_runs_git_login(
    hub: Hub, api: StandInApi, make_spec: MakeSpec, git: GitServer
) -> None:
    commit = git.create("bar", {"a.txt": "one"})
    git.make_private("bar", "ann", "t0ken")
    repository = RepositorySpec(
        url=git.url("bar"), ref="main", commit=commit, branch="main", folder="bar", credential="here"
    )
    spec = make_spec(repositories=(repository,))
    login = GitLogin(host=git_logins.host_of(git.url("bar")) or "", username="ann", token=SecretStr("t0ken"))
    api.secrets[spec.run] = RunSecrets(values={}, git={"here": login})

    run(hub, api, spec)

    folder = hub.data / "work" / spec.work / "bar"
    assert (folder / "a.txt").read_text() == "one"
    assert "t0ken" not in (folder / ".git" / "config").read_text() + str(api.events(spec.run))


def test_stop_deletes_the_work_but_not_what_its_links_lead_to(
    hub: Hub, api: StandInApi, make_spec: MakeSpec, tmp_path: Path
) -> None:
    (tmp_path / "results.csv").write_text("precious")
    storage = FolderStorage(kind="folder", name="results", folder="results", path=str(tmp_path))
    spec = run(hub, api, make_spec(storages=(storage,)))
    work = hub.data / "work" / spec.work
    locked = work / "locked"
    locked.mkdir()
    (locked / "file").write_text("x")
    locked.chmod(0o500)

    hub.stop(spec.person, spec.server, remove=True)

    api.wait_ended(spec.run)
    api.wait(lambda: not work.exists())
    assert (tmp_path / "results.csv").read_text() == "precious"
    assert api.wait(lambda: not list((hub.data / "work").glob(".discarded-*")))


def test_stop_deletes_the_work_of_a_server_that_was_paused_long_ago(
    hub: Hub, api: StandInApi, make_spec: MakeSpec
) -> None:
    spec = run(hub, api, make_spec())
    hub.stop(spec.person, spec.server)
    api.wait_ended(spec.run)
    assert (hub.data / "work" / spec.work).exists()

    hub.stop(spec.person, spec.server, remove=True)

    api.wait(lambda: not (hub.data / "work" / spec.work).exists())


def test_a_forged_run_is_refused(hub: Hub, api: StandInApi, make_spec: MakeSpec) -> None:
    anns = api.launch(make_spec())
    other_server = api.launch(make_spec(person=anns.person))
    paused = api.launch(make_spec())
    api.refused[paused.run] = "Run 7 is paused."

    for person, server, options, sentence in (
        ("bob", "any", {"run": anns.run}, "is not yours"),
        (anns.person, "any", {"run": other_server.run}, "is not for this server"),
        (anns.person, anns.server, {"run": "run-none"}, "There is no run run-none."),
        (anns.person, anns.server, {"run": "../me"}, "Sessions start from their project"),
        (anns.person, anns.server, {"work": "/", "cmd": ["sh"]}, "Sessions start from their project"),
        (paused.person, paused.server, {"run": paused.run}, "Run 7 is paused."),
    ):
        hub.spawn(person, server, options)
        wait_for_log(hub, api, sentence)
    assert {record.run for record in hub.records()}.isdisjoint({anns.run, other_server.run, paused.run})
    assert api.events(anns.run) == []


def test_options_as_older_hubs_pass_them_are_understood(
    hub: Hub, api: StandInApi, make_spec: MakeSpec
) -> None:
    spec = api.launch(make_spec())
    as_they_pass_it = {"user_options": {"run": spec.run}, "display_name": "Demo"}
    is_older = jupyterhub.version_info[0] < 6
    hub.spawn(spec.person, spec.server, as_they_pass_it["user_options"] if is_older else as_they_pass_it)
    api.wait_ready(spec.run)


def test_a_crash_on_start_is_told_with_its_last_lines(hub: Hub, api: StandInApi, make_spec: MakeSpec) -> None:
    spec = launch(hub, api, make_spec(variables={"BEHAVIOUR": "crash"}))

    reason = api.wait_ended(spec.run).reason

    assert reason is not None
    assert reason.code == "session_crashed"
    assert reason.sentence.startswith("JupyterLab ended with exit code 3, ")
    assert "no module named jupyterlab" in reason.detail
    assert api.stages(spec.run)["start"].state == "fail"
    assert hub.record(spec.run) is None


def test_a_start_that_finds_the_disk_full_says_so(hub: Hub, api: StandInApi, make_spec: MakeSpec) -> None:
    spec = launch(hub, api, make_spec(variables={"BEHAVIOUR": "full"}))

    reason = api.wait_ended(spec.run).reason

    assert reason is not None
    assert reason.code == "disk_full"
    assert reason.sentence.startswith("/work is full: ")


@pytest.mark.slow
def test_a_program_that_never_answers_is_ended(hub: Hub, api: StandInApi, make_spec: MakeSpec) -> None:
    spec = launch(hub, api, make_spec(variables={"BEHAVIOUR": "silent"}))

    reason = api.wait_ended(spec.run).reason

    assert reason is not None
    assert reason.sentence == "JupyterLab did not answer within 8 s after it started."
    assert processes_of(spec.run) == []


def test_a_killed_session_is_told_at_once(hub: Hub, api: StandInApi, make_spec: MakeSpec) -> None:
    spec = run(hub, api, make_spec(variables={"BEHAVIOUR": "kernel"}))
    record = hub.record(spec.run)
    assert record is not None

    os.kill(record.pid, signal.SIGKILL)

    # The hub by itself would look only every 30 s.
    end = api.wait(lambda: api.ended(spec.run), seconds=5)
    assert end.reason is not None
    assert end.reason.code == "session_killed"
    assert end.reason.sentence.startswith("JupyterLab was ended by SIGKILL, ")
    assert processes_of(spec.run) == []
    assert api.wait(lambda: hub.server(spec.person, spec.server) is None, seconds=5)


def test_a_session_shut_down_from_within_is_no_failure(
    hub: Hub, api: StandInApi, make_spec: MakeSpec
) -> None:
    spec = run(hub, api, make_spec())
    with contextlib.suppress(httpx.TransportError):
        ask_session(hub, spec, "end")

    assert api.wait_ended(spec.run).reason is None


def test_a_launch_cancelled_while_cloning_leaves_no_process_and_no_half_folder(
    hub: Hub, api: StandInApi, make_spec: MakeSpec, git: GitServer
) -> None:
    commit = git.create("bar", {f"{n}.bin": os.urandom(20_000) for n in range(4)})
    git.break_with("bar", "stall")
    repository = RepositorySpec(url=git.url("bar"), ref="main", commit=commit, branch="main", folder="bar")
    spec = launch(hub, api, make_spec(repositories=(repository,)))
    work = hub.data / "work" / spec.work
    api.wait(lambda: list(work.glob(".cloning-bar-*/.git/objects/pack/*")))

    api.wish(spec.run, "cancel")

    assert api.wait_ended(spec.run).reason is None
    assert list(work.iterdir()) == []
    assert not [
        one for one in psutil.process_iter(["cmdline"]) if str(work) in " ".join(one.info["cmdline"] or ())
    ]

    git.break_with("bar", None)
    api.deliveries.clear()
    run(hub, api, spec)
    assert (work / "bar" / "0.bin").exists()


def test_a_launch_cancelled_while_starting_leaves_no_process(
    hub: Hub, api: StandInApi, make_spec: MakeSpec
) -> None:
    spec = launch(hub, api, make_spec(variables={"BEHAVIOUR": "silent"}))
    api.wait(lambda: processes_of(spec.run))

    api.wish(spec.run, "stop")

    assert api.wait_ended(spec.run).reason is None
    assert processes_of(spec.run) == []
    assert hub.record(spec.run) is None


def test_an_api_that_is_away_for_a_while_hears_of_the_whole_launch(
    hub: Hub, api: StandInApi, make_spec: MakeSpec, git: GitServer
) -> None:
    commit = git.create("bar", {"a.txt": "one"})
    git.break_with("bar", "hang")
    repository = RepositorySpec(url=git.url("bar"), ref="main", commit=commit, branch="main", folder="bar")
    spec = launch(hub, api, make_spec(repositories=(repository,)))
    api.wait(lambda: api.stages(spec.run).get("clone:bar"))

    api.go()
    git.over.set()
    wait_for_log(hub, api, f"User {spec.person}:{spec.server} took")
    api.come()

    api.wait_ready(spec.run)
    assert {stage.state for stage in api.stages(spec.run).values()} == {"done"}


def test_what_an_earlier_try_left_running_is_ended_first(
    hub: Hub, api: StandInApi, make_spec: MakeSpec
) -> None:
    spec = make_spec()
    left = psutil.Popen(["sleep", "600"], env={"SOJOURN_RUN": spec.run, "PATH": os.environ["PATH"]})
    folder = hub.data / "runs" / spec.run
    folder.mkdir(parents=True)
    ProcessRecord(run=spec.run, pid=left.pid, created=left.create_time(), pgid=left.pid).write(folder)

    run(hub, api, spec)

    assert left.wait(5) == -signal.SIGTERM
    record = hub.record(spec.run)
    assert record is not None
    assert record.pid != left.pid


def test_a_storage_that_is_gone_names_its_path(hub: Hub, api: StandInApi, make_spec: MakeSpec) -> None:
    storage = FolderStorage(kind="folder", name="results", folder="results", path="/nowhere/results")
    spec = launch(hub, api, make_spec(storages=(storage,)))

    reason = api.wait_ended(spec.run).reason

    assert reason is not None
    assert reason.code == "storage_missing"
    assert reason.sentence == "Storage results did not mount: /nowhere/results does not exist."
    assert [remedy.label for remedy in reason.remedies] == ["Retry", "Start without results"]


def test_what_is_in_the_way_of_a_storage_stays(
    hub: Hub, api: StandInApi, make_spec: MakeSpec, tmp_path: Path
) -> None:
    storage = FolderStorage(kind="folder", name="results", folder="results", path=str(tmp_path))
    spec = make_spec(storages=(storage,))
    mine = hub.data / "work" / spec.work / "results"
    mine.mkdir(parents=True)
    (mine / "file").write_text("mine")

    run(hub, api, spec)

    assert api.stages(spec.run)["mount:results"].state == "warn"
    assert (mine / "file").read_text() == "mine"
