"""What is said of pods on a node: volumes that do not come, and how pods end."""

from __future__ import annotations

from typing import Any

import pytest

from spawner.kubernetes.why import Failed, Fine, Waiting, ending, too_slow, verdict
from tests.kubernetes.why_pods import CONTEXT, Json, after, recorded, said


def on_node(**status: Any) -> Json:
    volumes = [
        {"name": "work", "persistentVolumeClaim": {"claimName": "work-ann"}},
        {"name": "data", "persistentVolumeClaim": {"claimName": "shared"}},
    ]
    mounts = [{"name": "work", "mountPath": "/work"}, {"name": "data", "mountPath": "/work/data"}]
    return {
        "metadata": {"name": "session", "uid": "1", "creationTimestamp": "2026-01-01T00:00:00Z"},
        "spec": {
            "nodeName": "node-7",
            "containers": [{"name": "notebook", "image": "r.test/x:1", "volumeMounts": mounts}],
            "volumes": volumes,
        },
        "status": {"phase": "Running", **status},
    }


MULTI_ATTACH = 'Multi-Attach error for volume "pvc-9" Volume is already used by pod(s) train-1'


def test_a_volume_that_is_still_elsewhere_is_waited_for() -> None:
    provisioned = {"kind": "PersistentVolumeClaim", "name": "shared", "uid": "9"}
    events = [
        said("ProvisioningSucceeded", "Successfully provisioned volume pvc-9", **provisioned),
        said("FailedAttachVolume", MULTI_ATTACH),
    ]
    found = verdict(on_node(), events, CONTEXT, now=after(5))
    assert isinstance(found, Waiting)
    assert found.text == "Waiting for /work/data: its volume is still attached to another node, by train-1."
    late = verdict(on_node(), events, CONTEXT, now=after(180))
    assert isinstance(late, Failed)
    assert (late.stage, late.reason.code) == ("mount:data", "volume_in_use")


def test_a_volume_that_is_known_by_its_own_name_only_is_called_that() -> None:
    found = verdict(on_node(), [said("FailedAttachVolume", MULTI_ATTACH)], CONTEXT, now=after(180))
    assert isinstance(found, Failed)
    assert found.reason.sentence.startswith("Volume pvc-9 did not mount: ")


def test_a_pull_secret_that_is_not_there_is_named() -> None:
    denied = {"reason": "ErrImagePull", "message": 'failed to pull "r.test/x:1": 401 Unauthorized'}
    pod = on_node(containerStatuses=[{"name": "notebook", "state": {"waiting": denied}}])
    message = "Unable to retrieve some image pull secrets (regcred); attempting to pull may not succeed."
    found = verdict(pod, [said("FailedToRetrieveImagePullSecret", message)], CONTEXT, now=after(1))
    assert isinstance(found, Failed)
    assert found.reason.code == "image_denied"
    assert found.reason.hint == "The login that the pod names for it does not exist: Secret regcred."


def test_the_mount_programs_words_are_told() -> None:
    message = (
        'MountVolume.SetUp failed for volume "data" : mount failed: exit status 32\nMounting command: mount\n'
        "Mounting arguments: -t nfs nfs.test:/data /var/lib/kubelet/x\n"
        "Output: mount.nfs: access denied by server while mounting nfs.test:/data\n"
    )
    found = verdict(on_node(), [said("FailedMount", message)], CONTEXT, now=after(1))
    assert isinstance(found, Failed)
    assert found.reason.sentence == (
        "Storage data did not mount: mount.nfs: access denied by server while mounting nfs.test:/data."
    )


def test_trouble_with_volumes_that_is_over_is_not_told() -> None:
    running = on_node(containerStatuses=[{"name": "notebook", "state": {"running": {}}}])
    events = [said("FailedMount", 'MountVolume.SetUp failed for volume "data" : timeout')]
    assert verdict(running, events, CONTEXT, now=after(90)) == Fine()


LOW = (
    "The node was low on resource: {}. Threshold quantity: 100Mi, available: 80Mi. "
    "Container notebook was using 9Gi, request is 1Gi, has larger consumption of {}. "
)


@pytest.mark.parametrize(
    ("message", "what"),
    [
        (LOW.format("memory", "memory"), "memory"),
        (LOW.format("ephemeral-storage", "ephemeral-storage"), "disk"),
        ("The node had condition: [DiskPressure]. ", "disk"),
    ],
)
def test_an_eviction_names_what_the_node_ran_out_of(message: str, what: str) -> None:
    evicted = on_node(phase="Failed", reason="Evicted", message=message)
    found = ending(evicted, CONTEXT)
    assert found.reason.code == "session_evicted"
    assert found.reason.sentence == f"JupyterLab was ended because its node ran out of {what}."


@pytest.mark.parametrize("why", ["DeletionByTaintManager", "DeletionByPodGC"])
def test_a_lost_node_is_named(why: str) -> None:
    lost = on_node(conditions=[{"type": "DisruptionTarget", "status": "True", "reason": why}])
    lost["metadata"]["deletionTimestamp"] = "2026-01-01T00:05:00Z"
    found = ending(lost, CONTEXT)
    assert found.reason.code == "node_lost"
    assert found.reason.sentence == "Node node-7, which JupyterLab ran on, no longer answers."


