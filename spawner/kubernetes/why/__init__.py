"""Says in words what a pod's state and events mean: pure, from the JSON objects of the Kubernetes API.

`verdict` is asked whenever a pod on its way changes or something is said of it, `ending` when a running
session's pod ended, `refused` when the API did not create something, `too_slow` when time ran out.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from spawner.kubernetes.why import containers, ends, images, probes, scheduling, volumes
from spawner.kubernetes.why.catalogue import Code, codes, reason
from spawner.kubernetes.why.ends import ending
from spawner.kubernetes.why.facts import Events, Pod, Raw
from spawner.kubernetes.why.refusals import refused
from spawner.kubernetes.why.verdicts import Context, Failed, Fine, Patience, Verdict, Waiting
from spawner.kubernetes.why.wording import innermost
from spawner.reasons import Reason

__all__ = [
    "Code",
    "Context",
    "Failed",
    "Fine",
    "Patience",
    "Verdict",
    "Waiting",
    "codes",
    "ending",
    "pulled",
    "refused",
    "too_slow",
    "verdict",
]


def verdict(
    pod: Raw, events: Sequence[Raw], context: Context, *, now: datetime, last_lines: str = ""
) -> Verdict:
    """What the state of a pod on its way means.

    Args:
        pod: its JSON.
        events: what was said about it and its claims, and maybe about others: those are left out.
        context: what the pod does not tell.
        now: when this is asked; a patience that is over by then is fatal.
        last_lines: the end of the log of the container that ended; without it its termination message is
            taken (`terminationMessagePolicy: FallbackToLogsOnError` puts the log's end there).
    """
    facts = Pod(pod)
    said = Events.about(facts, events)
    whole = ends.of_pod(facts, said, context)
    if whole is not None:
        return Failed(whole.model_copy(update={"detail": whole.detail or last_lines}))
    probed = probes.verdict(facts, said, context)
    if isinstance(probed, Failed):
        return probed
    return (
        scheduling.verdict(facts, said, context, now=now)
        or containers.verdict(facts, said, context, now=now, last_lines=last_lines)
        or volumes.verdict(facts, said, context, now=now)
        or _node(facts, said, context, now=now)
        or probed
        or images.pulling(facts, said, context)
    )


def pulled(pod: Raw, events: Sequence[Raw], context: Context) -> str | None:
    """How the image of the session's program came: `412 MiB in 12 s`; None when it is not there yet."""
    return images.pulled(Events.about(Pod(pod), events), context)


def too_slow(
    pod: Raw, events: Sequence[Raw], context: Context, *, seconds: float, last_lines: str = ""
) -> Reason | None:
    """Why a session that runs never answered, as far as probes told; None when none spoke."""
    said = Events.about(Pod(pod), events)
    return probes.never_ready(context, said, seconds, last_lines) if said.last("Unhealthy") else None


def _node(pod: Pod, events: Events, context: Context, *, now: datetime) -> Verdict | None:
    """What keeps the node from setting the pod up, beyond volumes and images."""
    if (missing := events.last("NodeNotReady")) is not None:
        return Waiting(f"Node {pod.node} does not answer: {missing.message.removesuffix('.')}.")
    event = events.last("FailedCreatePodSandBox", "NetworkNotReady", "FailedCreatePodContainer")
    if event is None or any(container.is_running or container.end for container in pod.containers()):
        return None
    until = (event.first or now) + timedelta(seconds=context.patience.volume)
    words = innermost(event.message)
    if now < until:
        return Waiting(f"Node {pod.node} cannot set the session up yet: {words}.", until=until)
    sentence = f"Node {pod.node} could not set the session up: {words}."
    return Failed(reason("pod_not_prepared", sentence, detail=event.message))
