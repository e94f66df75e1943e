"""Alternates the contenders on one cluster and compares them."""

from __future__ import annotations

import os
import time
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from benchmarks.kubernetes.bare import Bare
from benchmarks.kubernetes.clicks import Click, Contender, seen
from benchmarks.kubernetes.ours import Ours
from benchmarks.kubernetes.stock import Stock
from benchmarks.report import Figure, median, percentile
from tests.kube import Kubectl, Raw, Watch, fresh_namespace
from tests.kube_faults.client import KubeFaults
from tests.kube_stack import KubeStack, minimal
from tests.served import until

RATIO = 1.15
"""What Sojourn adds to the bare image may cost a seventh of its start, not more."""
THROUGHPUT = 1 / 0.9
"""At least 0.9 of the starts a minute that JupyterHub with KubeSpawner manages by itself."""
LOST = 1 / 20
BAD_IMAGE = 1 / 10
CONSTANT = 1.5
"""A watch that happens to be renewed within a minute is one more request."""
ROUNDS, TOGETHER, ROUNDS_TOGETHER = 12, 10, 3

_QUIET_SECONDS = 60.0
_PAUSE = 0.005
_PEOPLE = [f"person{number}" for number in range(TOGETHER)]

Times = dict[str, list[float]]


@dataclass(frozen=True)
class Place:
    """A contender and the namespace its pods are in."""

    contender: Contender
    kubectl: Kubectl


def starts(folder: Path) -> list[Figure]:
    """From a click to the first answer, one at a time and ten at once, and until a bad image is known."""
    with _places(folder) as places:
        for place in places.values():
            for person in _PEOPLE:
                place.contender.click(person)
                place.contender.stop(person)
        alone, lost = _alone(places)
        together, spans = _together(places)
        known = _bad_image(places)
    losses = [
        Figure(f"{name}: seen after it answers, {what}", 1000 * percentile(lost[name], percent), "ms")
        for name in ("stock", "ours")
        for what, percent in (("median", 50), ("95 %", 95))
    ]
    return [
        *_compared("one at a time", alone),
        *_compared(f"{TOGETHER} at once", together),
        *_throughput(spans),
        *losses,
        Figure("ours over stock, lost after the answer", sum(lost["ours"]) / sum(lost["stock"]), "×", LOST),
        Figure("stock: a bad image is known after", 1000 * known["stock"], "ms"),
        Figure("ours: a bad image is known after", 1000 * known["ours"], "ms"),
        Figure("ours over stock, bad image", known["ours"] / known["stock"], "×", BAD_IMAGE),
    ]


def _alone(places: dict[str, Place]) -> tuple[Times, Times]:
    """Seconds of starts one at a time, and those from a session's first answer until its hub saw one."""
    taken: Times = defaultdict(list)
    lost: Times = defaultdict(list)
    for number in range(ROUNDS):
        for name in _rotated(list(places), number):
            click, answered = _one(places[name])
            taken[name].append(click.seconds)
            if name != "bare":
                lost[name].append(max(0.0, seen(places[name].contender.log(), click) - answered))
    return taken, lost


def _together(places: dict[str, Place]) -> tuple[Times, Times]:
    """Seconds of each start of several at once, and those from the first click until all are open."""
    taken: Times = defaultdict(list)
    spans: Times = defaultdict(list)
    for number in range(ROUNDS_TOGETHER):
        for name in _rotated(list(places), number):
            contender = places[name].contender
            with ThreadPoolExecutor(TOGETHER) as pool:
                clicks = list(pool.map(contender.click, _PEOPLE))
                list(pool.map(contender.stop, _PEOPLE))
            taken[name].extend(click.seconds for click in clicks)
            spans[name].append(max(click.opened for click in clicks) - min(click.began for click in clicks))
    return taken, spans


def _bad_image(places: dict[str, Place]) -> dict[str, float]:
    ours, stock = places["ours"].contender, places["stock"].contender
    assert isinstance(ours, Ours)
    assert isinstance(stock, Stock)
    missing = f"{minimal()['image'].partition('@')[0]}@sha256:{'0' * 64}"
    return {"ours": ours.failed(_PEOPLE[0]), "stock": stock.failed("missing", missing)}


def _throughput(spans: Times) -> list[Figure]:
    rates = {name: 60 * TOGETHER / median(found) for name, found in spans.items()}
    return [
        *(Figure(f"{name}: sessions opened", rate, "a minute") for name, rate in rates.items()),
        Figure("ours over stock, time until all are open", rates["stock"] / rates["ours"], "×", THROUGHPUT),
    ]


def _compared(what: str, taken: Times) -> list[Figure]:
    bare = median(taken["bare"])
    names = ("bare", "stock", "ours")
    return [
        *(Figure(f"{name}, {what}, median", 1000 * median(taken[name]), "ms") for name in names),
        *(Figure(f"{name}, {what}, 95 %", 1000 * percentile(taken[name], 95), "ms") for name in names),
        Figure(f"stock over bare, {what}", median(taken["stock"]) / bare, "×"),
        Figure(f"ours over bare, {what}", median(taken["ours"]) / bare, "×", RATIO),
    ]