def test_a_node_that_shuts_down_is_named() -> None:
    down = on_node(
        phase="Failed",
        reason="Terminated",
        message="Pod was terminated in response to imminent node shutdown.",
    )
    assert ending(down, CONTEXT).reason.code == "node_shut_down"


def test_a_node_that_took_something_else_first_is_named() -> None:
    full = on_node(phase="Failed", reason="OutOfcpu", message="Node didn't have enough resource: cpu.")
    assert ending(full, CONTEXT).reason.code == "node_refused"


def test_a_node_that_does_not_answer_is_waited_for() -> None:
    found = verdict(on_node(), [said("NodeNotReady", "Node is not ready")], CONTEXT, now=after(1))
    assert found == Waiting("Node node-7 does not answer: Node is not ready.")


def test_a_session_that_ends_by_itself_is_orderly() -> None:
    pod, events = recorded("ended")
    found = ending(pod, CONTEXT, events=events)
    assert found.orderly
    assert found.reason.code == "session_ended"


def test_a_session_that_obeyed_the_node_did_not_end_by_itself() -> None:
    pod, events = recorded("ended")
    about = {"kind": "Pod", "uid": pod["metadata"]["uid"], "fieldPath": "spec.containers{notebook}"}
    killing = said("Killing", "Stopping container notebook", **about)
    assert not ending(pod, CONTEXT, events=[*events, killing]).orderly


def test_an_eviction_is_known_before_the_pods_status_tells_it() -> None:
    pod, events = recorded("ended")
    message = "Pod ephemeral local storage usage exceeds the total limit of containers 10Mi. "
    evicted = said("Evicted", message, uid=pod["metadata"]["uid"])
    found = ending(pod, CONTEXT, events=[*events, evicted])
    assert not found.orderly
    assert found.reason.code == "disk_limit_exceeded"


def test_a_session_that_crashed_is_not_orderly() -> None:
    pod, events = recorded("crash")
    assert not ending(pod, CONTEXT, events=events).orderly


def test_a_program_that_ended_before_its_pod_was_deleted_was_not_ended_by_that() -> None:
    pod, events = recorded("crash")
    pod["metadata"] |= {"deletionTimestamp": "2099-01-01T00:00:00Z", "deletionGracePeriodSeconds": 1}
    assert ending(pod, CONTEXT, events=events).reason.code == "session_crashed"


def test_a_program_that_obeyed_the_deletion_of_its_pod_did_not_end_by_itself() -> None:
    # As seen by who saw only the last of it: the time is that of the kubelet's own request at the very end.
    end = {"exitCode": 0, "reason": "Completed", "finishedAt": "2026-01-01T00:05:05Z"}
    gone = on_node(phase="Succeeded", containerStatuses=[{"name": "notebook", "state": {"terminated": end}}])
    gone["metadata"] |= {"deletionTimestamp": "2026-01-01T00:05:06Z", "deletionGracePeriodSeconds": 0}
    found = ending(gone, CONTEXT)
    assert (found.reason.code, found.orderly) == ("session_deleted", False)


def test_a_pod_that_vanished_while_it_ran_was_deleted() -> None:
    assert ending(on_node(), CONTEXT).reason.code == "session_deleted"


def gate(**state: Any) -> Json:
    pod = on_node()
    pod["spec"]["initContainers"] = [{"name": "gate", "restartPolicy": "Always"}]
    last = {"lastState": {"terminated": {"exitCode": 1, "reason": "Error"}}, "restartCount": 1}
    pod["status"]["initContainerStatuses"] = [{"name": "gate", "state": state, **last}]
    return pod


def test_a_gate_that_was_started_again_is_fine() -> None:
    assert verdict(gate(running={}), [], CONTEXT, now=after(1)) == Fine()


def test_a_gate_that_ends_again_and_again_is_told() -> None:
    found = verdict(gate(waiting={"reason": "CrashLoopBackOff"}), [], CONTEXT, now=after(1))
    assert isinstance(found, Failed)
    assert found.reason.code == "gate_failed"


def test_a_pod_that_nobody_saw_end_is_lost() -> None:
    assert ending(None, CONTEXT).reason.code == "session_lost"


def test_what_the_probe_got_is_told_when_time_runs_out() -> None:
    pod, events = recorded("probe-status")
    reason = too_slow(pod, events, CONTEXT, seconds=60, last_lines="listening")
    assert reason is not None
    assert reason.sentence == (
        "JupyterLab was not ready within 60 s after it started: "
        "it answers its readiness probe with status 404."
    )
    assert reason.detail == "listening"


def test_without_a_probe_nothing_is_known_when_time_runs_out() -> None:
    pod, events = recorded("pulled")
    assert too_slow(pod, events, CONTEXT, seconds=60) is None
