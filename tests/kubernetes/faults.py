"""What the tests of reasons share: an administrator's hook that changes pods, and sessions on a hub."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from spawner.kubernetes.why.quantities import number
from spawner.reasons import Reason
from spawner.reports import EndedReport
from spawner.spec import ClaimStorage, LaunchSpec
from tests.kube import Kubectl
from tests.kubernetes.conftest import MakeSession, launch, pod_of
from tests.kubernetes.hub import KubeHub
from tests.kubernetes.witness import Witness
from tests.spawner.stand_in_api import StandInApi

SECONDS = 2.0
"""A reason is told at most so long after the cluster has said it."""

_PATIENCE = 90
"""Seconds that what is not measured may take on a busy machine."""

HOOK = '''
def change(spawner, pod):
    """Lets a test's variable do to the pod what an administrator's hook may do."""
    for variable in pod.spec.containers[0].env or []:
        if variable.name == "TEST_CHANGE":
            exec(variable.value, {"pod": pod, "session": pod.spec.containers[0]})
    return pod

c.KubeSessionSpawner.modify_pod_hook = change
'''


def claim(name: str, storage_class: str | None, *, size_gib: float | None = 0.01) -> ClaimStorage:
    """A storage at /work/data; with a size it is made, else it is there already."""
    return ClaimStorage(
        kind="claim",
        name="data",
        folder="data",
        claim=name,
        size_gib=size_gib,
        storage_class=storage_class,
        access="ReadWriteOnce",
    )


@dataclass(frozen=True)
class Trial:
    """Sessions on one hub, and how they come to their end."""

    hub: KubeHub
    api: StandInApi
    kubectl: Kubectl
    make_session: MakeSession

    def launch(self, **changes: Any) -> LaunchSpec:
        """Asks for a session."""
        return launch(self.hub, self.api, self.make_session(**changes))

    def run(self, **changes: Any) -> tuple[LaunchSpec, dict[str, Any]]:
        """A session that runs, and its pod."""
        spec = self.launch(**changes)
        self.api.wait(lambda: self.api.ready(spec.run) or self.api.ended(spec.run), _PATIENCE)
        assert self.api.ended(spec.run) is None, self.api.ended(spec.run)
        pod = pod_of(self.kubectl, spec)
        assert pod is not None
        return spec, pod

    def failed(self, spec: LaunchSpec, stage: str) -> Reason:
        """Why a launch failed; it was shown in its stage, and nothing is left of it."""
        reason = self.reason(spec)
        shown = self.api.stages(spec.run)[stage]
        assert (shown.state, shown.detail) == ("fail", reason.sentence), f"{shown}, and then {reason}"
        self._is_over(spec)
        return reason

    def ended(self, spec: LaunchSpec) -> Reason:
        """Why a session that ran has ended; nothing is left of it."""
        reason = self.reason(spec)
        self._is_over(spec)
        return reason

    def failed_in_time(self, spec: LaunchSpec, stage: str, witness: Witness) -> Reason:
        """The same as `failed`, which was shown as soon as it has to be."""
        reason = self.failed(spec, stage)
        _check_in_time(self.api.stages(spec.run)[stage].at, witness.fact(spec.run, reason.code))
        return reason

    def ended_in_time(self, spec: LaunchSpec, witness: Witness) -> Reason:
        """The same as `ended`, which was told as soon as it has to be."""
        reason = self.ended(spec)
        _check_in_time(self._report(spec).at, witness.fact(spec.run, reason.code))
        return reason

    def reason(self, spec: LaunchSpec) -> Reason:
        """Why a session has ended, or its launch failed."""
        report = self._report(spec)
        assert report.reason is not None, report
        return report.reason

    def _report(self, spec: LaunchSpec) -> EndedReport:
        return self.api.wait(lambda: self.api.ended(spec.run), _PATIENCE)

    def _is_over(self, spec: LaunchSpec) -> None:
        self.api.wait(lambda: self.hub.server(spec.person, spec.server) is None, _PATIENCE)
        self.api.wait(lambda: self._is_gone(spec), _PATIENCE)

    def _is_gone(self, spec: LaunchSpec) -> bool:
        """Whether the pod is gone with its Secret, or somebody else has asked for that and gives it time."""
        pod = pod_of(self.kubectl, spec)
        if pod is not None:
            return "deletionTimestamp" in pod["metadata"]
        return not self.kubectl.list("secret", sojourn__run=spec.run)


def _check_in_time(told: datetime, fact: datetime) -> None:
    late = (told - fact).total_seconds()
    assert late < SECONDS, f"told {late:.2f} s after the cluster had said it"


def labels(reason: Reason) -> tuple[str, ...]:
    """The words of its buttons."""
    return tuple(remedy.label for remedy in reason.remedies)


def more_than_half(kubectl: Kubectl) -> str:
    """So much disk that no node holds it twice; nothing else on the cluster asks for any."""
    nodes = kubectl.list("node")
    largest = max(number(node["status"]["allocatable"]["ephemeral-storage"]) for node in nodes)
    return f"{int(largest * 6 / 10)}"
