"""A running session that ends by itself ends its run with the reason, as soon as the cluster says so."""

from __future__ import annotations

import contextlib

import httpx
import pytest

from spawner.reports import EndedReport
from spawner.spec import LaunchSpec, ResourcesSpec
from tests.kube import Kubectl, Raw, Watch
from tests.kubernetes.conftest import MakeSession, ask, running
from tests.kubernetes.hub import KubeHub
from tests.spawner.stand_in_api import StandInApi

pytestmark = [pytest.mark.cluster, pytest.mark.slow]

SOON = 2.0
"""Seconds from when the API told of an end to its report."""


def has_ended(pod: Raw) -> bool:
    """Whether a pod shows an end of its program, or is to be ended."""
    states = [status["state"] for status in pod["status"].get("containerStatuses", ())]
    return any("terminated" in state for state in states) or "deletionTimestamp" in pod["metadata"]


def end_of(api: StandInApi, spec: LaunchSpec, watch: Watch) -> EndedReport:
    end = api.wait_ended(spec.run)
    assert end.at.timestamp() - watch.first(has_ended) < SOON
    return end


def until_watched(api: StandInApi, watch: Watch) -> None:
    api.wait(lambda: watch.seen)


def test_a_crash_is_told_with_exit_code_and_last_lines(
    hub: KubeHub, api: StandInApi, kubectl: Kubectl, make_session: MakeSession
) -> None:
    spec = make_session()
    pod = running(hub, api, kubectl, spec)
    with Watch(kubectl, sojourn__run=spec.run) as watch:
        until_watched(api, watch)
        ask(pod, spec, "crash")

        reason = end_of(api, spec, watch).reason

    assert reason is not None
    assert reason.code == "session_crashed"
    assert "exit code 3" in reason.sentence
    assert reason.detail.endswith("Traceback: kernel panic")
    assert api.lines(spec.run, "session")[-1] == "Traceback: kernel panic"
    api.wait(lambda: hub.server(spec.person, spec.server) is None)
    api.wait(lambda: not kubectl.list("pod", sojourn__run=spec.run))


def test_a_session_that_a_person_shuts_down_from_within_has_no_reason(
    hub: KubeHub, api: StandInApi, kubectl: Kubectl, make_session: MakeSession
) -> None:
    spec = make_session()
    pod = running(hub, api, kubectl, spec)

    ask(pod, spec, "end")

    assert api.wait_ended(spec.run).reason is None


def test_too_much_memory_is_told_with_the_limit(
    hub: KubeHub, api: StandInApi, kubectl: Kubectl, make_session: MakeSession
) -> None:
    spec = make_session(resources=ResourcesSpec(cpus=None, memory_gib=0.125))
    pod = running(hub, api, kubectl, spec)
    with Watch(kubectl, sojourn__run=spec.run) as watch:
        until_watched(api, watch)
        with contextlib.suppress(httpx.TransportError):
            ask(pod, spec, "eat")

        reason = end_of(api, spec, watch).reason

    assert reason is not None
    assert reason.code == "out_of_memory"
    assert "128 MiB" in reason.sentence


def test_a_pod_that_somebody_deletes_is_told(
    hub: KubeHub, api: StandInApi, kubectl: Kubectl, make_session: MakeSession
) -> None:
    spec = make_session()
    pod = running(hub, api, kubectl, spec)
    with Watch(kubectl, sojourn__run=spec.run) as watch:
        until_watched(api, watch)
        kubectl("delete", "pod", pod["metadata"]["name"], "--wait=false")

        reason = end_of(api, spec, watch).reason

    assert reason is not None
    assert reason.code == "session_deleted"


def test_a_pod_that_vanishes_at_once_is_told(
    hub: KubeHub, api: StandInApi, kubectl: Kubectl, make_session: MakeSession
) -> None:
    spec = make_session()
    pod = running(hub, api, kubectl, spec)

    kubectl("delete", "pod", pod["metadata"]["name"], "--force", "--grace-period=0")

    reason = api.wait_ended(spec.run).reason
    assert reason is not None
    assert reason.code == "session_deleted"
