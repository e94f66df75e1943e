"""Images on this computer: what people get, through a whole Sojourn and a real podman."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import httpx
import pytest

from tests.cluster.registry import Repository
from tests.containers.conftest import added, containers, environment, jupyterlab, podman, web_app
from tests.e2e.kernels import output_of
from tests.e2e.projects import Project
from tests.kube import image
from tests.registry_server import RegistryServer
from tests.stack import Stack, eventually

pytestmark = [pytest.mark.containers, pytest.mark.slow]

_SERVES = ["timeout", "600", "python3", "-m", "http.server"]
"""Python alone does not take notice of SIGTERM where it is the first process."""

_LOOK = """
import os, pathlib
data = pathlib.Path('/work/data')
(data / 'from-session.txt').write_text('seen')
pathlib.Path('/work/mine.txt').write_text('mine')
print((data / 'tides.csv').read_text(), os.getuid(), os.getcwd(), os.environ['COLOUR'], os.environ['TOKEN'])
print(pathlib.Path(os.environ['SOJOURN_SECRETS'], 'token').read_text())
print(pathlib.Path('/proc/self/status').read_text())
"""


def test_images_are_offered_beside_packages_and_the_engine_is_told(sojourn: Stack) -> None:
    assert re.search(r"^Images run with podman [0-9.]+\.$", sojourn.text(), re.MULTILINE)
    slug, project = jupyterlab(sojourn), Project.create(sojourn)

    with sojourn.browser() as browser:
        page = browser.get(f"/projects/{project.slug}/sessions/add").raise_for_status().text

    assert f'value="{slug}"' in page
    assert 'value="minimal"' in page
    assert "Check the image" in page


def test_jupyterlab_of_an_image_has_work_storages_variables_and_secrets_and_comes_back_after_a_pause(
    sojourn: Stack,
) -> None:
    data = sojourn.data.root.parent / "tides, and more"
    data.mkdir()
    (data / "tides.csv").write_text("high")
    data.chmod(0o777)
    project, session = added(sojourn, jupyterlab(sojourn), variables={"COLOUR": "sea green"})
    project.post("/storages", {"name": "data", "folder": "data", "kind": "folder", "path": str(data)})
    project.post("/secrets", {"name": "token", "value": "s3cret-of-ann", "variable": "TOKEN"})

    run = project.running(session)

    printed = output_of(sojourn, run, _LOOK)
    assert "high 1000 /work sea green s3cret-of-ann\ns3cret-of-ann\n" in printed
    assert "CapEff:\t0000000000000000" in printed
    assert "NoNewPrivs:\t1" in printed
    assert (data / "from-session.txt").read_text() == "seen"
    [name] = containers(sojourn)
    shown = json.loads(podman("inspect", name))[0]
    assert f"{image('minimal').partition('@')[2]}" in shown["ImageName"]
    assert shown["Config"]["Labels"]["sojourn/run"] == run["id"]
    commands = "\0".join(" ".join(process.cmdline()) for process in sojourn.everything())
    assert "s3cret-of-ann" not in commands + json.dumps(shown["Config"]["CreateCommand"])
    assert [stage["key"] for stage in run["stages"]] == ["queued", "pull", "mount:data", "start", "ready"]

    project.ask("pause", session)
    project.until_phase(run["id"], "paused")
    assert containers(sojourn) == []
    run = project.running(session)
    assert output_of(sojourn, run, "print(open('/work/mine.txt').read())") == "mine\n"
    work = next((sojourn.data.work).glob("*/*/mine.txt")).parent

    project.stop(run["id"], session)
    assert containers(sojourn) == []
    eventually(lambda: not work.exists(), "the end of /work")
    assert (data / "from-session.txt").exists()


def test_web_apps_with_the_same_port_run_behind_the_gate_side_by_side(sojourn: Stack) -> None:
    streamlit = web_app(sojourn, "streamlit", 8501)
    server = web_app(sojourn, "http-server", 8501, command=[*_SERVES, "8501"])
    first, second = added(sojourn, streamlit), added(sojourn, server)
    runs = [project.start(session)["id"] for project, session in (first, second)]

    app, files = (
        project.until(run, "running", "failed")
        for (project, _), run in zip((first, second), runs, strict=True)
    )

    assert (app["phase"], files["phase"]) == ("running", "running"), (app["reason"], files["reason"])
    assert "Streamlit" in sojourn.http().get(app["url"], follow_redirects=True).text
    assert "Directory listing" in sojourn.http().get(files["url"], follow_redirects=True).text
    stranger = httpx.get(sojourn.url + app["url"], trust_env=False)
    assert stranger.is_redirect
    assert "/hub/api/oauth2/authorize" in stranger.headers["Location"]
    for (project, session), run in zip((first, second), runs, strict=True):
        project.stop(run, session)
    assert containers(sojourn) == []


def test_a_program_that_crashes_tells_its_exit_code_and_last_lines(sojourn: Stack) -> None:
    project, session = added(sojourn, web_app(sojourn, "crash", 8080))

    run = project.until(project.start(session)["id"], "failed")

    assert run["reason"]["code"] == "session_crashed"
    assert "exit code 1" in run["reason"]["sentence"]
    # What is written at once to the two outputs of a container comes in either order.
    assert set(run["reason"]["detail"].splitlines()) == {"reading the settings", "no settings found"}
    assert containers(sojourn) == []


def test_a_program_that_wants_more_memory_than_it_may_have_is_told_so(sojourn: Stack) -> None:
    greedy = web_app(sojourn, "http-server", 8080, command=["python3", "-c", "held = b'x' * 2**30"])
    project, session = added(sojourn, greedy, cpus=1, memory_gib=0.25)

    run = project.until(project.start(session)["id"], "failed")

    # Whether it was the memory only some kernels tell.
    assert run["reason"]["code"] in {"out_of_memory", "session_killed"}
    assert "0.25 GiB of memory" in run["reason"]["sentence"] + run["reason"]["hint"]
    assert run["reason"]["remedies"][0]["action"] == "configure"


def test_a_program_that_the_image_has_not_is_named(sojourn: Stack) -> None:
    project, session = added(sojourn, web_app(sojourn, "http-server", 8080, command=["no-such-program"]))

    run = project.until(project.start(session)["id"], "failed")

    assert run["reason"]["code"] == "program_missing"
    assert "no-such-program" in run["reason"]["sentence"]


def test_an_image_that_its_registry_has_not_fails_while_it_is_pulled(sojourn: Stack) -> None:
    gone = f"{image('minimal').partition('@')[0]}@sha256:{'0' * 64}"
    project, session = added(sojourn, environment(sojourn, "Gone", gone, command=["jupyterhub-singleuser"]))

    run = project.until(project.start(session)["id"], "failed")

    assert run["reason"]["code"] == "image_not_found"
    assert run["reason"]["remedies"][0]["action"] == "choose_environment"
    assert next(stage["state"] for stage in run["stages"] if stage["key"] == "pull") == "fail"


def test_a_private_image_is_pulled_with_the_login_of_its_registry_which_nobody_sees(sojourn: Stack) -> None:
    with RegistryServer() as registry, Repository("http-server") as source:
        host = f"127.0.0.1:{registry.server_port}"
        registry.asks_at_once = True
        source.copy_to(registry, "team/private", "1", Labels={"copy": os.urandom(8).hex()})
        found = httpx.head(f"http://{host}/v2/team/private/manifests/1", trust_env=False)
        registry.protect("team/private", login="ann:t0ken-of-ann")
        pinned = f"{host}/team/private@{found.headers['docker-content-digest']}"
        gate = {"prefix": "strip", "ready_path": "/"}
        project, session = added(
            sojourn, environment(sojourn, "Private", pinned, command=[*_SERVES, "8080"], port=8080, gate=gate)
        )

        failed = project.until(project.start(session)["id"], "failed")
        assert failed["reason"]["code"] == "image_denied"
        assert failed["reason"]["remedies"][0]["action"] == "registry_login"

        project.post("/registry-logins", {"host": host, "username": "ann", "password": "t0ken-of-ann"})
        run = project.running(session)
    assert not _says(sojourn.data.root, "t0ken-of-ann")
    project.stop(run["id"], session)
    podman("rmi", pinned)


def test_a_launch_that_is_cancelled_while_it_pulls_leaves_nothing(sojourn: Stack) -> None:
    with RegistryServer() as registry:
        registry.push("slow/app", "1")
        registry.break_with("slow/app", "stall")
        stalled = f"127.0.0.1:{registry.server_port}/slow/app@sha256:{'1' * 64}"
        project, session = added(sojourn, environment(sojourn, "Stalled", stalled))
        run = project.start(session)["id"]
        eventually(lambda: _state(project, run, "pull") == "now", "the beginning of the pull")

        project.ask("cancel", session)
        project.until_phase(run, "stopped")

    eventually(lambda: not sojourn.processes_of(run), "the end of what pulled")
    assert containers(sojourn) == []


def _state(project: Project, run: str, stage: str) -> str:
    return next((each["state"] for each in project.run(run)["stages"] if each["key"] == stage), "")


def _says(folder: Path, secret: str) -> bool:
    """Whether a file below the folder shows it."""
    return any(secret.encode() in path.read_bytes() for path in folder.rglob("*") if path.is_file())
