"""kill -9 of the hub at several points of a session's life: pods go on, and so do their launches."""

from __future__ import annotations

import contextlib
import json
import signal
import sqlite3
from typing import Any

import pytest

from spawner.spec import LaunchSpec
from tests.kube import Kubectl
from tests.kubernetes.conftest import MakeHub, MakeSession, ask, launch, pod_of, running
from tests.kubernetes.hub import KubeHub
from tests.spawner.stand_in_api import StandInApi

pytestmark = [pytest.mark.cluster, pytest.mark.slow]


def test_a_running_session_is_adopted_with_its_log_and_its_end(
    make_hub: MakeHub, api: StandInApi, kubectl: Kubectl, make_session: MakeSession
) -> None:
    hub, spec = make_hub(), make_session()
    pod = running(hub, api, kubectl, spec)
    ask(pod, spec, "before")
    api.wait(lambda: said(api, spec, "before"))
    api.wait(lambda: noted(hub, spec)["log_until"] == last_line(kubectl, pod))

    hub.kill()
    ask(pod, spec, "meanwhile")
    hub.start()

    api.wait(lambda: said(api, spec, "meanwhile"))
    assert api.ended(spec.run) is None
    model = api.wait(lambda: hub.server(spec.person, spec.server))
    assert model["ready"]
    assert len(said(api, spec, "the program begins")) == len(said(api, spec, "before")) == 1

    kubectl("delete", "pod", pod["metadata"]["name"], "--wait=false")
    reason = api.wait_ended(spec.run).reason
    assert reason is not None
    assert reason.code == "session_deleted"
    api.wait(lambda: hub.server(spec.person, spec.server) is None)


def test_an_adopted_session_can_be_stopped(
    make_hub: MakeHub, api: StandInApi, kubectl: Kubectl, make_session: MakeSession
) -> None:
    hub, spec = make_hub(), make_session()
    running(hub, api, kubectl, spec)
    hub.kill()
    hub.start()
    api.wait(lambda: (hub.server(spec.person, spec.server) or {}).get("ready"))

    hub.stop(spec.person, spec.server)

    assert api.wait_ended(spec.run).reason is None
    assert pod_of(kubectl, spec) is None


def test_a_session_that_died_without_the_hub_is_told_with_what_its_pod_says(
    make_hub: MakeHub, api: StandInApi, kubectl: Kubectl, make_session: MakeSession
) -> None:
    hub, spec = make_hub(), make_session()
    pod = running(hub, api, kubectl, spec)
    hub.kill()
    ask(pod, spec, "crash")
    name = pod["metadata"]["name"]
    kubectl("wait", f"pod/{name}", "--for=jsonpath={.status.phase}=Failed", "--timeout=20s")

    hub.start()

    reason = api.wait_ended(spec.run).reason
    assert reason is not None
    assert reason.code == "session_crashed"
    api.wait(lambda: pod_of(kubectl, spec) is None)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
@pytest.mark.parametrize("stage", ["schedule", "pull", "start"])
def test_the_next_hub_goes_on_with_a_launch(  # noqa: PLR0917 - fixtures
    make_hub: MakeHub,
    api: StandInApi,
    kubectl: Kubectl,
    make_session: MakeSession,
    number: signal.Signals,
    stage: str,
) -> None:
    hub = make_hub()
    spec = launch(hub, api, make_session(variables={"BEHAVIOUR": "slow"}))
    api.wait(lambda: stage in api.stages(spec.run))
    before = api.wait(lambda: pod_of(kubectl, spec))
    # A pod that its hub did not note is ended by the next one, and the API asks for the launch again.
    api.wait(lambda: noted(hub, spec)["pod"] == before["metadata"]["uid"])

    hub.kill(number)
    hub.start()

    api.wait_ready(spec.run)
    stages = api.stages(spec.run)
    assert {stage.state for stage in stages.values()} == {"done"}
    model = api.wait(lambda: hub.server(spec.person, spec.server))
    assert model["ready"]
    (pod,) = kubectl.list("pod", sojourn__run=spec.run)
    assert pod["metadata"]["uid"] == before["metadata"]["uid"]


def test_a_launch_that_is_no_longer_wanted_ends_with_the_next_hub(
    make_hub: MakeHub, api: StandInApi, kubectl: Kubectl, make_session: MakeSession
) -> None:
    hub = make_hub()
    spec = launch(hub, api, make_session(variables={"BEHAVIOUR": "silent"}))
    api.wait(lambda: "start" in api.stages(spec.run))
    hub.kill()
    api.wish(spec.run, "cancel")

    hub.start()

    assert api.wait_ended(spec.run).reason is None
    assert pod_of(kubectl, spec) is None


def test_a_launch_that_fails_with_the_next_hub_says_why(
    make_hub: MakeHub, api: StandInApi, kubectl: Kubectl, make_session: MakeSession
) -> None:
    hub = make_hub()
    spec = launch(hub, api, make_session(variables={"BEHAVIOUR": "silent"}))
    api.wait(lambda: "start" in api.stages(spec.run))
    hub.kill()

    hub.start()

    reason = api.wait(lambda: api.ended(spec.run), seconds=90).reason
    assert reason is not None
    assert reason.code == "start_timeout"
    assert pod_of(kubectl, spec) is None


def said(api: StandInApi, spec: LaunchSpec, word: str) -> list[str]:
    return [line for line in api.lines(spec.run, "session") if word in line]


def noted(hub: KubeHub, spec: LaunchSpec) -> dict[str, Any]:
    """What the hub's database holds of a session: all that the next hub knows."""
    with contextlib.closing(sqlite3.connect(hub.database)) as database:
        ((state,),) = database.execute("SELECT state FROM spawners WHERE name = ?", (spec.server,))
    saved: dict[str, Any] = json.loads(state)["sojourn"]
    return saved


def last_line(kubectl: Kubectl, pod: dict[str, Any]) -> str:
    """When the last line was written, as the node knows it."""
    lines = kubectl("logs", pod["metadata"]["name"], "--container=notebook", "--timestamps").splitlines()
    return lines[-1].partition(" ")[0]
