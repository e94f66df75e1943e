"""Brings JupyterHub's shares to what people wish: grants what is missing, takes away what is too much.

Each look compares all that is wished of a server with what the hub has of it, so a look that is cut off, made
twice or by two replicas leaves nothing behind that the next one does not mend.
"""

import logging
from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta
from functools import partial

from sessions_api.hub.client import Hub, HubAwayError, HubRefusedError
from sessions_api.kit import clock
from sessions_api.kit.db import Database
from sessions_api.kit.loops import forever
from sessions_api.runs.shares import service, store
from sessions_api.runs.shares.store import Found

log = logging.getLogger(__name__)

EVERY = 5.0
"""Seconds between two looks that nobody asked for: how late an end that nobody told of is noticed."""
SEEN_AGAIN = timedelta(minutes=2)
"""How long what was withdrawn is looked at again."""


class Bringing:
    """One process's loop.

    Args:
        on: whether sessions can be shared here; what was shared before is taken back where they cannot.
    """

    def __init__(self, database: Database, hub: Hub, *, on: bool) -> None:
        self._database = database
        self._hub = hub
        self._on = on

    async def run(self) -> None:
        """Compares when there is news, and every few seconds, until cancelled."""
        with self._database.bus.subscribe(service.BRINGING) as woken:
            await forever(
                self.compare,
                partial(woken.wait, EVERY),
                log,
                failed="could not compare shares",
                away=(HubAwayError, HubRefusedError),
                nothing="shares are not compared",
            )

    async def compare(self) -> None:
        """One look.

        Raises:
            HubAwayError, HubRefusedError: nothing more is known; the next look goes on.
        """
        now = clock.now()
        async with self._database.read() as db:
            found = await store.unsettled(db, now, now - SEEN_AGAIN)
        by_server: dict[tuple[str, str], list[Found]] = defaultdict(list)
        for each in found:
            by_server[each.run.person, each.run.server].append(each)
            if each.share.ended_at is None and not each.holds:
                async with self._database.write() as db:
                    await service.end(db, each.share.id)
        for (person, server), shares in by_server.items():
            await self._bring(person, server, shares)

    async def _bring(self, person: str, server: str, shares: Sequence[Found]) -> None:
        wanted = {each.share.person for each in shares if each.holds and self._on}
        there = await self._hub.shares(person, server)
        for other in there - wanted:
            await self._hub.unshare(person, server, other)
        granted = there & wanted
        for other in wanted - there:
            try:
                await self._hub.share(person, server, other)
                granted.add(other)
            except HubRefusedError as error:
                # Somebody who never logged in is not known to the hub; they are let in when they are.
                log.info("%s/%s is not shared: %s", person, server, error)
        await self._note(shares, granted)

    async def _note(self, shares: Sequence[Found], granted: set[str]) -> None:
        """Writes down what was seen, where it was not known yet."""
        news = [
            each
            for each in shares
            if (each.holds and each.share.granted_at is None and each.share.person in granted)
            or (each.share.ended_at is not None and each.share.withdrawn_at is None)
        ]
        if not news:
            return
        async with self._database.write() as db:
            for each in news:
                share = await store.hold(db, each.share.id)
                if share is None:
                    continue
                if each.holds:
                    share.granted_at = share.granted_at or clock.now()
                else:
                    share.withdrawn_at = share.withdrawn_at or clock.now()
