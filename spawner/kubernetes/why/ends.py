"""Why a pod as a whole ended (evicted, preempted, deleted, its node lost), and how its program ended."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from spawner.kubernetes.why import containers, probes
from spawner.kubernetes.why.catalogue import reason
from spawner.kubernetes.why.facts import Events, Pod, Raw, moment
from spawner.kubernetes.why.verdicts import Context
from spawner.launch import Ending
from spawner.reasons import Reason

_LOW = re.compile(r"The node was low on resource: ([\w./-]+?)\. ?")
_CONDITION = re.compile(r"The node had condition: \[?([\w, ]+)")
_OWN_LIMIT = re.compile(
    r"Pod ephemeral local storage usage exceeds the total limit of containers (?P<pod>[^\s]+?)\.|"
    r'Container (?P<name>\S+) exceeded its local ephemeral storage limit "(?P<container>[^"]+)"|'
    r'Usage of EmptyDir volume "(?P<volume>[^"]+)" exceeds the limit "(?P<size>[^"]+)"'
)
_USING = re.compile(r"was using ([\w.]+), request is ([\w.]+)")
_RESOURCES = {"ephemeral-storage": "disk", "memory": "memory", "pids": "processes", "inodes": "files"}
_CONDITIONS = {"DiskPressure": "disk", "MemoryPressure": "memory", "PIDPressure": "processes"}
_KEPT = "What was saved in /work is kept."


def ending(pod: Raw | None, context: Context, *, events: Sequence[Raw] = (), last_lines: str = "") -> Ending:
    """How a session ended.

    Args:
        pod: its last state that was seen, also of a pod that is gone by now; None: nobody saw it.
        context: what the pod does not tell.
        events: what was said about it.
        last_lines: the end of its log; without it the pod's termination message is taken.
    """
    front_end = context.front_end
    if pod is None:
        return Ending(reason("session_lost", f"{front_end}'s pod is gone and nobody saw how it ended."))
    facts = Pod(pod)
    said = Events.about(facts, events)
    whole = of_pod(facts, said, context) or probes.killed(facts, said, context)
    if whole is not None:
        return Ending(whole.model_copy(update={"detail": whole.detail or last_lines}))
    for name in (context.program, context.gate):
        container = facts.container(name)
        if container is not None and container.end is not None:
            why = containers.ended(container, container.end, context, last_lines)
            by_itself = name == context.program and name not in _killed(said)
            return Ending(why, orderly=by_itself and containers.is_orderly(container))
    return Ending(_unknown(facts, context, last_lines))


def of_pod(pod: Pod, events: Events, context: Context) -> Reason | None:
    """Why the pod ended as a whole; None when it did not, or only because its program did."""
    state = str(pod.status.get("reason") or "")
    if state in _BY_STATE:
        return _BY_STATE[state](pod, str(pod.status.get("message") or ""), context)
    disruption = pod.condition("DisruptionTarget")
    if disruption is not None and disruption.get("status") == "True":
        return _disrupted(pod, disruption, events, context)
    if (evicted := events.last("Evicted")) is not None:
        # Said before the program is ended; the pod's status tells it only when all of the pod has ended.
        return _evicted(pod, evicted.message, context)
    if pod.status.get("phase") == "Failed" and state and not _program_ended(pod, context):
        return _refused(pod, state)
    asked = pod.deletion_asked
    if asked is not None and not context.ended_by_us and not _ended_before(pod, asked, context):
        return _deleted(pod, context)
    return None


def _deleted(pod: Pod, context: Context) -> Reason:
    sentence = f"Somebody deleted {context.front_end}'s pod {pod.name}."
    hint = "Nothing of Sojourn did: look who may delete pods in the cluster."
    return reason("session_deleted", sentence, hint=hint)


def _refused(pod: Pod, state: str) -> Reason:
    message = str(pod.status.get("message") or "")
    sentence = f"{_node(pod)} did not take the session: {_plain(message or state)}."
    return reason(
        "node_refused", sentence, hint="Something else was there first.", detail=f"{state}: {message}"
    )


def _disrupted(pod: Pod, disruption: Raw, events: Events, context: Context) -> Reason:
    """The condition that whatever ends a pod sets on it first (KEP-3329)."""
    why, message = str(disruption.get("reason") or ""), str(disruption.get("message") or "")
    if why == "PreemptionByScheduler" and (said := events.last("Preempted")) is not None:
        message = said.message
    if why in _BY_DISRUPTION:
        return _BY_DISRUPTION[why](pod, message, context)
    sentence = f"{context.front_end} was ended by the cluster: {_plain(message or why)}."
    return reason("session_drained", sentence, detail=f"{why}: {message}")


def _evicted(pod: Pod, message: str, context: Context) -> Reason:
    if match := _OWN_LIMIT.search(message):
        limit = match["pod"] or match["container"] or match["size"]
        where = f"to {pod.place(match['volume'])}" if match["volume"] else "outside /work"
        sentence = f"{context.front_end} was ended: it wrote more {where} than its limit of {limit}."
        hint = "Write large files to /work, or give the session a larger disk."
        return reason("disk_limit_exceeded", sentence, hint=hint, detail=message)
    low, condition = _LOW.search(message), _CONDITION.search(message)
    what = _RESOURCES.get(low[1], low[1]) if low else None
    if what is None and condition:
        what = _CONDITIONS.get(condition[1].split(",")[0].strip(), condition[1])
    of = f"its node ran out of {what}" if what else "its node was in trouble"
    using = _USING.search(message)
    hint = f"It used {using[1]}, and had asked for {using[2]}." if using else ""
    return reason(
        "session_evicted", f"{context.front_end} was ended because {of}.", hint=hint, detail=message
    )


def _node_lost(pod: Pod, message: str, context: Context) -> Reason:
    sentence = f"{_node(pod)}, which {context.front_end} ran on, no longer answers."
    return reason("node_lost", sentence, hint=_KEPT, detail=message)


def _node_shut_down(pod: Pod, message: str, context: Context) -> Reason:
    sentence = f"{_node(pod)}, which {context.front_end} ran on, was shut down."
    return reason("node_shut_down", sentence, hint=_KEPT, detail=message)


def _preempted(_pod: Pod, message: str, context: Context) -> Reason:
    sentence = f"{context.front_end} was ended to make room for something with a higher priority."
    return reason("session_preempted", sentence, detail=message)


def _drained(pod: Pod, message: str, context: Context) -> Reason:
    sentence = (
        f"The cluster moved {context.front_end} away from its node{f' {pod.node}' if pod.node else ''}."
    )
    hint = "That is what happens when a node is drained."
    return reason("session_drained", sentence, hint=hint, detail=message)


def _too_old(_pod: Pod, message: str, context: Context) -> Reason:
    sentence = f"{context.front_end} ran as long as its pod may."
    return reason("session_too_old", sentence, detail=message)


_BY_STATE = {
    "Evicted": _evicted,
    "NodeLost": _node_lost,
    "NodeShutdown": _node_shut_down,
    "Shutdown": _node_shut_down,
    "Terminated": _node_shut_down,
    "DeadlineExceeded": _too_old,
    "Preempting": _preempted,
}
"""By `reason` of the pod's status, which kubelets set on pods they ended."""

