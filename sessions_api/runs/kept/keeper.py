"""Keeps /work of runs that are being stopped, before their volume is deleted.

What is to be done follows from the row and the snapshot, looked at again and again by whoever drives the run.
"""

from __future__ import annotations

from datetime import timedelta

from sessions_api.cluster.client import Cluster, ClusterAwayError, ClusterRefusedError, Found
from sessions_api.cluster.snapshots import Snapshot, Snapshots
from sessions_api.kit import clock
from sessions_api.kit.db import Database
from sessions_api.runs import service as runs
from sessions_api.runs import store
from sessions_api.runs.kept import service
from sessions_api.runs.tables import KeptWork, Run
from sessions_api.sessions import service as sessions
from spawner.pod import labels
from spawner.pod.names import label

READY_WITHIN = timedelta(minutes=15)
"""How long a snapshot may take; then /work stays, and its person decides."""
ERROR_FOR = timedelta(seconds=60)
"""How long a snapshot may have trouble: what makes them tries again."""


class Keeper:
    """The keeper of one process.

    Args:
        error_for: as `ERROR_FOR`.
    """

    def __init__(
        self, database: Database, cluster: Cluster, snapshots: Snapshots, *, error_for: timedelta = ERROR_FOR
    ) -> None:
        self._database = database
        self._cluster = cluster
        self._snapshots = snapshots
        self._error_for = error_for

    async def is_wanted(self, run: Run) -> bool:
        """Whether /work of the run is to be kept, and is not yet."""
        async with self._database.read() as db:
            kept = await service.of_run(db, run.id)
        return kept is not None and kept.state == "wanted"

    async def lets_go(self, run: Run) -> bool:
        """Whether the volume may be deleted: nothing was to be kept, or is kept.

        False: it is not known yet, or cannot be kept; then the run is not being stopped any more.
        """
        async with self._database.read() as db:
            kept = await service.of_run(db, run.id)
            removed = await sessions.removed_ids(db, {run.session_id})
        if kept is None or kept.state != "wanted":
            return True
        if removed:
            await self._forget(run)
            return True
        try:
            return await self._look(run, kept)
        except ClusterRefusedError as refused:
            await self._fail(run, kept, str(refused))
        except ClusterAwayError:
            pass
        return False

    async def _look(self, run: Run, kept: KeptWork) -> bool:
        name = service.snapshot_name(kept.id)
        found = await self._snapshots.find(name)
        if found is None:
            claim = await self._claim(run)
            if claim is None:
                # It was never made: nothing was there that could be lost.
                await self._forget(run)
                return True
            await self._snapshots.make(name, kept.id, claim)
            return False
        if found.ready:
            await self._kept(run, found)
            return True
        waited = clock.now() - kept.asked_at
        if found.error and waited > self._error_for:
            await self._fail(run, kept, found.error)
        elif waited > READY_WITHIN:
            await self._fail(run, kept, "The snapshot was not ready in time.")
        return False

    async def _claim(self, run: Run) -> Found | None:
        mine = {labels.SESSION: label(run.session_id), labels.PERSON: label(run.person)}
        claims = await self._cluster.work_claims()
        return next((one for one in claims if mine.items() <= one.labels.items()), None)

    async def _kept(self, run: Run, found: Snapshot) -> None:
        async with self._database.write() as db:
            kept = await service.of_run(db, run.id)
            if kept is None or kept.state != "wanted":
                return
            kept.state, kept.size_gib = "ready", found.size_gib
            runs.record(db, run, "log", {"source": "sojourn", "text": "/work is kept as a snapshot."})

    async def _forget(self, run: Run) -> None:
        async with self._database.write() as db:
            await service.forget_run(db, run.id)

    async def _fail(self, run: Run, kept: KeptWork, why: str) -> None:
        """Takes the stop back: /work is there, and its person decides."""
        async with self._database.write() as db:
            held, row = await store.hold(db, run.id), await service.of_run(db, run.id)
            if held is None or row is None or (row.id, row.state) != (kept.id, "wanted"):
                return
            row.state, row.sentence = "failed", why[:1000]
            if held.wish == "stop":
                held.wish = "cancel" if held.phase == "queued" else "run"
            text = f"/work could not be kept, so it was not deleted. The cluster says: {why}"
            runs.record(db, held, "log", {"source": "sojourn", "text": text})
            runs.record_status(db, held)
