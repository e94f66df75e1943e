"""Asks the cluster what sessions use, where it has a metrics API."""

from __future__ import annotations

import asyncio
import logging

from sessions_api.cluster.client import Cluster, ClusterAwayError, Metered
from sessions_api.kit.db import Database
from sessions_api.runs.usage import service
from sessions_api.runs.usage.samples import Sample
from spawner.pod import labels

log = logging.getLogger(__name__)

EVERY = 30.0
"""Seconds between two looks; kubelets are asked as seldom by the metrics server."""


class Metering:
    """The loop of one process; several write the same."""

    def __init__(self, database: Database, cluster: Cluster) -> None:
        self._database = database
        self._cluster = cluster
        self._told = False

    async def run(self) -> None:
        """Looks again and again until cancelled."""
        while True:
            try:
                await self.look()
            except ClusterAwayError as error:
                self._tell(f"nothing is known of what sessions use: {error}")
            except Exception:
                log.exception("could not write what sessions use")
            await asyncio.sleep(EVERY)

    async def look(self) -> None:
        """One look.

        Raises:
            ClusterAwayError: the cluster does not answer, or lets nobody ask.
        """
        found = await self._cluster.metered()
        if found is None:
            self._tell("the cluster has no metrics API: nothing is known of what sessions use")
            return
        self._told = False
        if samples := [sample for one in found if (sample := _sample(one)) is not None]:
            async with self._database.write() as db:
                await service.take(db, samples)

    def _tell(self, what: str) -> None:
        """Once, until it is otherwise."""
        if not self._told:
            log.info(what)
        self._told = True


def _sample(one: Metered) -> Sample | None:
    run, attempt = one.labels.get(labels.RUN), one.labels.get(labels.ATTEMPT, "")
    if run is None or not attempt.isdecimal():
        return None
    return Sample(run, int(attempt), one.cpus, one.memory_bytes, None)
