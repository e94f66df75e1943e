"""Every code a cluster's reasons have, what it means and what its buttons are.

Reasons are made here and nowhere else in this package, so that the table in the documentation is complete.
"""

from __future__ import annotations

from dataclasses import dataclass

from spawner.failures import start_without
from spawner.reasons import REGISTRY_LOGIN, RETRY, SHOW_LOG, Reason, Remedy

CHOOSE = Remedy(action="choose_environment", label="Choose another environment")
CONFIGURE = Remedy(action="configure", label="Configure the session")

_DETAIL_CHARACTERS = 4000


@dataclass(frozen=True)
class Code:
    """One code.

    Attributes:
        code: what programs know it by.
        means: when it is told, for the documentation.
        remedies: its buttons; the first one leads.
    """

    code: str
    means: str
    remedies: tuple[Remedy, ...] = (RETRY,)


_CODES = (
    # Scheduling
    Code(
        "no_node_free",
        "No node had enough left of a resource, for longer than a launch waits.",
        (RETRY, CONFIGURE),
    ),
    Code("larger_than_nodes", "The session asks for more than any node has.", (CONFIGURE, RETRY)),
    Code(
        "no_node_matches",
        "Taints, selectors or affinity keep the session from every node.",
        (CONFIGURE, RETRY),
    ),
    Code("no_nodes", "The cluster has no nodes.", (RETRY,)),
    Code("node_refused", "The node that was chosen did not take the pod after all.", (RETRY,)),
    Code("scheduling_gated", "Something holds the pod back from being scheduled.", (RETRY,)),
    # What the cluster refuses to create
    Code("quota_exceeded", "A quota of the namespace is used up.", (RETRY, CONFIGURE)),
    Code("limit_exceeded", "A limit range of the namespace does not allow this size.", (CONFIGURE, RETRY)),
    Code("pod_security", "The namespace's Pod Security level forbids the pod.", (RETRY,)),
    Code("admission_denied", "An admission webhook or policy of the cluster denied the pod.", (RETRY,)),
    Code("admission_unavailable", "An admission webhook of the cluster did not answer.", (RETRY,)),
    Code(
        "pod_invalid",
        "The cluster does not understand the pod, for instance for a value out of range.",
        (CONFIGURE, RETRY),
    ),
    Code("cluster_forbids", "The hub may not create what a session needs.", (RETRY,)),
    Code("namespace_missing", "The namespace for sessions is not there, or is being deleted.", (RETRY,)),
    Code("cluster_unavailable", "The Kubernetes API did not answer, or had no time.", (RETRY,)),
    # Images
    Code("image_not_found", "The registry has no such image.", (CHOOSE, RETRY)),
    Code(
        "image_denied",
        "The registry does not hand the image out without a login, or to the one that it was pulled with.",
        (REGISTRY_LOGIN, CHOOSE, RETRY),
    ),
    Code("image_platform", "The image is not made for the processors of the node.", (CHOOSE, RETRY)),
    Code("image_name_invalid", "The image's name cannot be one.", (CHOOSE,)),
    Code("image_pull_failed", "The image could not be pulled for another cause.", (RETRY, CHOOSE)),
    Code("image_runs_as_root", "The image would run as root, which sessions may not.", (CHOOSE,)),
    Code(
        "registry_unreachable",
        "The image's registry did not answer, for longer than a launch waits.",
        (RETRY, CHOOSE),
    ),
    Code("registry_untrusted", "The node does not trust the registry's certificate.", (RETRY, CHOOSE)),
    Code("node_disk_full", "The node's own disk is full.", (RETRY,)),
    # Volumes, secrets
    Code("claim_missing", "The persistent volume claim of a storage is not there."),
    Code("work_is_there", "A /work was to be made from what is kept, and there is another.", (RETRY,)),
    Code("volume_not_bound", "No volume was found or made for a claim."),
    Code("storage_class_missing", "The storage class of a claim is not there."),
    Code("volume_elsewhere", "The volume cannot be reached from any node with room."),
    Code("volume_in_use", "The volume is attached to another node, for longer than a launch waits."),
    Code("volume_not_mounted", "The volume could not be attached or mounted."),
    Code("secret_missing", "A Secret that the pod names, or a key of it, is not there."),
    Code("config_missing", "A ConfigMap that the pod names, or a key of it, is not there."),
    # Before and at the start
    Code("clone_failed", "Cloning failed without a reason of its own."),
    Code("init_failed", "A step that an administrator added before the session failed.", (SHOW_LOG, RETRY)),
    Code("gate_failed", "Sojourn's gate in front of the session ended.", (SHOW_LOG, RETRY)),
    Code("pod_not_prepared", "The node could not set the pod up, for instance its network."),
    Code("program_missing", "The image has no such program.", (CHOOSE, RETRY)),
    Code("program_not_executable", "The program may not be run by the session's user.", (CHOOSE, RETRY)),
    Code("working_folder_unusable", "The folder the program starts in cannot be entered.", (CHOOSE, RETRY)),
    Code("start_interrupted", "The node's own kubelet was ended while it started the program."),
    Code("start_failed", "The node could not start the program for another cause.", (RETRY, CHOOSE)),
    Code(
        "probe_failed",
        "A probe of the pod never passed, or the node ended the session because of one.",
        (RETRY, SHOW_LOG),
    ),
    # Ends
    Code("session_crashed", "The program ended with an error.", (SHOW_LOG, RETRY)),
    Code("session_killed", "The program was ended by a signal.", (SHOW_LOG, RETRY)),
    Code("session_ended", "The program ended by itself.", (SHOW_LOG, RETRY)),
    Code("out_of_memory", "The session wanted more memory than its limit.", (CONFIGURE, RETRY)),
    Code("disk_full", "The program ended because a disk was full.", (RETRY, CONFIGURE)),
    Code("disk_limit_exceeded", "The session wrote more outside /work than it may.", (RETRY, CONFIGURE)),
    Code("session_evicted", "The node ran out of memory, disk or processes and ended the session."),
    Code("session_drained", "The cluster moved the session away, as when a node is drained."),
    Code("session_preempted", "The scheduler gave the session's place to something more important."),
    Code("session_deleted", "Somebody deleted the session's pod."),
    Code("session_too_old", "The pod's own time limit (activeDeadlineSeconds) has passed."),
    Code("node_lost", "The node is gone, or has not answered for minutes."),
    Code("node_shut_down", "The node was shut down."),
    Code("session_lost", "The pod is gone and nobody knows how it ended."),
)

_BY_CODE = {code.code: code for code in _CODES}


def codes() -> tuple[Code, ...]:
    """All codes of this package, for the documentation; a clone's own are in `spawner.clone_failures`."""
    return _CODES


def reason(
    code: str, sentence: str, *, hint: str = "", detail: str = "", folder: str | None = None
) -> Reason:
    """A reason with the code's buttons; `folder` is the repository or storage that one may start without."""
    remedies = _BY_CODE[code].remedies
    if folder is not None:
        remedies = (*remedies, start_without(folder))
    return Reason(
        code=code,
        sentence=sentence,
        hint=hint,
        remedies=remedies,
        detail=detail.strip()[-_DETAIL_CHARACTERS:],
    )