def requests(folder: Path) -> list[Figure]:
    """Requests to the Kubernetes API: while sessions start and stop, and per quiet minute with one and five.

    All requests count, those too that the hub makes all the time: that is what the cluster has to bear.
    """
    counts: dict[str, list[float]] = {}
    for name in ("stock", "ours"):
        with (
            fresh_namespace(prefix=f"bench-{name}") as kubectl,
            _counted(folder / name) as api,
            _started(name, kubectl, folder / f"{name}-data", api.kubeconfig) as contender,
        ):
            counts[name] = _count(contender, api)
    ours = counts["ours"]
    return [
        *_requests("a first start, and its stop", 0, counts),
        *_requests("a start again, and its stop", 1, counts),
        *_requests("a quiet minute with one session", 2, counts),
        *_requests("a quiet minute with five sessions", 3, counts),
        Figure("ours: a quiet minute, five sessions over one", ours[3] / ours[2], "×", CONSTANT),
    ]


def _requests(what: str, index: int, counts: dict[str, list[float]]) -> list[Figure]:
    stock = counts["stock"][index]
    return [
        Figure(f"stock: requests of {what}", stock, "requests"),
        Figure(f"ours: requests of {what}", counts["ours"][index], "requests", stock),
    ]


def _count(contender: Contender, api: KubeFaults) -> list[float]:
    # The first start of all begins the watches, which are not a start's own.
    _start_and_stop(contender, _PEOPLE[9])
    found = []
    for _ in ("first", "again"):
        before = len(api.requests())
        for person in _PEOPLE[:5]:
            _start_and_stop(contender, person)
        found.append((len(api.requests()) - before) / 5)
    contender.click(_PEOPLE[0])
    found.append(_quiet(api))
    for person in _PEOPLE[1:5]:
        contender.click(person)
    return [*found, _quiet(api)]


def _start_and_stop(contender: Contender, person: str) -> None:
    contender.click(person)
    contender.stop(person)


def _quiet(api: KubeFaults) -> float:
    before = len(api.requests())
    time.sleep(_QUIET_SECONDS)
    return len(api.requests()) - before


@contextmanager
def _counted(folder: Path) -> Iterator[KubeFaults]:
    folder.mkdir(parents=True)
    with KubeFaults(Path(os.environ["KUBECONFIG"]), folder) as api:
        yield api


@contextmanager
def _started(
    name: str, kubectl: Kubectl, folder: Path, kubeconfig: Path | None = None
) -> Iterator[Contender]:
    folder.mkdir(parents=True, exist_ok=True)
    if name == "stock":
        with Stock(kubectl, folder, kubeconfig) as stock:
            yield stock
        return
    recipes = Ours.recipes(minimal())
    with KubeStack(kubectl, folder, kubeconfig=kubeconfig, recipes=recipes, log_level="DEBUG") as stack:
        yield Ours(stack, *_PEOPLE)


@contextmanager
def _places(folder: Path) -> Iterator[dict[str, Place]]:
    with (
        fresh_namespace(prefix="bench-stock") as of_stock,
        fresh_namespace(prefix="bench-ours") as of_ours,
        fresh_namespace(prefix="bench-bare") as of_bare,
        _started("stock", of_stock, folder / "stock") as stock,
        _started("ours", of_ours, folder / "ours") as ours,
    ):
        yield {
            "bare": Place(Bare(of_bare), of_bare),
            "stock": Place(stock, of_stock),
            "ours": Place(ours, of_ours),
        }


def _one(place: Place) -> tuple[Click, float]:
    """One click, and when its session first answered somebody who asks the pod itself all the time."""
    with Watch(place.kubectl) as watch, ThreadPoolExecutor(1) as pool:
        began = time.time()
        answered = pool.submit(_first_answer, watch, began)
        click = place.contender.click(_PEOPLE[0])
        at = answered.result()
    place.contender.stop(_PEOPLE[0])
    return click, at


def _first_answer(watch: Watch, began: float) -> float:
    def address() -> str | None:
        pods = (pod for at, pod in tuple(watch.seen) if at > began and _is_session(pod))
        return next((ip for pod in pods if (ip := pod["status"].get("podIP"))), None)

    def answers() -> float | None:
        try:
            http.get("/")
        except httpx.TransportError:
            return None
        return time.time()

    base = f"http://{until(address, 'a pod with an address', pause=_PAUSE)}:8888"
    with httpx.Client(base_url=base, trust_env=False, timeout=10) as http:
        return until(answers, "a session that answers", pause=_PAUSE)


def _is_session(pod: Raw) -> bool:
    """Whether it is a session: the proxies are in the same namespaces."""
    return pod["spec"]["containers"][0]["name"] == "notebook" and "deletionTimestamp" not in pod["metadata"]


def _rotated(names: list[str], number: int) -> list[str]:
    at = number % len(names)
    return [*names[at:], *names[:at]]
