"""Whose turn it is in a pool, and when a place may be free. Nothing here asks anybody."""

from __future__ import annotations

import heapq
from collections import defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median
from typing import Any

from sessions_api.resources.amounts import Amounts

FEWEST = 3
"""Runs that have to be over before anything is said about how long one takes."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """Somebody who waits; `id` tells runs apart that began to wait at the same moment."""

    id: str
    person: str
    since: datetime
    needs: Amounts


def in_turn(waiting: Iterable[Waiting], places: Mapping[str, int]) -> list[Waiting]:
    """Those who wait, in the order in which they are let in.

    Whoever has the fewest places comes first, counting what they are let in to on the way; among those who
    have as many, whoever waits longest. `places`: how many each person has now.
    """
    own: defaultdict[str, deque[Waiting]] = defaultdict(deque)
    for each in sorted(waiting, key=lambda one: (one.since, one.id)):
        own[each.person].append(each)
    turns = [(places.get(person, 0), queue[0].since, queue[0].id, person) for person, queue in own.items()]
    heapq.heapify(turns)
    ordered = []
    while turns:
        has, _, _, person = heapq.heappop(turns)
        ordered.append(own[person].popleft())
        if own[person]:
            following = own[person][0]
            heapq.heappush(turns, (has + 1, following.since, following.id, person))
    return ordered


def expected(
    line: Sequence[Waiting],
    quota: Mapping[str, Any],
    begun: Sequence[tuple[Amounts, float]],
    lengths: Sequence[float],
) -> dict[str, float]:
    """In how many seconds each may be let in, by its id, if runs go on to take as long as they did.

    Of whom nothing can be said is left out. `begun`: what each run that has a place takes, and for how many
    seconds it has had it; `lengths`: how many seconds earlier runs took.
    """
    if len(lengths) < FEWEST:
        return {}
    usual = median(lengths)
    taken = Amounts.total(amounts for amounts, _ in begun)
    ends = [
        (left, number, amounts)
        for number, (amounts, age) in enumerate(begun)
        if (left := _left(age, lengths)) is not None
    ]
    heapq.heapify(ends)
    now = 0.0
    found: dict[str, float] = {}
    for number, each in enumerate(line, start=len(begun)):
        while (taken + each.needs).beyond(quota):
            if not ends:
                return found
            now, _, given_back = heapq.heappop(ends)
            taken -= given_back
        found[each.id] = now
        taken += each.needs
        heapq.heappush(ends, (now + usual, number, each.needs))
    return found


def _left(age: float, lengths: Sequence[float]) -> float | None:
    """How long a run of that age goes on, by those that took longer; None: none did."""
    longer = [length - age for length in lengths if length > age]
    return median(longer) if longer else None
