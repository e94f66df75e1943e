"""Looks at the activity of everything that runs, and has what follows done.

What is remembered here is caution, not truth: since when JupyterHub said of a session, look by look, that it
runs. A process that was started anew, or did not reach the hub for a while, waits until reports that were
held up must have arrived.
"""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial

from sessions_api.hub.client import Hub, HubAwayError, HubRefusedError, Server
from sessions_api.kit import clock
from sessions_api.kit.db import Database
from sessions_api.kit.loops import forever
from sessions_api.runs.life import plans, service
from sessions_api.runs.life.plans import Step
from sessions_api.runs.tables import Run, RunLife
from sessions_api.sessions import service as sessions
from sessions_api.sessions.lifetimes import Lifetimes
from sessions_api.sessions.tables import Session

log = logging.getLogger(__name__)

EVERY = 5.0
GAP = timedelta(seconds=15)
"""Looks further apart than this do not follow each other: the hub was away, or time made a step."""

_Attempt = tuple[str, int]


class Watch:
    """The watch of one process. Each step is decided again while the run is held: two do no harm."""

    def __init__(self, database: Database, hub: Hub, lifetimes: Lifetimes) -> None:
        self._database = database
        self._hub = hub
        self._lifetimes = lifetimes
        self._looked_at: datetime | None = None
        self._since: dict[_Attempt, datetime] = {}

    async def run(self) -> None:
        """Looks again and again until cancelled."""
        await forever(
            self.look,
            partial(asyncio.sleep, EVERY),
            log,
            failed="could not look at activity",
            away=(HubAwayError, HubRefusedError),
            nothing="activity is not known",
        )

    async def look(self) -> None:
        """One look: one request of the hub, and the same few statements whatever the number of sessions.

        Only what changed is written, run by run.

        Raises:
            HubAwayError: activity is not known; nothing is done.
        """
        async with self._database.read() as db:
            running = await service.running(db)
            lives = await service.of_runs(db, running)
            named = await sessions.by_ids(db, {run.session_id for run in running})
        servers = await self._hub.servers() if running else {}
        now = clock.now()
        heard = _heard(running, servers)
        self._remember(heard, now)
        for run in running:
            if (active_at := heard.get((run.id, run.attempt))) is None:
                continue
            certain = now - self._since[run.id, run.attempt] >= self._lifetimes.certain
            if self._is_news(run, lives.get(run.id), named[run.session_id], active_at, now, certain=certain):
                async with self._database.write() as db:
                    await service.look_at(db, run, active_at, self._lifetimes, now, certain=certain)

    def _remember(self, heard: Mapping[_Attempt, datetime], now: datetime) -> None:
        last, self._looked_at = self._looked_at, now
        follows = last is not None and timedelta(0) <= now - last <= GAP
        before = self._since if follows else {}
        self._since = {attempt: before.get(attempt, now) for attempt in heard}

    def _is_news(
        self,
        run: Run,
        life: RunLife | None,
        session: Session,
        active_at: datetime,
        now: datetime,
        *,
        certain: bool,
    ) -> bool:
        if life is None or active_at > life.active_at:
            return True
        planned = plans.plan(run, life, session, self._lifetimes)
        return plans.step(life, planned, now, certain=certain) is not Step.NOTHING


def _heard(running: Sequence[Run], servers: Mapping[tuple[str, str], Server]) -> dict[_Attempt, datetime]:
    """When each run that the hub knows as running was last active, as it says: at first when it began."""
    heard = {}
    for run in running:
        server = servers.get((run.person, run.server))
        if server is not None and server.run == run.id and server.ready:
            heard[run.id, run.attempt] = server.last_activity or run.ready_at or run.launched_at
    return heard
