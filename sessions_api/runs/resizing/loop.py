"""Sees to it that what is to have another size gets it, or is told why not. All it knows is in the database.

Two replicas do no harm: each change is of one state of a pod, read before the row that says what is wished,
so that one who was held up changes nothing any more.
"""

from __future__ import annotations

import logging
import time
from functools import partial

from sessions_api.cluster.client import Cluster, ClusterAwayError, ClusterRefusedError
from sessions_api.kit.db import Database
from sessions_api.kit.loops import forever
from sessions_api.runs import service as runs
from sessions_api.runs.resizing import service
from sessions_api.runs.resizing.wish import Patch

log = logging.getLogger(__name__)

EVERY = 1.0
"""Seconds between two looks; without anything to do one is a single statement."""
LEARN_EVERY = 600.0
"""Seconds after which the cluster is asked again what it can do: it may have been upgraded."""


class Resizing:
    """The loop of one process."""

    def __init__(self, database: Database, cluster: Cluster) -> None:
        self._database = database
        self._cluster = cluster
        self._learned: float | None = None

    async def run(self) -> None:
        """Looks again and again until cancelled."""
        with self._database.bus.subscribe(runs.DRIVER) as woken:
            await forever(
                self._learn_and_look,
                partial(woken.wait, EVERY),
                log,
                failed="could not resize",
                away=(ClusterAwayError,),
                nothing="nothing resized",
            )

    async def _learn_and_look(self) -> None:
        if self._learned is None or time.monotonic() - self._learned > LEARN_EVERY:
            await self._cluster.learn()
            self._learned = time.monotonic()
        await self.look()

    async def look(self) -> None:
        """One look.

        Raises:
            ClusterAwayError: the cluster does not answer.
        """
        async with self._database.read() as db:
            found = await service.under_way(db)
        for run_id, attempt in found:
            await self._look_at(run_id, attempt)

    async def _look_at(self, run_id: str, attempt: int) -> None:
        program = await self._cluster.program(run_id, attempt)
        if program is None:
            # It is ending; then the wish ends with it.
            return
        async with self._database.read() as db:
            step = await service.next_step(db, run_id, attempt, program)
        if isinstance(step, Patch):
            try:
                await self._cluster.resize(program, limits=step.limits, requests=step.requests)
            except ClusterRefusedError as error:
                async with self._database.write() as db:
                    await service.refused(db, run_id, attempt, patch=step, program=program, why=str(error))
        elif step != "wait":
            async with self._database.write() as db:
                await service.settle(db, run_id, attempt, program)
