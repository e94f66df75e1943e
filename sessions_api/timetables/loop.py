"""Looks for times that have come. Everything it knows is in the database."""

from __future__ import annotations

import asyncio
import logging
from functools import partial

from sessions_api.environments.kinds import Kinds
from sessions_api.hub.client import Hub, HubAwayError
from sessions_api.kit import clock
from sessions_api.kit.db import Database
from sessions_api.kit.loops import forever
from sessions_api.people.viewer import Viewer
from sessions_api.sessions.lifetimes import Lifetimes
from sessions_api.timetables import acting
from sessions_api.timetables.parts import Due

log = logging.getLogger(__name__)

EVERY = 5.0
"""Seconds between two looks."""


class Timekeeper:
    """The loop of one process; several do no harm, since each time is held while it is acted on."""

    def __init__(self, database: Database, hub: Hub, lifetimes: Lifetimes, *, kinds: Kinds) -> None:
        self._database = database
        self._hub = hub
        self._lifetimes = lifetimes
        self._kinds = kinds

    async def run(self) -> None:
        """Looks again and again until cancelled."""
        rest = partial(asyncio.sleep, EVERY)
        await forever(self.look, rest, log, failed="could not look at timetables")

    async def look(self) -> None:
        """One look: acts on what is due, and forgets what belongs to nobody any more."""
        async with self._database.read() as db:
            due = await acting.due(db, clock.now(), self._lifetimes)
            orphans = await acting.orphans(db)
        for person, session_id in orphans:
            async with self._database.write() as db:
                await acting.tidy(db, person, session_id)
        for wanted in due:
            try:
                await self._act(wanted)
            except Exception:
                # One that cannot be acted on holds up no other.
                log.exception("timetable %s", wanted.timetable_id)

    async def _act(self, wanted: Due) -> None:
        viewer: Viewer | None = None
        hub_away = False
        if wanted.what == "start":
            try:
                viewer = await self._hub.viewer(wanted.person)
            except HubAwayError as error:
                log.info("a start waits: %s", error)
                hub_away = True
        async with self._database.write() as db:
            await acting.act(
                db,
                wanted,
                viewer,
                now=clock.now(),
                kinds=self._kinds,
                lifetimes=self._lifetimes,
                hub_away=hub_away,
            )
