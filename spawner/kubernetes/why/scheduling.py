"""Why no node takes a pod, read from the scheduler's words.

It says how many nodes it left out for which reason (`FitError` in `pkg/scheduler/framework/types.go`), and
whether ending other pods would help. Where it would not, on no node, each lacks the resource even when it is
empty (`Unresolvable` in `noderesources/fit.go`) or will never match: only more nodes help.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from spawner.endings import duration
from spawner.kubernetes.why import claims
from spawner.kubernetes.why.catalogue import reason
from spawner.kubernetes.why.facts import Events, Pod, Raw, moment
from spawner.kubernetes.why.quantities import amount
from spawner.kubernetes.why.verdicts import Context, Failed, Verdict, Waiting
from spawner.reasons import Reason
from spawner.spec import SCHEDULING

_WORDS = re.compile(r"0/(?P<nodes>\d+) nodes are available: (?P<why>.*)", re.DOTALL)
_AFTERWORD = re.compile(r"\.(?= (no new claims|still not|preemption:|deallocation|deletion of))|\.\s*$")
_NOT_HELPFUL = re.compile(r"(\d+) Preemption is not helpful")
_ONE = re.compile(r"(?:^|, )(\d+) (.+?)(?=, \d+ |$)")
_TAINT = re.compile(r"untolerated taint(?:\(s\)| \{(?P<taint>[^}]*)\})|taints that the pod didn't tolerate")
_VOLUME = re.compile(
    r"persistent ?volume|volume node affinity|volume zone|volume count|pvc\(s\)|free storage", re.IGNORECASE
)
_PASSING = re.compile(r"node\.kubernetes\.io/|were unschedulable|unknown conditions|untolerated taint\(s\)")
"""Nodes that are not ready, under pressure or drained are so for a time; some schedulers name no taint."""

_SCALING = ("TriggeredScaleUp", "Nominated")
_NOT_SCALING = ("NotTriggerScaleUp",)


@dataclass(frozen=True)
class _Words:
    """What the scheduler said.

    Attributes:
        nodes: of the cluster.
        whole: what is the matter with the pod itself, whatever the node.
        shortages: nodes that have too little of it left, by resource.
        others: nodes left out for anything else, by our words (for one node, for several, the rest).
        volumes: the same for volumes, in the scheduler's words.
        hopeless: whether every node stays left out when all else on it ends.
    """

    nodes: int
    whole: str
    shortages: dict[str, int]
    others: dict[tuple[str, str, str], int]
    volumes: dict[str, int]
    hopeless: bool

    @classmethod
    def read(cls, message: str) -> _Words | None:
        match = _WORDS.search(message)
        if match is None:
            return None
        nodes, why = int(match["nodes"]), match["why"]
        cut = _AFTERWORD.search(why)
        said = why[: cut.start()] if cut else why
        parts = [(int(count), text) for count, text in _ONE.findall(said)]
        shortages: dict[str, int] = {}
        others: dict[tuple[str, str, str], int] = {}
        volumes: dict[str, int] = {}
        for count, text in parts:
            if text.startswith("Insufficient "):
                shortages[text.removeprefix("Insufficient ")] = count
            elif text == "Too many pods":
                shortages["pods"] = count
            elif _VOLUME.search(text):
                volumes[text] = count
            else:
                others[_other(text)] = others.get(_other(text), 0) + count
        unhelpful = sum(int(count) for count in _NOT_HELPFUL.findall(why))
        hopeless = 0 < nodes <= unhelpful and not _PASSING.search(said)
        return cls(nodes, "" if parts else said, shortages, others, volumes, hopeless)


def verdict(pod: Pod, events: Events, context: Context, *, now: datetime) -> Verdict | None:
    """What keeps the pod from a node; None when it has one."""
    condition = pod.condition("PodScheduled")
    if pod.node or (condition is not None and condition.get("status") == "True"):
        return None
    if condition is None:
        if claims.is_making(pod, events):
            return claims.not_bound(pod, events, context, since=pod.made or now, now=now)
        return Waiting("Waiting for the scheduler.", SCHEDULING)
    if condition.get("reason") == "SchedulingGated":
        return Waiting("Something in the cluster holds the pod back from being scheduled.", SCHEDULING)
    return _unscheduled(pod, condition, events, context, now=now)


def _unscheduled(pod: Pod, condition: Raw, events: Events, context: Context, *, now: datetime) -> Verdict:
    message = str(condition.get("message") or "")
    since = moment(condition.get("lastTransitionTime")) or pod.made or now
    words = _Words.read(message)
    if words is None:
        return _no_words(message, since, context, now=now)
    if words.whole:
        return claims.unusable(pod, words.whole, events, context, since=since, now=now)
    if words.volumes:
        return claims.out_of_reach(words.volumes, words.nodes, context, since=since, now=now)
    return _no_node(pod, words, events, context, message, since=since, now=now)


def _no_node(
    pod: Pod, words: _Words, events: Events, context: Context, message: str, *, since: datetime, now: datetime
) -> Verdict:
    patience = context.patience
    growing, refusing = events.last(*_SCALING), events.last(*_NOT_SCALING)
    until = since + timedelta(seconds=patience.schedule)
    text = f"Waiting for a node: {_left_out(pod, words)}."
    if growing is not None and growing.last is not None:
        until = growing.last + timedelta(seconds=patience.schedule)
        text = f"Waiting for a new node: the cluster is adding one. {_capital(_left_out(pod, words))}."
    elif words.hopeless:
        until = min(until, since + timedelta(seconds=0 if refusing else patience.hopeless))
    if now < until:
        return Waiting(text, SCHEDULING, until)
    return Failed(_never(pod, words, message, refused=refusing is not None, waited=now - since), SCHEDULING)


def _never(pod: Pod, words: _Words, message: str, *, refused: bool, waited: timedelta) -> Reason:
    hint = "The cluster's autoscaler adds no node for it." if refused else ""
    if words.hopeless and words.shortages:
        wanted = _wanted(pod, words)
        sentence = f"No node is large enough for {wanted}."
        if words.others:
            sentence = f"No node that fits is large enough for {wanted}: {_left_out(pod, words)}."
        hint = f"{hint} Ask for less, or take another resource class.".strip()
        return reason("larger_than_nodes", sentence, hint=hint, detail=message)
    if not words.shortages:
        sentence = f"No node takes the session: {_left_out(pod, words)}."
        return reason("no_node_matches", sentence, hint=hint, detail=message)
    within = duration(waited.total_seconds())
    sentence = f"No node had {_wanted(pod, words)} free within {within}: {_left_out(pod, words)}."
    hint = f"{hint} Other sessions use them; ask for less, or try again when some have ended.".strip()
    return reason("no_node_free", sentence, hint=hint, detail=message)


def _no_words(message: str, since: datetime, context: Context, *, now: datetime) -> Verdict:
    until = since + timedelta(seconds=context.patience.schedule)
    empty = "no nodes available" in message
    if now < until:
        text = "Waiting for a node: the cluster has none." if empty else "Waiting for the scheduler."
        return Waiting(text, SCHEDULING, until)
    if empty:
        return Failed(reason("no_nodes", "The cluster has no nodes.", detail=message), SCHEDULING)
    sentence = "The scheduler found no place for the session."
    return Failed(reason("no_node_matches", sentence, hint=message), SCHEDULING)


def _left_out(pod: Pod, words: _Words) -> str:
    """Why each node is left out: `0 of 3 nodes have 8 CPUs free`, `2 of 3 nodes lack …, 1 is closed …`."""
    if not words.others and words.shortages and max(words.shortages.values()) == words.nodes:
        wanted = _wanted(pod, words)
        if words.nodes == 1:
            return f"the only node does not have {wanted} free"
        return f"0 of {words.nodes} nodes have {wanted} free"
    lacks = [(count, "lacks", "lack", _amount(pod, resource)) for resource, count in words.shortages.items()]
    parts = [
        f"{count} {one if count == 1 else many} {what}"
        for count, one, many, what in [*lacks, *((count, *how) for how, count in words.others.items())]
    ]
    if words.nodes == 1:
        return ", ".join(part.replace("1 ", "the only node ", 1) for part in parts)
    count, _space, rest = parts[0].partition(" ")
    return ", ".join([f"{count} of {words.nodes} nodes {rest}", *parts[1:]])


def _wanted(pod: Pod, words: _Words) -> str:
    return " and ".join(_amount(pod, resource) for resource in words.shortages)


def _amount(pod: Pod, resource: str) -> str:
    return "room for one more pod" if resource == "pods" else amount(resource, pod.request(resource))


def _other(text: str) -> tuple[str, str, str]:
    """The scheduler's words as a verb for one node and for several, and the rest."""
    if match := _TAINT.search(text):
        taint = (match["taint"] or "").strip().removesuffix(":").strip()
        return "is", "are", f"kept for others by {f'taint {taint}' if taint else 'a taint'}"
    if "node affinity/selector" in text:
        return "does not match", "do not match", "the node selector"
    if "were unschedulable" in text:
        return "is", "are", "closed for new pods"
    # `node(s) didn't match pod anti-affinity rules`, `node(s) had no available disk`, other schedulers' words
    return "is", "are", f"left out ({text.removeprefix('node(s) ')})"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
