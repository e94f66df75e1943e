"""Asks the cluster's metrics API what sessions use, and Prometheus for what that does not tell."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace

from sessions_api.cluster.client import Cluster, ClusterAwayError, Metered
from sessions_api.cluster.prometheus import Prometheus, PrometheusAwayError
from sessions_api.kit.db import Database
from sessions_api.runs.usage import service
from sessions_api.runs.usage.samples import Sample
from spawner.pod import labels

log = logging.getLogger(__name__)

EVERY = 30.0
"""Seconds between two looks; kubelets are asked as seldom by the metrics server."""


class Metering:
    """The loop of one process; several write the same."""

    def __init__(self, database: Database, cluster: Cluster, prometheus: Prometheus | None = None) -> None:
        self._database = database
        self._cluster = cluster
        self._prometheus = prometheus
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
        samples = [(one, sample) for one in found if (sample := _sample(one)) is not None]
        try:
            samples = await self._more(samples)
            self._told = False
        except PrometheusAwayError as error:
            self._tell(f"disks and GPUs of sessions are not known: {error}")
        if samples:
            async with self._database.write() as db:
                await service.take(db, [sample for _, sample in samples])

    async def _more(self, samples: list[tuple[Metered, Sample]]) -> list[tuple[Metered, Sample]]:
        """The samples with disks and GPUs, where Prometheus knows them.

        Raises:
            ClusterAwayError, PrometheusAwayError: it is not known.
        """
        if self._prometheus is None or not samples:
            return samples
        disks, gpus = await self._prometheus.disks(), await self._prometheus.gpus()
        claims = {_owner(claim.labels): claim.name for claim in await self._cluster.work_claims()}
        return [
            (
                one,
                replace(
                    sample,
                    disk_bytes=disks.get(claims.get(_owner(one.labels), "")),
                    gpus=gpus.get(one.pod),
                ),
            )
            for one, sample in samples
        ]

    def _tell(self, what: str) -> None:
        """Once, until it is otherwise."""
        if not self._told:
            log.info(what)
        self._told = True


def _owner(said: dict[str, str]) -> tuple[str | None, str | None]:
    """Whose pod or claim it is, by its labels."""
    return said.get(labels.SESSION), said.get(labels.PERSON)


def _sample(one: Metered) -> Sample | None:
    run, attempt = one.labels.get(labels.RUN), one.labels.get(labels.ATTEMPT, "")
    if run is None or not attempt.isdecimal():
        return None
    return Sample(run, int(attempt), one.cpus, one.memory_bytes, None)
