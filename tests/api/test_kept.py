"""What becomes of /work at a stop where it is kept: claims and snapshots of a real API, without sessions."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from fastapi import FastAPI

from sessions_api.cluster.client import Cluster
from sessions_api.cluster.snapshots import Snapshots
from sessions_api.kit import clock
from sessions_api.kit.db import Database
from sessions_api.runs import store
from sessions_api.runs.kept import service
from sessions_api.runs.kept.keeper import Keeper
from sessions_api.runs.kept.sweeping import KeptSweep
from sessions_api.runs.tables import KeptWork, Run
from spawner.pod import labels
from tests.api.conftest import Client
from tests.api.held import held
from tests.kube import Kubectl, kubernetes, namespace
from tests.snapshots.driver import SnapshotDriver

__all__ = ["kubernetes", "namespace"]

pytestmark = [pytest.mark.cluster, pytest.mark.parametrize("database", ["sqlite"], indirect=True)]

OURS = "kept"


@pytest.fixture
def driver(namespace: Kubectl) -> Iterator[SnapshotDriver]:
    with SnapshotDriver(namespace) as made:
        yield made


@pytest.fixture
async def cluster(app: FastAPI, namespace: Kubectl, driver: SnapshotDriver) -> Cluster:
    """The cluster as the service asks it; it has snapshots, and /work is kept for a week."""
    app.state.cluster = made = Cluster(namespace.namespace, OURS)
    app.state.settings = app.state.settings.model_copy(update={"kept_days": 7})
    await made.learn()
    return made


@pytest.fixture
async def session(ann: Client, project: str) -> dict[str, Any]:
    """Ann's session."""
    return await ann.made(f"{project}/sessions", environment="minimal")


@pytest.fixture
async def run(
    ann: Client, database: Database, cluster: Cluster, *, session: dict[str, Any], namespace: Kubectl
) -> Run:
    """Ann's paused run, which has a /work, and which she stops."""
    path = f"/projects/terrain/sessions/{session['slug']}"
    started = str((await ann.post(f"{path}/start")).json()["id"])
    async with database.write() as db:
        await store.set_values(db, started, phase="paused", slot=None)
    namespace.apply(_claim(session["id"], storage_class=f"snap-{namespace.namespace}"))
    stopped = await ann.post(f"{path}/stop")
    assert stopped.status_code == 202, stopped.text
    return await held(database, started)


def _claim(session: str, storage_class: str) -> dict[str, Any]:
    marks = {
        labels.INSTALLATION: OURS,
        labels.SESSION: session,
        labels.PERSON: "ann",
        labels.WORK: "true",
    }
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": "work", "labels": marks},
        "spec": {
            "accessModes": ["ReadWriteOnce"],
            "storageClassName": storage_class,
            "resources": {"requests": {"storage": "1Mi"}},
        },
    }


def keeper(database: Database, cluster: Cluster, driver: SnapshotDriver, kind: str = "") -> Keeper:
    snapshots = Snapshots(cluster, snapshot_class=f"{driver.name}{kind}")
    return Keeper(database, cluster, snapshots, error_for=timedelta(0))


async def let_go(keeper: Keeper, run: Run) -> None:
    for _ in range(300):
        if await keeper.lets_go(run):
            return
        await asyncio.sleep(0.1)
    raise AssertionError("The volume is not let go.")


async def kept_of(database: Database, run: Run) -> KeptWork | None:
    async with database.read() as db:
        return await service.of_run(db, run.id)


def snapshots(namespace: Kubectl) -> list[str]:
    return namespace("get", "volumesnapshots", "-o", "name").split()


