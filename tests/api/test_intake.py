"""What is written of the spawner's reports."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from fastapi import FastAPI

from sessions_api.kit.db import Database
from sessions_api.people.viewer import Viewer
from sessions_api.projects import service as projects
from sessions_api.runs import intake, starting
from sessions_api.runs import service as runs
from sessions_api.runs.schemas import Overrides
from sessions_api.runs.tables import RunStage
from sessions_api.sessions import service as sessions
from spawner.reports import Reports, StageReport, StageState
from tests.api.conftest import Client
from tests.api.kinds import PACKAGES

BEGAN = datetime(2026, 1, 1, tzinfo=UTC)


async def test_a_stage_that_waits_for_one_thing_after_another_keeps_its_clock(
    app: FastAPI, ann: Client, project: str
) -> None:
    await ann.made(f"{project}/sessions", environment="minimal")
    database: Database = app.state.database
    async with database.write() as db:
        access = await projects.access(db, Viewer("ann"), "terrain")
        session = await sessions.get(db, access, "minimal")
        run = await starting.start(db, access, session, Overrides(), kinds=PACKAGES)
        db.add(
            RunStage(
                run_id=run.id,
                attempt=1,
                position=0,
                key="schedule",
                title="Scheduling",
                state="next",
                started_at=None,
                ended_at=None,
                detail="",
            )
        )

    async def reported(number: int, state: StageState, detail: str) -> RunStage:
        at = BEGAN + timedelta(seconds=number)
        event = StageReport(at=at, stage="schedule", state=state, detail=detail)
        async with database.write() as db:
            await intake.take(db, run.id, Reports(attempt=1, reporter="r", seq=number, events=(event,)))
        async with database.read() as db:
            return (await runs.stages(db, run))[0]

    await reported(1, "now", "Waiting for a node.")
    waiting = await reported(9, "now", "A node is being added.")
    assert (waiting.started_at, waiting.detail) == (BEGAN + timedelta(seconds=1), "A node is being added.")
    done = await reported(20, "done", "")
    assert (done.started_at, done.ended_at) == (BEGAN + timedelta(seconds=1), BEGAN + timedelta(seconds=20))
