"""Why an image could not be pulled, read from what the kubelet, containerd and CRI-O say."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from spawner import pull_reasons
from spawner.images import (
    DENIED,
    NO_ANSWER,
    NO_SPACE,
    NOT_FOUND,
    PLATFORM,
    UNTRUSTED,
    registry,
    short,
    why_silent,
)
from spawner.kubernetes.why.catalogue import reason
from spawner.kubernetes.why.facts import Container, Events, Pod
from spawner.kubernetes.why.quantities import seconds, size
from spawner.kubernetes.why.verdicts import Context, Failed, Fine, Verdict, Waiting
from spawner.kubernetes.why.wording import innermost
from spawner.reasons import Reason
from spawner.spec import PULLING

TROUBLES = frozenset(
    {
        "ErrImagePull",
        "ImagePullBackOff",
        "InvalidImageName",
        "ErrImageNeverPull",
        "ImageInspectError",
        "RegistryUnavailable",
        "SignatureValidationFailed",
    }
)
"""Reasons of a waiting container that are about its image (`pkg/kubelet/images/types.go`, CRI's errors)."""

_PULLED = re.compile(
    r"Successfully pulled image .* in (?P<took>\S+)(?: \((?P<whole>\S+) including waiting\))?"
    r"(?:\. Image size: (?P<size>\d+) bytes)?"
)
_PULL_SECRETS = re.compile(r"image pull secrets \(([^)]+)\)")


def trouble(container: Container, events: Events, context: Context, *, now: datetime) -> Verdict:
    """What the trouble with a container's image comes to."""
    waiting = container.waiting or {}
    said = _said(container, events)
    if _may_come_right(str(waiting.get("reason")), said):
        return _no_answer(container, said, events, context, now=now)
    why = _reason(container, str(waiting.get("reason")), said, context)
    secret = events.last("FailedToRetrieveImagePullSecret")
    if why.code == "image_denied" and secret is not None:
        why = why.model_copy(update={"hint": _no_login(secret.message)})
    if why.code == "image_denied":
        why = _about_login(why, container, context)
    return Failed(why, _stage(container, context))


def pulling(pod: Pod, events: Events, context: Context) -> Verdict:
    """That the image of the session's program is being pulled."""
    container = pod.container(context.program)
    if container is None:
        return Fine()
    said = [event for event in events.of("Pulling", "Pulled") if event.container == container.name]
    if said and said[-1].reason == "Pulling":
        return Waiting(f"Pulling {short(container.image)}.", PULLING)
    return Fine()


def pulled(events: Events, context: Context) -> str | None:
    """How the image of the session's program came, for its stage: `412 MiB in 12 s`; None: not yet."""
    for event in reversed(events.of("Pulled")):
        if event.container != context.program:
            continue
        match = _PULLED.search(event.message)
        if match is None:
            return "was on the node"
        took = seconds(match["whole"] or match["took"])
        time = f"{took:.1f} s" if took < 10 else f"{took:.0f} s"  # noqa: PLR2004
        return f"{size(int(match['size']))} in {time}" if match["size"] else f"in {time}"
    return None


def _said(container: Container, events: Events) -> str:
    """The pull's own error: newer kubelets repeat it while they back off, older ones only in an event."""
    message = str((container.waiting or {}).get("message") or "")
    if ":" in message.partition('"')[2].partition('"')[2]:
        return message
    failed = [event for event in events.of("Failed") if event.container in {None, container.name}]
    pulls = [event.message for event in failed if "pull image" in event.message]
    return pulls[-1] if pulls else message


def _may_come_right(state: str, said: str) -> bool:
    if state == "RegistryUnavailable":
        return True
    settled = PLATFORM, UNTRUSTED, NO_SPACE, DENIED
    return not any(pattern.search(said) for pattern in settled) and bool(NO_ANSWER.search(said))


def _no_answer(
    container: Container, said: str, events: Events, context: Context, *, now: datetime
) -> Verdict:
    host = registry(container.image)
    why = why_silent(said)
    failures = [
        event
        for event in events.of("Failed")
        if event.container == container.name and "pull image" in event.message
    ]
    tries = sum(event.count for event in failures) or 1
    times = "once" if tries == 1 else f"{tries} times"
    since = min((event.first for event in failures if event.first), default=now)
    until = since + timedelta(seconds=context.patience.registry)
    answer = f"Registry {host} does not answer{f': {why}' if why else ''}"
    stage = _stage(container, context)
    if now < until:
        return Waiting(f"{answer}. The node tried {times} and will try again.", stage, until)
    sentence = pull_reasons.not_pulled(container.image)
    hint = f"The node tried {times} in {(now - since).total_seconds():.0f} s{f'; {why}' if why else ''}."
    return Failed(reason("registry_unreachable", sentence, hint=hint, detail=_detail(said)), stage)


def _reason(container: Container, state: str, said: str, context: Context) -> Reason:
    if state == "InvalidImageName":
        sentence = f"{container.image} is not a name of an image."
        return reason("image_name_invalid", sentence, hint=_whose(container, context))
    if state == "ErrImageNeverPull":
        sentence = f"{short(container.image)} is not on the node."
        hint = "Nodes may not pull it: its pull policy is Never."
        return reason("image_not_found", sentence, hint=hint, detail=said)
    told = next(told for pattern, told in _TOLD if pattern.search(said))
    code, sentence, hint = told(container, said, _whose(container, context))
    return reason(code, sentence, hint=hint.strip(), detail=_detail(said))


_Told = tuple[str, str, str]


def _platform(container: Container, _said: str, whose: str) -> _Told:
    sentence = f"{short(container.image)} is not made for the processors of this cluster's nodes."
    return "image_platform", sentence, whose


def _no_space(container: Container, _said: str, _whose: str) -> _Told:
    return "node_disk_full", f"{short(container.image)} does not fit on the node: its disk is full.", ""


def _untrusted(container: Container, said: str, _whose: str) -> _Told:
    host = registry(container.image)
    sentence = f"{short(container.image)} was not pulled: the node does not trust registry {host}."
    return "registry_untrusted", sentence, _last(said)


def _denied(container: Container, _said: str, whose: str) -> _Told:
    return "image_denied", pull_reasons.denied(container.image), f"{whose} {pull_reasons.MAYBE_PRIVATE}"


def _not_found(container: Container, _said: str, whose: str) -> _Told:
    return "image_not_found", pull_reasons.not_found(container.image), f"{whose} {pull_reasons.GONE}"


def _otherwise(container: Container, said: str, _whose: str) -> _Told:
    return "image_pull_failed", f"{short(container.image)} could not be pulled.", _last(said)


_TOLD = (
    (PLATFORM, _platform),
    (NO_SPACE, _no_space),
    (UNTRUSTED, _untrusted),
    (DENIED, _denied),
    (NOT_FOUND, _not_found),
    (re.compile(""), _otherwise),
)


def _no_login(message: str) -> str:
    names = _PULL_SECRETS.search(message)
    return f"The login that the pod names for it does not exist: Secret {names[1]}." if names else message


def _about_login(why: Reason, container: Container, context: Context) -> Reason:
    """The reason with what a person can do about the login: nothing for images that are not the session's."""
    others = tuple(remedy for remedy in why.remedies if remedy.action != "registry_login")
    other = why.model_copy(update={"remedies": others})
    if container.name != context.program:
        return other
    return pull_reasons.about_login(other, container.image, logs_in=context.logs_in)


def _whose(container: Container, context: Context) -> str:
    if container.name == context.program:
        return f"It is the image of {context.environment}." if context.environment else ""
    if container.name in {context.clone, context.gate}:
        return "It is Sojourn's own image, which the installation names."
    return f"It is the image of {container.name}, which an administrator added."


def _stage(container: Container, context: Context) -> str:
    return PULLING if container.name == context.program else ""


def _detail(said: str) -> str:
    return re.sub(r"^Failed to pull image \"[^\"]*\": ", "", said)


def _last(said: str) -> str:
    """What is said at the very bottom, as a sentence."""
    words = innermost(said)
    return f"{words[:1].upper()}{words[1:]}."
