"""What the probes of a pod said: those that an administrator's hook or the pod's frame added."""

from __future__ import annotations

import re
from datetime import timedelta

from spawner.kubernetes.why.catalogue import reason
from spawner.kubernetes.why.facts import Events, Pod
from spawner.kubernetes.why.verdicts import Context, Failed, Verdict, Waiting
from spawner.reasons import Reason
from spawner.spec import STARTING

_SAID = re.compile(
    r"(?P<kind>Readiness|Liveness|Startup) probe (?:failed|errored[^:]*): (?P<answer>.*)", re.DOTALL
)
_STATUS = re.compile(r"HTTP probe failed with statuscode: (\d+)")
_REFUSED = re.compile(r"connection refused")
_SILENT = re.compile(r"context deadline exceeded|Client\.Timeout|timed? ?out")
_KILLED = re.compile(r"failed (liveness|startup) probe")
_RIGHT_AFTER = timedelta(seconds=2)


def verdict(pod: Pod, events: Events, context: Context) -> Verdict | None:
    """That a probe does not pass yet, or that the kubelet ends the session because of one."""
    if (ended := killed(pod, events, context)) is not None:
        return Failed(ended, STARTING)
    ready = pod.condition("ContainersReady")
    if ready is not None and ready.get("status") == "True":
        return None
    said = events.last("Unhealthy")
    if said is None or not _SAID.search(said.message):
        return None
    return Waiting(f"{context.front_end} runs but is not ready{_answer(events)}.", STARTING)


def killed(pod: Pod, events: Events, context: Context) -> Reason | None:
    """Why the kubelet ended the program, if it did so because of a probe."""
    kind = _killed_for(pod, events, context)
    if kind is None:
        return None
    sentence = f"The node ended {context.front_end} because its {kind} probe did not pass{_answer(events)}."
    return reason("probe_failed", sentence, detail=_last_words(events))


def never_ready(context: Context, events: Events, seconds: float, last_lines: str) -> Reason:
    """It ran but never answered as it should, for `seconds`."""
    sentence = f"{context.front_end} was not ready within {seconds:.0f} s after it started{_answer(events)}."
    return reason("probe_failed", sentence, detail=last_lines or _last_words(events))


def _killed_for(pod: Pod, events: Events, context: Context) -> str | None:
    """The probe for which the kubelet ended, or is ending, the program.

    It says so only where it starts it again; where it does not, a probe has failed, and right after it begins
    to end a program that nobody else wants to end.
    """
    said = [
        event for event in events.of("Unhealthy", "Killing") if event.container in {None, context.program}
    ]
    named = next((match for event in said if (match := _KILLED.search(event.message))), None)
    if named is not None:
        return str(named[1])
    killing = next((event for event in said if event.reason == "Killing"), None)
    if killing is None or killing.first is None or pod.deletion_asked:
        return None
    for event in reversed(said):
        match = _SAID.search(event.message)
        is_fatal = match is not None and match["kind"] != "Readiness"
        if match and is_fatal and event.last and abs(killing.first - event.last) <= _RIGHT_AFTER:
            return match["kind"].lower()
    return None


def _answer(events: Events) -> str:
    """What the latest probe got, after a colon."""
    said = events.last("Unhealthy")
    match = _SAID.search(said.message) if said else None
    if match is None:
        return ""
    answer = match["answer"]
    if status := _STATUS.search(answer):
        return f": it answers its {match['kind'].lower()} probe with status {status[1]}"
    if _REFUSED.search(answer):
        return ": nothing listens on its port"
    if _SILENT.search(answer):
        return f": it does not answer its {match['kind'].lower()} probe in time"
    line = answer.strip().splitlines()[0] if answer.strip() else "it failed"
    return f": its {match['kind'].lower()} probe says “{line[:200]}”"


def _last_words(events: Events) -> str:
    said = events.last("Unhealthy")
    return said.message if said else ""
