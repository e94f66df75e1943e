"""Why a container could not be made or started, or how it ended, read from its status."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from pydantic import ValidationError

from spawner import start_failures
from spawner.endings import duration, signal_name
from spawner.images import short
from spawner.kubernetes.why import images
from spawner.kubernetes.why.catalogue import reason
from spawner.kubernetes.why.facts import Container, Events, Pod, Raw, moment
from spawner.kubernetes.why.quantities import size
from spawner.kubernetes.why.verdicts import Context, Failed, Verdict
from spawner.kubernetes.why.wording import innermost
from spawner.reasons import Reason
from spawner.spec import STARTING, clone_key

_CONFIG = "CreateContainerConfigError"
_START = frozenset({"RunContainerError", "CreateContainerError", "PreStartHookError", "PostStartHookError"})
_START_ENDS = frozenset({"StartError", "ContainerCannotRun"})
_SIGNALLED = 128
_INTERRUPTED = ("context canceled", "context canceled: unknown")
"""What containerd says of a start whose kubelet was killed; with "unknown" as gRPC's word for the cause."""

_NOT_THERE = re.compile(r'\b(secret|configmap) "([^"]+)" not found', re.IGNORECASE)
_NO_KEY = re.compile(r"couldn't find key (\S+) in (Secret|ConfigMap) (?:[^/\s]+/)?(\S+)")
_AS_ROOT = re.compile(r"runAsNonRoot and image")
_NO_SPACE = re.compile(r"No space left on device|Disk quota exceeded")


def verdict(pod: Pod, events: Events, context: Context, *, now: datetime, last_lines: str) -> Verdict | None:
    """What is the matter with the first container that has trouble; None when none has.

    Containers that administrators added beside the session do not end it: the session works without them.
    """
    for container in pod.containers():
        is_theirs = container.name not in {context.program, context.gate} and (
            not container.is_init or container.is_sidecar
        )
        if is_theirs:
            continue
        found = _container(pod, container, events, context, now=now, last_lines=last_lines)
        if found is not None:
            return found
    return None


def _container(
    pod: Pod, container: Container, events: Events, context: Context, *, now: datetime, last_lines: str
) -> Verdict | None:
    end = container.end
    is_done = container.is_init and not container.is_sidecar and end is not None and end.get("exitCode") == 0
    if end is not None and not is_done:
        return Failed(ended(container, end, context, last_lines), _stage(container, context, end))
    state = str((container.waiting or {}).get("reason") or "")
    message = str((container.waiting or {}).get("message") or "")
    if state in images.TROUBLES:
        return images.trouble(container, events, context, now=now)
    if state == _CONFIG:
        return _config(pod, container, message, context, now=now)
    if state in _START:
        return Failed(_start(container, message, context), _stage(container, context))
    if state == "CrashLoopBackOff":
        return Failed(_crashing(container, context, last_lines), _stage(container, context))
    return None


def ended(container: Container, end: Raw, context: Context, last_lines: str) -> Reason:
    """Why a container that ended did so; `end` is its `terminated` state."""
    said = last_lines or str(end.get("message") or "")
    if end.get("reason") in _START_ENDS:
        return _start(container, str(end.get("message") or ""), context)
    if container.name == context.clone:
        return _clone(end, said)
    if end.get("reason") == "OOMKilled":
        return _out_of_memory(container, context, said)
    if container.name == context.program:
        return _session(container, end, context, said)
    status, after = int(end.get("exitCode", 0)), _after(end)
    if container.name == context.gate:
        sentence = f"Sojourn's gate in front of {context.front_end} ended with exit code {status}, {after}."
        return reason("gate_failed", sentence, detail=said)
    sentence = f"The step {container.name} before the session failed with exit code {status}, {after}."
    hint = "An administrator added it to all sessions."
    return reason("init_failed", sentence, hint=hint, detail=said)


def is_orderly(container: Container) -> bool:
    """Whether a container ended by itself and without an error."""
    end = container.end
    return end is not None and end.get("exitCode") == 0 and end.get("reason") in {None, "Completed"}


def _clone(end: Raw, said: str) -> Reason:
    """The cloning program leaves its reason as the termination message."""
    try:
        return Reason.model_validate_json(str(end.get("message") or ""))
    except ValidationError:
        how = (
            "was short of memory"
            if end.get("reason") == "OOMKilled"
            else f"ended with exit code {end.get('exitCode')}"
        )
        return reason(
            "clone_failed",
            f"The repositories could not be cloned: the program that does it {how}.",
            detail=said,
        )


