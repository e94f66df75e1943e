"""Takes away what nothing owns any more: pods of runs that are over, /work of sessions that were removed.

The spawner ends what it knows of. This is for what nobody knows of: a hub lost its database, or was away when
a project was removed. What an installation made carries its name as a label; nothing else is touched.
"""

import asyncio
import logging
from collections.abc import Iterable, Mapping
from datetime import timedelta

from sessions_api.cluster.client import Cluster, ClusterAwayError, ClusterRefusedError, Found
from sessions_api.cluster.snapshots import Snapshots
from sessions_api.kit import clock
from sessions_api.kit.db import Database
from sessions_api.runs import metrics, service
from sessions_api.runs.kept.sweeping import KeptSweep
from sessions_api.runs.service import Place
from sessions_api.sessions import service as sessions
from spawner.pod import labels

log = logging.getLogger(__name__)

EVERY = 30.0
YOUNG = timedelta(seconds=60)
"""What is younger is left alone: whoever made it may still be at it."""


class Sweep:
    """The sweep of one process. Two at once do no harm: each deletion names one object by its uid.

    Only what was unowned at two looks is taken away, so that the spawner has had its time.
    """

    def __init__(
        self,
        database: Database,
        cluster: Cluster,
        *,
        snapshots: Snapshots | None = None,
        young: timedelta = YOUNG,
    ) -> None:
        self._database = database
        self._cluster = cluster
        self._young = young
        self._seen: set[str] = set()
        self._kept = None if snapshots is None else KeptSweep(database, snapshots, young=young)

    async def run(self) -> None:
        """Looks again and again until cancelled."""
        while True:
            try:
                await self.look()
                metrics.CLUSTER_UP.set(1)
            except ClusterAwayError as error:
                metrics.CLUSTER_UP.set(0)
                log.info("nothing swept: %s", error)
            except Exception:
                log.exception("could not sweep")
            await asyncio.sleep(EVERY)

    async def look(self) -> None:
        """One look.

        Raises:
            ClusterAwayError: the cluster does not answer.
        """
        await self._look_at_kept()
        found = await self._cluster.pods()
        pods = self._old(found)
        claims = self._old(await self._cluster.work_claims())
        async with self._database.read() as db:
            places = await service.live_places(db, [pod.labels[labels.RUN] for pod in found])
            removed = await sessions.removed_ids(
                db, {claim.labels[labels.SESSION] for claim in claims if labels.SESSION in claim.labels}
            )
        await self._note_nodes(found, places)
        over = [pod for pod in pods if not _is_of(pod, places.get(pod.labels[labels.RUN]))]
        used = {pod.labels.get(labels.SESSION) for pod in pods}
        left = [
            claim
            for claim in claims
            if claim.labels.get(labels.SESSION) in removed and claim.labels[labels.SESSION] not in used
        ]
        for pod in self._unowned_twice(over):
            log.warning("deleting pod %s: its run %s is over", pod.name, pod.labels[labels.RUN])
            await self._cluster.delete_pod(pod)
            metrics.MENDED.labels("pod_unowned").inc()
        for claim in self._unowned_twice(left):
            log.warning("deleting claim %s: its session was removed", claim.name)
            await self._cluster.delete_claim(claim)
            metrics.MENDED.labels("claim_unowned").inc()
        self._seen = {one.uid for one in (*over, *left)}

    async def _look_at_kept(self) -> None:
        if self._kept is None or not self._cluster.snapshots:
            return
        try:
            await self._kept.look()
        except ClusterRefusedError as error:
            # Pods and claims are swept all the same.
            log.warning("what is kept was not looked at: %s", error)

    async def _note_nodes(self, pods: Iterable[Found], known: Mapping[str, Place]) -> None:
        """Writes down where runs are, for administrators; only what is new is written."""
        nodes = {
            pod.labels[labels.RUN]: pod.node
            for pod in pods
            if (place := known.get(pod.labels[labels.RUN])) is not None
            and _is_of(pod, place)
            and pod.node not in {None, place.node}
        }
        if nodes:
            async with self._database.write() as db:
                await service.note_nodes(db, nodes)

    def _unowned_twice(self, found: Iterable[Found]) -> list[Found]:
        return [one for one in found if one.uid in self._seen]

    def _old(self, found: Iterable[Found]) -> list[Found]:
        now = clock.now()
        return [one for one in found if now - one.created >= self._young]


def _is_of(pod: Found, place: Place | None) -> bool:
    """Whether it is the pod of the attempt that a run is at."""
    return place is not None and pod.labels[labels.ATTEMPT] == str(place.attempt)
