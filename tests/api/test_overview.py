"""Everybody's runs, as platform administrators read and end them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from fastapi import FastAPI

from sessions_api.kit import clock
from sessions_api.kit.db import Database
from sessions_api.resources import seeding
from sessions_api.resources.offers import Offer
from sessions_api.resources.pools import Pool
from sessions_api.runs import intake, service
from sessions_api.runs.tables import Run
from spawner.reasons import Reason
from spawner.reports import EndedReport, Reports
from tests.api.conftest import Client

OFFERS = (
    Offer(slug="small", name="Small", cpus=1, memoryGib=2, default=True),
    Offer(slug="large", name="Large", cpus=4, memoryGib=8),
)
POOL = Pool.model_validate(
    {"slug": "cpu", "name": "CPU", "quota": {"cpus": 4}, "classes": ["small", "large"]}
)


@pytest.fixture
async def admin(app: FastAPI) -> AsyncIterator[Client]:
    async with Client(app, "root") as client:
        yield client


async def started(client: Client, project: str, **session: Any) -> str:
    """A session of the person's own, started; the run's id."""
    made = await client.post(f"{project}/sessions", json={"environment": "minimal", **session})
    slug = made.json()["slug"] if made.status_code == 201 else session["name"].lower()
    answer = await client.post(f"{project}/sessions/{slug}/start")
    assert answer.status_code == 202, answer.text
    return str(answer.json()["id"])


async def listed(client: Client, path: str, **query: Any) -> list[dict[str, Any]]:
    answer = await client.get(path, params=query)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def set_to(database: Database, run: str, **values: Any) -> None:
    async with database.write() as db:
        found = await db.get(Run, run)
        assert found is not None
        for name, value in values.items():
            setattr(found, name, value)


async def failed(database: Database, run: str, code: str) -> None:
    """Lets a launch of the run end with a reason."""
    reason = Reason(code=code, sentence="It broke.", detail="a secret line of theirs")
    await set_to(database, run, phase="launching")
    end = EndedReport(at=clock.now(), reason=reason)
    async with database.write() as db:
        await intake.take(db, run, Reports(attempt=1, reporter="r", seq=1, events=(end,)))


async def test_every_live_run_is_told_and_none_of_its_content(
    ann: Client, bob: Client, admin: Client, database: Database, project: str
) -> None:
    first = await started(ann, project, name="Chart")
    second = await started(bob, project, name="Chart")
    await set_to(
        database, second, phase="running", node="node-7", url="/user/bob/secret/", ready_at=clock.now()
    )

    theirs, hers = await listed(admin, "/admin/runs")

    assert (hers["id"], hers["person"], hers["phase"]) == (first, "ann", "queued")
    assert (theirs["id"], theirs["person"], theirs["node"]) == (second, "bob", "node-7")
    assert theirs["project"] == {"slug": "terrain", "name": "Terrain"}
    assert (theirs["session"]["name"], theirs["environment"]["slug"]) == ("Chart", "minimal")
    assert not {"url", "reason", "page", "events"} & theirs.keys()
    assert [run["id"] for run in await listed(admin, "/admin/runs", node="node-7")] == [second]
    assert [run["id"] for run in await listed(admin, "/admin/runs", person="ann")] == [first]
    assert [run["id"] for run in await listed(admin, "/admin/runs", phase="running")] == [second]
    assert await listed(admin, "/admin/runs", project="another") == []
    assert len(await listed(admin, "/admin/runs", environment="minimal", project="terrain")) == 2


async def test_nobody_else_is_told_anything(ann: Client, project: str) -> None:
    run = await started(ann, project, name="Chart")
    for path in ("runs", "failures", "failed-runs", "queue", "resource-classes", "nodes"):
        problem = await ann.refused(f"/admin/{path}", 403, "GET")
        assert problem["detail"] == "This is for platform administrators."
    await ann.refused(f"/admin/runs/{run}/stop", 403)


async def test_long_lists_go_on(ann: Client, admin: Client, project: str) -> None:
    runs = [await started(client, project, name="Chart") for client in (ann, admin)]
    page = (await admin.get("/admin/runs", params={"limit": 1})).json()
    rest = (await admin.get("/admin/runs", params={"limit": 1, "cursor": page["next"]})).json()
    assert [page["items"][0]["id"], rest["items"][0]["id"]] == runs[::-1]
    assert rest["next"] is None


async def test_failures_are_counted_by_reason_within_a_time(
    ann: Client, bob: Client, admin: Client, database: Database, project: str
) -> None:
    for client, code in ((ann, "image_missing"), (bob, "image_missing"), (ann, "out_of_memory")):
        await failed(database, await started(client, project, name="Chart"), code)
    old = await started(bob, project, name="Chart")
    await failed(database, old, "node_lost")
    await set_to(database, old, failed_at=clock.now() - timedelta(days=3))

    today = await listed(admin, "/admin/failures", days=1)
    week = await listed(admin, "/admin/failures", days=7)

    assert [(each["code"], each["count"], each["people"]) for each in today] == [
        ("image_missing", 2, 2),
        ("out_of_memory", 1, 1),
    ]
    assert [each["code"] for each in week] == ["image_missing", "node_lost", "out_of_memory"]
    those = await listed(admin, "/admin/failed-runs", code="image_missing", days=1)
    assert [run["person"] for run in those] == ["bob", "ann"]
    assert "secret line" not in str(those)
    page = (await admin.get("/admin/failures", params={"limit": 2})).json()
    rest = (await admin.get("/admin/failures", params={"limit": 2, "cursor": page["next"]})).json()
    assert [each["code"] for each in rest["items"]] == ["out_of_memory"]


async def test_a_failure_is_counted_after_what_it_left_was_deleted(
    ann: Client, admin: Client, database: Database, project: str
) -> None:
    run = await started(ann, project, name="Chart")
    await failed(database, run, "image_missing")
    async with database.write() as db:
        held = await db.get(Run, run)
        assert held is not None
        service.stopped(db, held, clock.now())
    assert [each["code"] for each in await listed(admin, "/admin/failures")] == ["image_missing"]


async def test_the_queue_is_told_in_its_order_and_so_is_what_is_taken(
    ann: Client, bob: Client, admin: Client, database: Database, project: str
) -> None:
    async with database.write() as db:
        await seeding.seed(db, OFFERS, [POOL])
    for client, name, size in ((ann, "One", "large"), (bob, "Two", "small"), (admin, "Three", "small")):
        await ann.made(f"{project}/sessions", environment="minimal", name=name, resource_class=size)
        await started(client, project, name=name)

    waiting = await listed(admin, "/admin/queue")
    page = (await admin.get("/admin/queue", params={"limit": 1, "pool": "cpu"})).json()
    rest = (await admin.get("/admin/queue", params={"limit": 1, "cursor": page["next"]})).json()

    assert [(each["person"], each["queue"]["position"]) for each in waiting] == [("bob", 1), ("root", 2)]
    assert [page["items"][0]["person"], rest["items"][0]["person"]] == ["bob", "root"]
    assert await listed(admin, "/admin/queue", pool="another") == []
    await admin.refused("/admin/queue?cursor=eHg", 422, "GET")
    used = {each["slug"]: each for each in await listed(admin, "/admin/resource-classes")}
    assert used["large"]["taken"] == {"cpus": 4, "memory_gib": 8, "gpus": 0, "sessions": 1}
    assert used["small"]["taken"]["sessions"] == 0
    assert used["small"]["pool"] == "cpu"
    assert [each["person"] for each in await listed(admin, "/admin/runs", resource_class="large")] == ["ann"]


async def test_what_is_taken_on_each_node_is_told(
    ann: Client, bob: Client, admin: Client, database: Database, project: str
) -> None:
    for client, node in ((ann, "node-1"), (bob, "node-2"), (admin, "node-2")):
        run = await started(client, project, name="Chart")
        await set_to(database, run, phase="running", node=node, cpus=2.0, memory_gib=4.0)
    one, two = await listed(admin, "/admin/nodes")
    assert (one["node"], one["taken"]["cpus"]) == ("node-1", 2)
    assert (two["node"], two["taken"]["memory_gib"], two["taken"]["sessions"]) == ("node-2", 8, 2)
    page = (await admin.get("/admin/nodes", params={"limit": 1})).json()
    rest = (await admin.get("/admin/nodes", params={"limit": 1, "cursor": page["next"]})).json()
    assert [each["node"] for each in rest["items"]] == ["node-2"]


@pytest.mark.parametrize("wanted", ["pause", "stop"])
async def test_an_admin_ends_a_session_and_the_log_names_them(
    ann: Client, admin: Client, database: Database, *, project: str, wanted: str
) -> None:
    run = await started(ann, project, name="Chart")
    await set_to(database, run, phase="running", ready_at=clock.now())

    for _ in range(2):
        answer = await admin.post(f"/admin/runs/{run}/{wanted}")
        assert (answer.status_code, answer.json()["wish"]) == (202, wanted)

    entries = await listed(admin, "/audit", verb=f"run.{wanted}")
    assert [(each["person"], each["details"]) for each in entries] == [("root", {"of": "ann"})]
    told = (await ann.get(f"/runs/{run}/log")).json()["lines"]
    assert [line["text"] for line in told if "administrator" in line["text"]] == [
        f"{'Paused' if wanted == 'pause' else 'Stopped'} by the platform administrator root."
    ]


async def test_what_does_not_run_cannot_be_ended(
    ann: Client, admin: Client, database: Database, project: str
) -> None:
    run = await started(ann, project, name="Chart")
    await set_to(database, run, phase="stopped")
    assert (await admin.refused(f"/admin/runs/{run}/pause", 409))["code"] == "nothing_to_pause"
    await admin.refused("/admin/runs/01ARZ3NDEKTSV4RRFFQ69G5FAV/stop", 404)
