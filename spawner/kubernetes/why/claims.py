"""Why a pod's persistent volume claims keep it from being scheduled."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta

from spawner.endings import duration
from spawner.kubernetes.why.catalogue import reason
from spawner.kubernetes.why.facts import Event, Events, Pod
from spawner.kubernetes.why.verdicts import Context, Failed, Verdict, Waiting
from spawner.kubernetes.why.wording import innermost
from spawner.spec import SCHEDULING, mount_key

_MISSING = re.compile(r'persistentvolumeclaim "([^"]+)" (not found|is being deleted)')
_LOST = re.compile(r'persistentvolumeclaim "([^"]+)" bound to non-existent')
_NO_CLASS = re.compile(r'storageclass\.storage\.k8s\.io "([^"]+)" not found')
_FAILED = ("ProvisioningFailed", "FailedBinding")
_UNDER_WAY = ("ExternalProvisioning", "Provisioning", "WaitForFirstConsumer", "WaitForPodScheduled")
_DONE = "ProvisioningSucceeded"
_OF_LATE = timedelta(seconds=30)
"""What is the matter with a claim is said again every 15 s (`pv_controller_base.go`)."""

_NONE_FITS = "didn't find available persistent volumes to bind"
_NO_VOLUME = "no persistent volumes available for this claim and no storage class is set"


def unusable(
    pod: Pod, words: str, events: Events, context: Context, *, since: datetime, now: datetime
) -> Verdict:
    """What the scheduler says of the pod whatever the node: its claims are missing or not bound."""
    if match := _MISSING.search(words):
        until = _after(since, context.patience.cache)
        return _missing(pod, match[1], gone=match[2] != "not found", until=until, now=now)
    if match := _LOST.search(words):
        sentence = f"{_called(pod, match[1])} is lost: its volume no longer exists."
        return _failed(pod, match[1], "volume_not_bound", sentence, words)
    return not_bound(pod, events, context, since=since, now=now)


def not_bound(pod: Pod, events: Events, context: Context, *, since: datetime, now: datetime) -> Verdict:
    """A claim of the pod has no volume yet."""
    until = _after(since, context.patience.volume)
    latest = _latest(pod, events)
    failed = next((event for event in latest.values() if event.reason in _FAILED), None)
    if failed is not None:
        return _not_made(pod, failed, until=until, now=now)
    claim = next(iter(latest or pod.claims().values()), "")
    places = " and ".join(_place(pod, one) for one in latest) or _place(pod, claim)
    if now < until:
        return Waiting(f"Waiting for the volume of {places}.", _stage(pod, claim), until)
    sentence = f"No volume was made for {places} within {duration(context.patience.volume)}."
    return _failed(pod, claim, "volume_not_bound", sentence, "")


def is_making(pod: Pod, events: Events) -> bool:
    """Whether the volume of a claim is being made, for a node that the scheduler chose in secret."""
    return bool(_latest(pod, events))


def _latest(pod: Pod, events: Events) -> dict[str, Event]:
    """By claim without a volume, what was said of it last, of late: it may be older than the pod."""
    said = events.of(*_FAILED, *_UNDER_WAY, _DONE, kind="PersistentVolumeClaim")
    latest = {str(event.object.get("name")): event for event in said}
    since = None if pod.made is None else pod.made - _OF_LATE
    return {
        claim: event
        for claim, event in latest.items()
        if event.reason != _DONE and (since is None or event.last is None or event.last >= since)
    }


def _not_made(pod: Pod, event: Event, *, until: datetime, now: datetime) -> Verdict:
    """What was said last of a claim for which no volume was found or made."""
    claim, message = str(event.object.get("name")), event.message
    called = _called(pod, claim)
    if match := _NO_CLASS.search(message):
        sentence = f"{called} has no volume: there is no storage class {match[1]}."
        return _failed(pod, claim, "storage_class_missing", sentence, message)
    if _NO_VOLUME in message:
        sentence = f"{called} has no volume: none is free that fits, and no storage class makes one."
        return _failed(pod, claim, "volume_not_bound", sentence, message)
    if now >= until:
        return _failed(
            pod, claim, "volume_not_bound", f"{called} has no volume: {innermost(message)}.", message
        )
    text = f"Waiting for the volume of {_place(pod, claim)}: {innermost(message)}."
    return Waiting(text, _stage(pod, claim), until)


def out_of_reach(
    volumes: Mapping[str, int], nodes: int, context: Context, *, since: datetime, now: datetime
) -> Verdict:
    """Nodes are left out because of where volumes are."""
    until = _after(since, context.patience.volume)
    said = ", ".join(f"{count} {words.removeprefix('node(s) ')}" for words, count in volumes.items())
    if now < until:
        return Waiting(
            f"Waiting for a node that reaches the session's volumes: of {nodes}, {said}.", SCHEDULING, until
        )
    if any(_NONE_FITS in words for words in volumes):
        sentence = "No free volume fits what the session's storages ask for."
        return Failed(reason("volume_not_bound", sentence, detail=said), SCHEDULING)
    sentence = f"The session's volumes cannot be reached from a node with room: of {nodes}, {said}."
    hint = "A volume that is bound to one zone or node keeps the session there."
    return Failed(reason("volume_elsewhere", sentence, hint=hint), SCHEDULING)


def _missing(pod: Pod, claim: str, *, gone: bool, until: datetime, now: datetime) -> Verdict:
    if now < until:
        return Waiting(f"Waiting for claim {claim}.", _stage(pod, claim), until)
    what = "is being deleted" if gone else "does not exist"
    sentence = f"{_called(pod, claim)} did not mount: claim {claim} {what}."
    return _failed(pod, claim, "claim_missing", sentence, "")


def _failed(pod: Pod, claim: str, code: str, sentence: str, detail: str) -> Failed:
    return Failed(
        reason(code, sentence, detail=detail, folder=_folder(pod, claim)),
        _stage(pod, claim),
    )


def _stage(pod: Pod, claim: str) -> str:
    folder = _folder(pod, claim)
    return mount_key(folder) if folder else SCHEDULING


def _folder(pod: Pod, claim: str) -> str | None:
    volume = pod.volume_of_claim(claim)
    return pod.folder(volume) if volume else None


def _place(pod: Pod, claim: str) -> str:
    volume = pod.volume_of_claim(claim)
    return pod.place(volume) if volume else claim


def _called(pod: Pod, claim: str) -> str:
    folder = _folder(pod, claim)
    return f"Storage {folder}" if folder else _place(pod, claim)


def _after(since: datetime, seconds: float) -> datetime:
    return since + timedelta(seconds=seconds)
