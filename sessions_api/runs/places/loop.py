"""Lets those in who wait for a place, when one is given back. Everything it knows is in the database."""

from __future__ import annotations

import logging
from functools import partial

from sessions_api.kit.db import Database
from sessions_api.kit.loops import forever
from sessions_api.runs import service
from sessions_api.runs.places import service as places

log = logging.getLogger(__name__)

EVERY = 5.0
"""Seconds between two looks when nothing is heard of a run, for estimates and for news that got lost."""


class Line:
    """The loop of one process; several do no harm, since each review holds its pool's row."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def run(self) -> None:
        """Reviews the pools that somebody waits for, until cancelled."""
        with self._database.bus.subscribe(service.DRIVER) as woken:
            rest = partial(woken.wait, EVERY)
            await forever(self.review, rest, log, failed="could not review who waits")

    async def review(self) -> None:
        """One look at every pool that somebody waits for."""
        async with self._database.read() as db:
            found = await places.waited_for(db)
        for pool_id in found:
            async with self._database.write() as db:
                await places.review(db, pool_id)
