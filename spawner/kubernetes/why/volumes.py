"""Why volumes of a pod that has a node cannot be mounted, read from the kubelet's events."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from spawner.kubernetes.why.catalogue import reason
from spawner.kubernetes.why.facts import Event, Events, Pod
from spawner.kubernetes.why.verdicts import Context, Failed, Verdict, Waiting
from spawner.kubernetes.why.wording import innermost
from spawner.reasons import Reason
from spawner.spec import mount_key

_TROUBLES = ("FailedMount", "FailedAttachVolume", "FailedMapVolume")
_VOLUME = re.compile(r'for volume "([^"]+)"')
_UNMOUNTED = re.compile(r"unmounted volumes=\[([^\]]*)\]")
_MISSING = re.compile(r'\b(secret|configmap) "([^"]+)" not found')
_NO_KEY = re.compile(r"references non-existent (secret|config) key: (\S+)")
_IN_USE = re.compile(r"Multi-Attach error .*?(?:pod\(s\) (?P<pods>[^\n]+))?$", re.DOTALL)
_SETTLED = re.compile(
    r"access denied|permission denied|no such file or directory|does not exist|not found|PermissionDenied|"
    r"InvalidArgument|Unauthenticated|unknown filesystem|need a /sbin/mount|wrong fs type|is not a directory|"
    r"failed to resolve|Name or service not known|reason given by server",
    re.IGNORECASE,
)
_NO_DRIVER = re.compile(r"driver name (\S+) not found in the list of registered CSI drivers")
_DRIVER_SECONDS = 15.0
"""How long a driver may take to make itself known on a node that was just added."""

_OUTPUT = re.compile(r"Output: (.*)", re.DOTALL)


def verdict(pod: Pod, events: Events, context: Context, *, now: datetime) -> Verdict | None:
    """What keeps the volumes of a pod that has a node from it; None when nothing does."""
    if _is_mounted(pod):
        return None
    event = _worst(events)
    if event is None:
        return None
    since = min((said.first for said in events.of(*_TROUBLES) if said.first), default=now)
    message = event.message
    seconds = _DRIVER_SECONDS if _NO_DRIVER.search(message) else context.patience.volume
    until = since + timedelta(seconds=seconds)
    volume = _Volume.of(event, pod, events)
    if match := _MISSING.search(message):
        # Made right after the pod: the node may have looked too early.
        is_coming = match[2] == context.own_secret and now < until
        return None if is_coming else Failed(_not_there(match[1], match[2]), volume.stage)
    if match := _NO_KEY.search(message):
        return Failed(_not_there(match[1], match[2], key=True), volume.stage)
    if "Multi-Attach" in message:
        return _in_use(volume, message, until=until, now=now)
    return _not_mounted(volume, message, until=until, now=now)


def _not_mounted(volume: _Volume, message: str, *, until: datetime, now: datetime) -> Verdict:
    words = _words(message)
    is_settled = _SETTLED.search(message) and not _NO_DRIVER.search(message)
    if now < until and not is_settled:
        return Waiting(f"Waiting for {volume.place}: {words}. The node tries again.", volume.stage, until)
    sentence = f"{volume.called} did not mount: {words}."
    why = reason("volume_not_mounted", sentence, detail=message, folder=volume.folder)
    return Failed(why, volume.stage)


def _in_use(volume: _Volume, message: str, *, until: datetime, now: datetime) -> Verdict:
    match = _IN_USE.search(message)
    pods = match["pods"].strip() if match and match["pods"] else ""
    elsewhere = f"attached to another node{f', by {pods}' if pods else ''}"
    if now < until:
        text = f"Waiting for {volume.place}: its volume is still {elsewhere}."
        return Waiting(text, volume.stage, until)
    sentence = f"{volume.called} did not mount: its volume is {elsewhere}."
    hint = "It can be used on one node at a time: end what uses it there."
    why = reason("volume_in_use", sentence, hint=hint, detail=message, folder=volume.folder)
    return Failed(why, volume.stage)


def _is_mounted(pod: Pod) -> bool:
    """Whether the kubelet is past the volumes: they come before the pod's sandbox and its containers."""
    condition = pod.condition("PodReadyToStartContainers")
    if condition is not None and condition.get("status") == "True":
        return True
    return any(container.is_running or container.end for container in pod.containers())


def _worst(events: Events) -> Event | None:
    """The latest that names its cause; "timed out waiting" only repeats which volumes are waited for."""
    said = events.of(*_TROUBLES)
    named = [event for event in said if _VOLUME.search(event.message)]
    return next(iter(reversed(named or said)), None)


def _not_there(kind: str, name: str, *, key: bool = False) -> Reason:
    word, code = ("Secret", "secret_missing") if kind == "secret" else ("ConfigMap", "config_missing")
    if key:
        return reason(code, f"A {word} of the session has no key {name}.")
    return reason(code, f"{word} {name} does not exist.", hint="The session's pod names it.")


@dataclass(frozen=True)
class _Volume:
    """The volume that something was said of.

    Attributes:
        place: where it is seen, or its name where that is not known.
        folder: of /work that it is.
    """

    place: str
    folder: str | None

    @classmethod
    def of(cls, event: Event, pod: Pod, events: Events) -> _Volume:
        """Finds it: the kubelet says the pod's name of a volume, and the volume's own of one with a claim."""
        if match := _VOLUME.search(event.message):
            name = match[1]
        elif match := _UNMOUNTED.search(event.message):
            name = match[1].split(" ")[0]
        else:
            return cls("A volume", None)
        claims = pod.claims()
        if name not in {volume["name"] for volume in pod.spec.get("volumes") or ()}:
            claim = events.claim_of(name)
            one = next(iter(claims)) if len(claims) == 1 else None
            found = pod.volume_of_claim(claim) if claim else one
            if found is None:
                return cls(f"Volume {name}", None)
            name = found
        return cls(pod.place(name), pod.folder(name))

    @property
    def stage(self) -> str:
        """The stage in which it is mounted; empty: none of its own."""
        return mount_key(self.folder) if self.folder else ""

    @property
    def called(self) -> str:
        """How a sentence about it begins."""
        return f"Storage {self.folder}" if self.folder else self.place


def _words(message: str) -> str:
    """What the mount program printed first, or the innermost of wrapped errors."""
    if match := _NO_DRIVER.search(message):
        return f"its node has no CSI driver {match[1]}"
    if match := _OUTPUT.search(message):
        lines = [line.strip() for line in match[1].splitlines() if line.strip()]
        return lines[0].removesuffix(".") if lines else "the mount program said nothing"
    return innermost(message.strip().splitlines()[-1])
