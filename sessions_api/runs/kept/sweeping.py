"""Takes away snapshots that no row speaks of, and rows whose snapshot is gone."""

from __future__ import annotations

import logging
from datetime import timedelta

from sessions_api.cluster.snapshots import KEPT, Snapshots
from sessions_api.kit import clock
from sessions_api.kit.db import Database
from sessions_api.runs.kept import store

log = logging.getLogger(__name__)


class KeptSweep:
    """The sweep of one process. Two at once do no harm: each deletion names one object by its uid.

    Only what was unowned at two looks goes.
    """

    def __init__(self, database: Database, snapshots: Snapshots, *, young: timedelta) -> None:
        self._database = database
        self._snapshots = snapshots
        self._young = young
        self._seen: set[str] = set()

    async def look(self) -> None:
        """One look, with the same few statements and one request, however much is kept.

        Raises:
            ClusterAwayError: the cluster does not answer.
        """
        now = clock.now()
        async with self._database.write() as db:
            await store.forget_over(db, now)
        async with self._database.read() as db:
            held = await store.held(db)
        found = await self._snapshots.every()
        over = {
            each.uid: each
            for each in found
            if each.labels[KEPT] not in held and now - each.created >= self._young
        }
        there = {each.labels[KEPT] for each in found}
        lost = {kept for kept, state in held.items() if state == "ready" and kept not in there}
        for uid in over.keys() & self._seen:
            log.info("deleting snapshot %s: nothing is kept by it any more", over[uid].name)
            await self._snapshots.delete(over[uid])
        if gone := lost & self._seen:
            log.warning("snapshots of kept work are gone: %s", ", ".join(sorted(gone)))
            async with self._database.write() as db:
                await store.forget(db, gone)
        self._seen = {*over, *lost}