_BY_DISRUPTION = {
    "PreemptionByScheduler": _preempted,
    "DeletionByTaintManager": _node_lost,
    "DeletionByPodGC": _node_lost,
    "EvictionByEvictionAPI": _drained,
    "TerminationByKubelet": _evicted,
}


def _node(pod: Pod) -> str:
    return f"Node {pod.node}" if pod.node else "The node"


def _killed(events: Events) -> set[str | None]:
    """The containers that the kubelet ended: a program that obeys a signal ends like one that is done."""
    return {event.container for event in events.of("Killing")}


def _program_ended(pod: Pod, context: Context) -> bool:
    container = pod.container(context.program)
    return container is not None and container.end is not None


def _ended_before(pod: Pod, asked: datetime, context: Context) -> bool:
    """Whether the program ended before anybody asked for the pod's deletion (both are whole seconds)."""
    container = pod.container(context.program)
    end: Any = container.end if container else None
    finished = moment(end.get("finishedAt")) if end else None
    return finished is not None and finished < asked


def _unknown(pod: Pod, context: Context, last_lines: str) -> Reason:
    if pod.status.get("phase") in {"Pending", "Running"}:
        # Only who does not wait for the node's consent can take a pod away like that.
        return _deleted(pod, context).model_copy(update={"detail": last_lines})
    sentence = f"{context.front_end}'s pod {pod.name} ended without saying why."
    return reason("session_lost", sentence, detail=last_lines)


def _plain(message: str) -> str:
    return message.strip().removesuffix(".")
