"""What becomes of containers when parts of a Sojourn on this computer are killed."""

from __future__ import annotations

import pytest

from tests.containers.conftest import added, containers, jupyterlab, podman, web_app
from tests.kube import image
from tests.stack import Stack, eventually

pytestmark = [pytest.mark.containers, pytest.mark.slow]


def test_sessions_outlive_the_hub_and_are_adopted_with_their_containers(killed_sojourn: Stack) -> None:
    project, native = added(killed_sojourn, jupyterlab(killed_sojourn))
    gated = project.post("/sessions", {"environment": web_app(killed_sojourn, "streamlit", 8501)})["slug"]
    runs = {session: project.running(session) for session in (native, gated)}
    before = _pids(killed_sojourn)

    killed_sojourn.kill_sojourn()
    killed_sojourn.start()

    for session, page in ((native, "api/status"), (gated, "_stcore/health")):
        address = runs[session]["url"] + page
        eventually(
            lambda address=address: killed_sojourn.http().get(address).is_success, f"an answer of {address}"
        )
        assert project.run(runs[session]["id"])["phase"] == "running"
    assert _pids(killed_sojourn) == before

    podman("kill", _name(killed_sojourn, runs[native]["id"]))
    killed = project.until(runs[native]["id"], "failed")
    assert killed["reason"]["code"] == "session_killed"
    project.stop(runs[gated]["id"], gated)


def test_a_gate_that_is_killed_ends_its_session_with_a_reason(killed_sojourn: Stack) -> None:
    project, session = added(killed_sojourn, web_app(killed_sojourn, "streamlit", 8501))
    run = project.running(session)
    [gate] = [
        one for one in killed_sojourn.processes_of(run["id"]) if one.cmdline()[-2:] == ["-m", "spawner.gate"]
    ]

    gate.kill()

    failed = project.until(run["id"], "failed")
    assert failed["reason"]["code"] == "gate_failed"
    assert containers(killed_sojourn) == []


def test_what_a_killed_sojourn_left_of_containers_ends_and_nothing_of_another_sojourn(
    killed_sojourn: Stack,
) -> None:
    project, session = added(killed_sojourn, web_app(killed_sojourn, "streamlit", 8501))
    run = project.running(session)
    ours = killed_sojourn.data.installation
    for name, installation in ((f"lost-{ours}", ours), (f"other-{ours}", "another")):
        labels = (f"--label=sojourn/installation={installation}", "--label=sojourn/run=gone")
        podman("create", f"--name={name}", *labels, "--tls-verify=false", image("crash"))

    killed_sojourn.kill_everything()
    killed_sojourn.start()

    failed = project.until(run["id"], "failed")
    assert failed["reason"]["code"] == "session_lost"
    eventually(lambda: not containers(killed_sojourn), "the end of what nothing is written down of")
    assert podman("rm", f"other-{ours}")


def _pids(sojourn: Stack) -> dict[str, str]:
    """Process ids of a Sojourn's containers, by their names."""
    return {name: podman("inspect", "--format", "{{.State.Pid}}", name) for name in containers(sojourn)}


def _name(sojourn: Stack, run: str) -> str:
    """The container of a run's program."""
    return next(name for name in containers(sojourn) if run in name and not name.endswith("-relay"))
