"""Asks registries from time to time what watched tags mean, so that people hear when one moved.

What is due stands in the rows of tags and registries. A process takes a tag by putting both off, and asks
afterwards: two processes never ask the same, and what a killed one took is due again a little later.
"""

from __future__ import annotations

import asyncio
import logging
import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Self

from sqlalchemy.exc import IntegrityError

from sessions_api.environments.checks.rules import Rules
from sessions_api.environments.tables import WatchedTag
from sessions_api.environments.watching import metrics, store
from sessions_api.environments.watching.tags import GONE, watched
from sessions_api.kit import clock
from sessions_api.kit.db import Database
from sessions_api.kit.loops import forever
from sessions_api.registry.client import Registry, RegistryError
from sessions_api.registry.references import parse

log = logging.getLogger(__name__)

ROUND = 10.0
"""Seconds between two rounds."""
LIST = timedelta(minutes=5)
"""How long what is watched is not looked up anew; what a tag means is known when it is typed."""
MOST = 8
"""Registries that are asked in a round, one tag each, at once."""
SECONDS = 10.0
"""How long one answer may take; a question takes up to eight (a token, GET in the place of HEAD, why not)."""
LONGEST = timedelta(days=7)
"""How seldom a tag is asked for that its registry does not tell."""
_DOUBLINGS = 10
_REMOVED = 1000
"""At once; the rest follows."""
_LIMITED = "registry_rate_limited"
_OF_REGISTRY = "registry_"
"""How the codes begin of what is wrong with a whole registry."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How often is asked.

    Attributes:
        every: one tag; more seldom the longer it fails.
        registry: one registry, whatever tags it has: three tags a minute.
        trouble: a registry that does not answer as it should, or that said "too often" and not until when.
        lease: a tag that a process took and then said nothing of: it was killed.
    """

    every: timedelta
    registry: timedelta = timedelta(seconds=20)
    trouble: timedelta = timedelta(minutes=15)
    lease: timedelta = timedelta(minutes=3)

    @classmethod
    def hours(cls, hours: float) -> Self:
        """Each tag every so many hours."""
        return cls(timedelta(hours=hours))


class Watch:
    """The watch of one process."""

    def __init__(self, database: Database, rules: Rules, pace: Pace) -> None:
        self._database = database
        self._rules = rules
        self._pace = pace
        self._listed_at: datetime | None = None

    async def run(self) -> None:
        """Asks what is due, again and again until cancelled."""
        await forever(
            self._list_and_ask,
            lambda: asyncio.sleep(ROUND * _spread()),
            log,
            failed="could not ask what tags mean",
        )

    async def _list_and_ask(self) -> None:
        if self._listed_at is None or clock.now() - self._listed_at >= LIST:
            await self.list()
        await self.ask()

    async def list(self) -> None:
        """Finds out which tags are to be watched; new ones are asked for some time within `every`."""
        async with self._database.read() as db:
            typed = await store.typed(db)
            listed, registries = await store.listed(db)
        found = [watched(reference, image) for reference, image in typed]
        hosts = {str(tag): tag.host for tag in found if tag is not None}
        new = {reference: host for reference, host in hosts.items() if reference not in listed}
        now = clock.now()
        first = {reference: now + self._pace.every * _within() for reference in new}
        try:
            async with self._database.write() as db:
                await store.remove_tags(db, sorted(listed - hosts.keys())[:_REMOVED])
                await store.remove_registries(db, now)
                await store.add_registries(db, set(hosts.values()) - registries, now)
                await store.add_tags(db, new, first)
        except IntegrityError:
            log.info("another process lists the same tags")
        self._listed_at = now

    async def ask(self) -> int:
        """Asks for what is due and may be asked; returns how many tags that were."""
        now = clock.now()
        async with self._database.write() as db:
            taken = await store.take(
                db,
                now,
                MOST,
                registry_until=now + self._pace.registry * _spread(),
                tag_until=now + self._pace.lease,
            )
        async with asyncio.TaskGroup() as asking:
            for tag in taken:
                asking.create_task(self._ask(tag))
        return len(taken)

    async def _ask(self, tag: WatchedTag) -> None:
        registry = Registry(self._rules.fetcher, parse(tag.reference), seconds=SECONDS)
        try:
            digest = (await registry.head()).digest
        except RegistryError as error:
            await self._refused(tag, error)
            return
        now = clock.now()
        metrics.CHECKS.labels("moved" if tag.digest not in {None, digest} else "same").inc()
        await self._keep(tag, now, now + self._pace.every * _spread(), digest=digest, known_at=now)

    async def _refused(self, tag: WatchedTag, error: RegistryError) -> None:
        now, code = clock.now(), error.reason.code
        told = {"code": code, "sentence": error.reason.sentence}
        if code == _LIMITED:
            metrics.CHECKS.labels("limited").inc()
            rest = self._pace.trouble if error.retry_after is None else timedelta(seconds=error.retry_after)
            # The tag is not to blame: it is the next one that is asked for there.
            await self._keep(tag, now, now + rest, rest=rest, failures=tag.failures, **told)
            return
        metrics.CHECKS.labels("gone" if code == GONE else "failed").inc()
        longer = self._pace.every * 2 ** min(tag.failures, _DOUBLINGS)
        await self._keep(
            tag,
            now,
            now + min(longer, max(LONGEST, self._pace.every)) * _spread(),
            rest=self._pace.trouble if code.startswith(_OF_REGISTRY) else None,
            failures=tag.failures + 1,
            **told,
        )

    async def _keep(
        self, tag: WatchedTag, now: datetime, next_at: datetime, *, rest: timedelta | None = None, **said: Any
    ) -> None:
        """Writes what was said of a tag, and leaves its registry alone for `rest`."""
        known = {"failures": 0, "code": None, "sentence": None, "checked_at": now, "next_at": next_at, **said}
        async with self._database.write() as db:
            await store.answered(db, tag.reference, known)
            if rest is not None:
                await store.spare(db, tag.host, now + rest)


async def forget(database: Database) -> None:
    """Where nothing is watched, nothing is said of what was."""
    async with database.write() as db:
        await store.forget(db)


def _spread() -> float:
    return random.uniform(0.8, 1.2)  # noqa: S311 - spreads, hides nothing


def _within() -> float:
    return random.random()  # noqa: S311 - spreads, hides nothing
