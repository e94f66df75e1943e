"""Sessions of packages that open in a program of the computer: a real JupyterHub, real processes."""

from __future__ import annotations

import os
import socket
import stat
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from spawner import computer_programs
from spawner.spec import EnvironmentSpec, LaunchSpec
from tests.spawner.conftest import MakeSpec
from tests.spawner.hub import Hub, processes_of
from tests.spawner.stand_in_api import StandInApi

STAND_IN = Path(__file__).with_name("socket_program.py")


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of the computer's PATH; `code-server` is in it."""
    folder = tmp_path_factory.mktemp("bin")
    install(folder)
    return folder


def install(folder: Path) -> None:
    program = folder / "code-server"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} {STAND_IN} "$@"\n')
    program.chmod(0o755)


@pytest.fixture(scope="module")
def hub(
    api: StandInApi, cache: Path, programs: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Hub]:
    """A hub on a computer that has a code-server."""
    path = os.pathsep.join((str(programs), os.environ["PATH"]))
    hub = Hub(tmp_path_factory.mktemp("hub"), api, cache, PATH=path)
    try:
        hub.start()
        yield hub
    finally:
        hub.close()


def vs_code(spec: LaunchSpec) -> LaunchSpec:
    """The spec as the service freezes it for VS Code on a computer that has code-server."""
    (found,) = computer_programs.front_ends(["code-server"])
    assert found.gate is not None
    changed: dict[str, Any] = {
        "front_end": found.name,
        "command": found.command,
        "default_url": found.default_url,
        "port": found.port,
        "gate": found.gate,
    }
    environment = EnvironmentSpec.model_validate(spec.environment.model_dump() | changed)
    return spec.model_copy(update={"environment": environment})


def start(hub: Hub, api: StandInApi, spec: LaunchSpec) -> LaunchSpec:
    api.launch(spec)
    assert hub.spawn(spec.person, spec.server, {"run": spec.run}).status_code in (201, 202)
    return spec


def ask(hub: Hub, spec: LaunchSpec) -> dict[str, Any]:
    """What the program says at its own socket."""
    path = hub.data / "runs" / spec.run / computer_programs.SOCKET
    with httpx.Client(transport=httpx.HTTPTransport(uds=str(path))) as client:
        told: dict[str, Any] = client.get("http://program/look").json()
        return told


def test_vs_code_opens_on_work_with_the_packages_of_the_environment(
    hub: Hub, api: StandInApi, make_spec: MakeSpec
) -> None:
    spec = start(hub, api, vs_code(make_spec(variables={"COLOUR": "sea green"})))
    api.wait_ready(spec.run)

    told = ask(hub, spec)

    work = str(hub.data / "work" / spec.work)
    assert told["argv"][-1] == told["WORK_DIR"] == work
    assert told["COLOUR"] == "sea green"
    assert told["PATH"].startswith(told["VIRTUAL_ENV"] + "/bin:")
    assert not [name for name in told if name.startswith("JUPYTERHUB_")]


def test_nobody_gets_past_the_gate(hub: Hub, api: StandInApi, make_spec: MakeSpec) -> None:
    spec = start(hub, api, vs_code(make_spec()))
    api.wait_ready(spec.run)
    place = hub.data / "runs" / spec.run / computer_programs.SOCKET

    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    listening = [
        connection.laddr.port
        for process in processes_of(spec.run)
        for connection in process.net_connections("inet")
        if connection.status == "LISTEN"
    ]
    assert len(set(listening)) == 1, "the gate alone has a port"
    url = f"http://127.0.0.1:{listening[0]}/user/{spec.person}/{spec.server}/look"
    answer = httpx.get(url, trust_env=False)
    assert answer.status_code == 302
    assert "/hub/api/oauth2/authorize" in answer.headers["Location"]


def test_a_stop_ends_program_and_gate_and_leaves_no_socket(
    hub: Hub, api: StandInApi, make_spec: MakeSpec
) -> None:
    spec = start(hub, api, vs_code(make_spec()))
    api.wait_ready(spec.run)

    hub.stop(spec.person, spec.server, remove=True)

    api.wait_ended(spec.run)
    api.wait(lambda: not processes_of(spec.run))


def test_a_program_that_is_gone_since_is_told_with_what_to_do(
    hub: Hub, api: StandInApi, make_spec: MakeSpec, programs: Path
) -> None:
    (programs / "code-server").unlink()

    spec = start(hub, api, vs_code(make_spec()))
    reason = api.wait_ended(spec.run).reason
    install(programs)

    assert reason is not None
    assert reason.code == "program_missing"
    assert reason.sentence == "VS Code is not on this computer any more: there is no `code-server` in PATH."


def app(spec: LaunchSpec, port: str, number: int) -> LaunchSpec:
    """The spec of a web app from packages that listens on `port`, and says so of `number`."""
    changed: dict[str, Any] = {
        "front_end": "Tides",
        "command": ("python", "-m", "http.server"),
        "arguments": ("--bind=127.0.0.1", port),
        "port": number,
        "gate": {"prefix": "strip", "ready_path": "/"},
    }
    environment = EnvironmentSpec.model_validate(spec.environment.model_dump() | changed)
    return spec.model_copy(update={"environment": environment})


def test_a_web_app_from_packages_runs_behind_the_gate_twice_at_once(
    hub: Hub, api: StandInApi, make_spec: MakeSpec
) -> None:
    for spec in [start(hub, api, app(make_spec(), "$SOJOURN_PORT", 8501)) for _ in range(2)]:
        api.wait_ready(spec.run)


def test_a_port_that_another_program_has_is_told_and_never_shown_as_the_session(
    hub: Hub, api: StandInApi, make_spec: MakeSpec
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        spec = start(hub, api, app(make_spec(), str(port), port))
        reason = api.wait_ended(spec.run).reason

    assert reason is not None
    assert reason.code == "port_taken"
    assert reason.sentence == f"Another program of this computer listens on port {port}, which Tides needs."
    assert "$SOJOURN_PORT" in reason.hint


def test_a_data_folder_with_a_path_too_long_for_a_socket_is_told(tmp_path: Path) -> None:
    with pytest.raises(computer_programs.PathTooLongError, match="107 bytes at most"):
        computer_programs.socket(tmp_path / ("long" * 30))