def _session(container: Container, end: Raw, context: Context, said: str) -> Reason:
    status, after, front_end = int(end.get("exitCode", 0)), _after(end), context.front_end
    hint = _restarted(container)
    if end.get("reason") == "ContainerStatusUnknown":
        return reason(
            "session_lost", f"{front_end} ended while its node was not there to watch it.", detail=said
        )
    if start_failures.PLATFORM.search(said):
        return _platform(container, said)
    if status and _NO_SPACE.search(said):
        sentence = f"{front_end} ended with exit code {status}: no space was left on its disk."
        return reason(
            "disk_full", sentence, hint="Delete what is not needed, or give it a larger disk.", detail=said
        )
    if status == 0:
        return reason("session_ended", f"{front_end} ended, {after}.", hint=hint, detail=said)
    if status > _SIGNALLED:
        sentence = f"{front_end} was ended by {signal_name(status - _SIGNALLED)}, {after}."
        return reason("session_killed", sentence, hint=hint, detail=said)
    sentence = f"{front_end} ended with exit code {status}, {after}."
    return reason("session_crashed", sentence, hint=hint, detail=said)


def _out_of_memory(container: Container, context: Context, said: str) -> Reason:
    """The kernel ends what has used up its limit: the limit is the peak."""
    limit = container.limit("memory")
    who = context.front_end if container.name == context.program else container.name
    used = f"all of its {size(limit)} of memory" if limit else "all the memory there was"
    sentence = f"{who} was ended: it had used {used} and wanted more."
    hint = "Give the session more memory, or load less at once."
    return reason("out_of_memory", sentence, hint=hint, detail=said)


def _crashing(container: Container, context: Context, said: str) -> Reason:
    """It is held back from another start, and how it ended is no longer told."""
    who = context.front_end if container.name == context.program else container.name
    return reason(
        "session_crashed", f"{who} ends each time it is started.", hint=_restarted(container), detail=said
    )


def _config(
    pod: Pod, container: Container, message: str, context: Context, *, now: datetime
) -> Verdict | None:
    stage = _stage(container, context)
    if match := _NOT_THERE.search(message):
        kind, name = match[1].lower(), match[2]
        until = (pod.made or now) + timedelta(seconds=context.patience.volume)
        if name == context.own_secret and now < until:
            # Made right after the pod: the node has looked too early, and looks again.
            return None
        word, code = ("Secret", "secret_missing") if kind == "secret" else ("ConfigMap", "config_missing")
        return Failed(
            reason(code, f"{word} {name} does not exist.", hint="The session's pod names it."), stage
        )
    if match := _NO_KEY.search(message):
        code = "secret_missing" if match[2] == "Secret" else "config_missing"
        return Failed(reason(code, f"{match[2]} {match[3]} has no key {match[1]}."), stage)
    if _AS_ROOT.search(message):
        image = short(container.image)
        who = re.search(r"non-numeric user \(([^)]*)\)", message)
        why = f"names its user {who[1]} instead of giving a number" if who else "would run as root"
        sentence = f"{image} {why}, which sessions may not."
        return Failed(reason("image_runs_as_root", sentence, detail=message), stage)
    return Failed(_start(container, message, context), stage)


def _start(container: Container, message: str, context: Context) -> Reason:
    who = context.front_end if container.name == context.program else container.name
    if start_failures.PLATFORM.search(message):
        return _platform(container, message)
    if found := start_failures.told(who, container.image, message):
        code, sentence = found
        return reason(code, sentence, detail=message)
    if message.endswith(_INTERRUPTED):
        sentence = f"{who} did not start: the node was interrupted while it started it."
        return reason("start_interrupted", sentence, hint="Start it again.", detail=message)
    return reason("start_failed", f"{who} did not start: {innermost(message)}.", detail=message)


def _platform(container: Container, said: str) -> Reason:
    sentence = f"{short(container.image)} is not made for the processors of this cluster's nodes."
    return reason("image_platform", sentence, detail=said)


def _stage(container: Container, context: Context, end: Raw | None = None) -> str:
    if container.name in {context.program, context.gate}:
        return STARTING
    if container.name == context.clone and end is not None:
        folders = [remedy.folder for remedy in _clone(end, "").remedies if remedy.folder]
        return clone_key(folders[0]) if folders else ""
    return ""


def _after(end: Raw) -> str:
    started, finished = moment(end.get("startedAt")), moment(end.get("finishedAt"))
    seconds = (finished - started).total_seconds() if started and finished else 0.0
    return f"{duration(seconds)} after it started" if seconds >= 1 else "right after it started"


def _restarted(container: Container) -> str:
    if not container.restarts:
        return ""
    times = "once" if container.restarts == 1 else f"{container.restarts} times"
    return f"Kubernetes has started it again {times}."