async def test_the_volume_is_not_let_go_before_its_snapshot_is_ready_whoever_asks(
    ann: Client,
    database: Database,
    cluster: Cluster,
    *,
    run: Run,
    driver: SnapshotDriver,
    namespace: Kubectl,
) -> None:
    for _ in range(3):
        # Each is another process: the ones before were killed.
        assert not await keeper(database, cluster, driver, "-slow").lets_go(run)
    assert (await ann.get("/kept")).json()["items"] == []

    (driver.folder / "go").touch()
    await let_go(keeper(database, cluster, driver, "-slow"), run)

    [kept] = (await ann.get("/kept")).json()["items"]
    assert kept["run"] == run.id
    assert len(snapshots(namespace)) == 1, "one was made, however often it was asked for"


async def test_what_cannot_be_kept_is_not_deleted_and_its_person_is_told(
    ann: Client, database: Database, cluster: Cluster, *, run: Run, driver: SnapshotDriver, namespace: Kubectl
) -> None:
    broken = keeper(database, cluster, driver, "-broken")
    async with asyncio.timeout(30):
        while (await held(database, run.id)).wish == "stop":
            assert not await broken.lets_go(run)
            await asyncio.sleep(0.1)

    now = await held(database, run.id)
    assert (now.phase, now.wish) == ("paused", "run")
    said = (await ann.get(f"/runs/{run.id}/log")).json()["lines"][-1]["text"]
    assert said == ("/work could not be kept, so it was not deleted. The cluster says: the array is on fire")
    for_good = await ann.post("/projects/terrain/sessions/minimal/stop?keep=false")
    assert for_good.json()["wish"] == "stop"
    assert await broken.lets_go(run), "nothing is to be kept any more"


async def test_what_nobody_made_is_nothing_to_keep(
    database: Database, cluster: Cluster, *, run: Run, driver: SnapshotDriver, namespace: Kubectl
) -> None:
    namespace("delete", "pvc", "work", "--wait=true")

    await let_go(keeper(database, cluster, driver), run)

    assert await kept_of(database, run) is None
    assert snapshots(namespace) == []


async def test_what_is_kept_goes_after_its_days_and_is_nobody_elses(
    ann: Client,
    bob: Client,
    database: Database,
    cluster: Cluster,
    *,
    run: Run,
    driver: SnapshotDriver,
    namespace: Kubectl,
) -> None:
    await let_go(keeper(database, cluster, driver), run)
    sweep = KeptSweep(database, Snapshots(cluster, snapshot_class=""), young=timedelta(0))
    [kept] = (await ann.get("/kept")).json()["items"]

    for _ in range(3):
        await sweep.look()
    assert len(snapshots(namespace)) == 1, "it is kept"
    await bob.refused(f"/kept/{kept['id']}", 404, "DELETE")

    async with database.write() as db:
        row = await db.get(KeptWork, kept["id"])
        assert row is not None
        row.expires_at = clock.now() - timedelta(seconds=1)
    assert (await ann.get("/kept")).json()["items"] == [], "nobody is offered what is over"
    for _ in range(2):
        await sweep.look()

    assert snapshots(namespace) == []
    assert await kept_of(database, run) is None


async def test_a_snapshot_that_somebody_deleted_is_not_offered_any_more(
    ann: Client, database: Database, cluster: Cluster, *, run: Run, driver: SnapshotDriver, namespace: Kubectl
) -> None:
    await let_go(keeper(database, cluster, driver), run)
    namespace("delete", "volumesnapshots", "--all")
    sweep = KeptSweep(database, Snapshots(cluster, snapshot_class=""), young=timedelta(0))

    for _ in range(2):
        await sweep.look()

    assert (await ann.get("/kept")).json()["items"] == []


async def test_a_removed_session_leaves_nothing(
    ann: Client, database: Database, cluster: Cluster, *, run: Run, driver: SnapshotDriver, namespace: Kubectl
) -> None:
    await let_go(keeper(database, cluster, driver), run)
    async with database.write() as db:
        await store.set_values(db, run.id, phase="stopped", wish="run")
    assert (await ann.delete("/projects/terrain/sessions/minimal")).status_code == 204

    sweep = KeptSweep(database, Snapshots(cluster, snapshot_class=""), young=timedelta(0))
    for _ in range(2):
        await sweep.look()

    assert snapshots(namespace) == []
