"""What is said of pods that no node takes, in the words of clusters with more nodes than one."""

from __future__ import annotations

from spawner.kubernetes.why import Context, Failed, Patience, Waiting, verdict
from tests.kubernetes.why_pods import CONTEXT, Json, after, said


def unschedulable(message: str, **requests: str) -> Json:
    return {
        "metadata": {"name": "session", "uid": "1", "creationTimestamp": "2026-01-01T00:00:00Z"},
        "spec": {"containers": [{"name": "notebook", "resources": {"requests": requests}}]},
        "status": {
            "phase": "Pending",
            "conditions": [
                {
                    "type": "PodScheduled",
                    "status": "False",
                    "reason": "Unschedulable",
                    "message": message,
                    "lastTransitionTime": "2026-01-01T00:00:00Z",
                }
            ],
        },
    }


BUSY = (
    "0/3 nodes are available: 3 Insufficient cpu. preemption: 0/3 nodes are available: "
    "3 No preemption victims found for incoming pod."
)
SMALL = (
    "0/3 nodes are available: 1 node(s) had untolerated taint {pool: gpu}, 2 Insufficient cpu. "
    "preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling."
)


def test_the_resource_and_the_nodes_are_named() -> None:
    found = verdict(unschedulable(BUSY, cpu="8"), [], CONTEXT, now=after(1))
    assert isinstance(found, Waiting)
    assert found.text == "Waiting for a node: 0 of 3 nodes have 8 CPUs free."


def test_busy_nodes_are_waited_for_as_long_as_the_installation_says() -> None:
    context = Context("JupyterLab", patience=Patience(schedule=40))
    assert isinstance(verdict(unschedulable(BUSY, cpu="8"), [], context, now=after(39)), Waiting)
    found = verdict(unschedulable(BUSY, cpu="8"), [], context, now=after(40))
    assert isinstance(found, Failed)
    assert found.reason.code == "no_node_free"
    assert found.reason.sentence == "No node had 8 CPUs free within 40 s: 0 of 3 nodes have 8 CPUs free."


def test_nodes_that_are_left_out_for_several_causes_are_counted_for_each() -> None:
    found = verdict(unschedulable(SMALL, cpu="8"), [], CONTEXT, now=after(1))
    assert isinstance(found, Waiting)
    assert (
        found.text == "Waiting for a node: 2 of 3 nodes lack 8 CPUs, 1 is kept for others by taint pool: gpu."
    )


def test_what_no_node_can_ever_hold_fails_sooner() -> None:
    found = verdict(unschedulable(SMALL, cpu="8"), [], CONTEXT, now=after(15))
    assert isinstance(found, Failed)
    assert found.reason.code == "larger_than_nodes"


def test_an_autoscaler_that_adds_a_node_is_waited_for() -> None:
    growing = said("TriggeredScaleUp", "pod triggered scale-up: [{pool 1->2 (max: 5)}]", second=10)
    found = verdict(unschedulable(SMALL, cpu="8"), [growing], CONTEXT, now=after(200))
    assert isinstance(found, Waiting)
    assert found.text.startswith("Waiting for a new node: the cluster is adding one.")
    assert found.until == after(310)


def test_an_autoscaler_that_does_not_help_ends_the_waiting() -> None:
    refusing = said("NotTriggerScaleUp", "pod didn't trigger scale-up: 1 max node group size reached")
    found = verdict(unschedulable(SMALL, cpu="8"), [refusing], CONTEXT, now=after(1))
    assert isinstance(found, Failed)
    assert found.reason.hint.startswith("The cluster's autoscaler adds no node for it.")


def test_nodes_that_are_not_ready_may_come_back() -> None:
    message = (
        "0/1 nodes are available: 1 node(s) had untolerated taint {node.kubernetes.io/not-ready: }. "
        "preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling."
    )
    assert isinstance(verdict(unschedulable(message), [], CONTEXT, now=after(100)), Waiting)


def test_a_volume_in_another_zone_is_named() -> None:
    message = "0/2 nodes are available: 2 node(s) had volume node affinity conflict. preemption: not helpful."
    found = verdict(unschedulable(message), [], CONTEXT, now=after(181))
    assert isinstance(found, Failed)
    assert found.reason.code == "volume_elsewhere"


def test_a_cluster_without_nodes_is_named() -> None:
    message = "no nodes available to schedule pods"
    waiting = verdict(unschedulable(message), [], CONTEXT, now=after(1))
    assert waiting == Waiting("Waiting for a node: the cluster has none.", "schedule", after(300))
    found = verdict(unschedulable(message), [], CONTEXT, now=after(300))
    assert isinstance(found, Failed)
    assert found.reason.code == "no_nodes"


def of_claims(*names: str) -> Json:
    """A pod that the scheduler has chosen a node for, which waits for volumes there."""
    pod = unschedulable("")
    pod["spec"]["volumes"] = [{"name": name, "persistentVolumeClaim": {"claimName": name}} for name in names]
    pod["status"] = {"phase": "Pending"}
    return pod


def of_claim(name: str, reason: str, message: str, *, second: int = 0) -> Json:
    return said(reason, message, second=second, kind="PersistentVolumeClaim", name=name, uid="2")


FULL = "failed to provision volume: rpc error: code = ResourceExhausted desc = the array is full"


def test_a_volume_that_is_made_for_the_chosen_node_is_waited_for() -> None:
    events = [of_claim("data", "Provisioning", "External provisioner is provisioning volume")]
    waiting = verdict(of_claims("work", "data"), events, CONTEXT, now=after(1))
    assert waiting == Waiting("Waiting for the volume of data.", "schedule", after(180))


def test_what_a_provisioner_says_is_told_at_once_and_fatal_in_the_end() -> None:
    events = [of_claim("data", "ProvisioningFailed", FULL)]
    waiting = verdict(of_claims("data"), events, CONTEXT, now=after(1))
    assert waiting == Waiting("Waiting for the volume of data: the array is full.", "schedule", after(180))
    found = verdict(of_claims("data"), events, CONTEXT, now=after(180))
    assert isinstance(found, Failed)
    assert found.reason.sentence == "data has no volume: the array is full."


def test_a_volume_that_was_made_after_all_is_not_blamed() -> None:
    events = [
        of_claim("work", "ProvisioningFailed", FULL),
        of_claim("work", "ProvisioningSucceeded", "Successfully provisioned volume", second=1),
        of_claim("data", "Provisioning", "External provisioner is provisioning volume", second=2),
    ]
    waiting = verdict(of_claims("work", "data"), events, CONTEXT, now=after(3))
    assert waiting == Waiting("Waiting for the volume of data.", "schedule", after(180))


def test_trouble_that_a_claim_had_long_before_the_pod_is_not_blamed() -> None:
    pod = of_claims("data")
    pod["metadata"]["creationTimestamp"] = "2026-01-01T01:00:00Z"
    found = verdict(pod, [of_claim("data", "FailedBinding", FULL)], CONTEXT, now=after(3601))
    assert found == Waiting("Waiting for the scheduler.", "schedule")
