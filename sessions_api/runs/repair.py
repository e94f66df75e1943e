"""Compares live runs with the hub's servers, and mends what differs. Facts win."""

import asyncio
import logging
from datetime import timedelta
from urllib.parse import urlsplit

from sessions_api.hub.client import Hub, HubAwayError, HubRefusedError, Server
from sessions_api.kit import clock
from sessions_api.kit.db import Database
from sessions_api.runs import metrics, service, store
from sessions_api.runs.tables import Run
from spawner.reasons import RETRY, Reason

log = logging.getLogger(__name__)

EVERY = 5.0
SETTLED = timedelta(seconds=5)
"""How long a run must have been running before its absence at the hub means anything."""

ASK_AGAIN = timedelta(seconds=5)
"""How long after we asked for a server the hub may not know it yet."""
MOST_LAUNCHES = 4
"""How often the hub is asked in one attempt: a hub that dies takes its launches along."""

LOST = Reason(
    code="launch_lost",
    sentence=f"The launch was lost {MOST_LAUNCHES} times on its way to JupyterHub.",
    hint="JupyterHub's log says why.",
    remedies=(RETRY,),
)
GONE = Reason(
    code="session_gone",
    sentence="The session ended while nobody was watching it.",
    hint="Its /work is there; start it again to go on.",
    remedies=(RETRY,),
)


class Repair:
    """The repair loop of one process. Each correction checks the run's row again: two loops do no harm."""

    def __init__(self, database: Database, hub: Hub) -> None:
        self._database = database
        self._hub = hub

    async def run(self) -> None:
        """Compares every few seconds until cancelled."""
        while True:
            try:
                await self.compare()
            except (HubAwayError, HubRefusedError) as error:
                metrics.HUB_UP.set(0)
                log.info("nothing compared: %s", error)
            except Exception:
                log.exception("could not compare")
            await asyncio.sleep(EVERY)

    async def compare(self) -> None:
        """One comparison.

        Raises:
            HubAwayError: the hub's servers are not known.
        """
        async with self._database.read() as db:
            live = await store.live(db)
        servers = await self._hub.servers()
        metrics.HUB_UP.set(1)
        for run in live:
            server = servers.get((run.person, run.server))
            if run.phase == "running":
                await self._check_running(run, server)
            elif run.phase == "launching":
                await self._check_launching(run, server)
        await self._stop_unwanted(servers)

    async def _check_running(self, run: Run, server: Server | None) -> None:
        if server is not None and server.run == run.id:
            # The installation gave people hosts of their own, or took them away, while it ran.
            if urlsplit(server.url).netloc != urlsplit(run.url).netloc:
                async with self._database.write() as db:
                    await store.set_values(db, run.id, url=server.url)
            return
        async with self._database.write() as db:
            held = await store.hold(db, run.id)
            now = clock.now()
            settled = (
                held is not None and held.ready_at is not None and not clock.within(held.ready_at, SETTLED)
            )
            if held is not None and held.phase == "running" and held.attempt == run.attempt and settled:
                metrics.MENDED.labels("session_gone").inc()
                await service.ended(db, held, GONE, now)

    async def _check_launching(self, run: Run, server: Server | None) -> None:
        ours = server is not None and server.run == run.id
        if ours and not (server and server.ready):
            return
        now = clock.now()
        async with self._database.write() as db:
            held = await store.hold(db, run.id)
            if held is None or held.phase != "launching" or held.attempt != run.attempt:
                return
            if held.asked_at is None or clock.within(held.asked_at, ASK_AGAIN):
                return
            if ours:
                await service.became_ready(
                    db, held, (server and server.url) or f"/user/{run.person}/{run.server}/", now
                )
            elif held.wish != "run":
                await service.ended(db, held, None, now)
            elif held.asked >= MOST_LAUNCHES:
                await service.ended(db, held, LOST, now)
            else:
                metrics.MENDED.labels("launch_asked_again").inc()
                held.asked_at = None
                service.record_status(db, held)

    async def _stop_unwanted(self, servers: dict[tuple[str, str], Server]) -> None:
        ours = {server.run: server for server in servers.values() if server.run}
        async with self._database.read() as db:
            live = await store.live_ids(db, list(ours))
        for run_id, server in ours.items():
            if run_id not in live and server.pending is None:
                log.warning("stopping a server whose run %s is over", run_id)
                metrics.MENDED.labels("server_unwanted").inc()
                await self._hub.stop(server.person, server.name, remove=False)
