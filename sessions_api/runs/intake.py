"""Takes in what the spawner reports, and gives it what it launches by. Each delivery counts once."""

from sqlalchemy.ext.asyncio import AsyncSession

from sessions_api.audit.service import By
from sessions_api.kit.errors import Conflict, NotFound
from sessions_api.runs import metrics, service, store
from sessions_api.runs.tables import Run, RunStage
from spawner.reports import EndedReport, LogReport, ReadyReport, Reports, StageReport
from spawner.spec import QUEUED, READY, LaunchSpec

TRIM_EVERY = 10
"""Deliveries after which a run that says very much loses its oldest lines; each has 500 at most."""


async def launching(db: AsyncSession, run_id: str) -> tuple[Run, LaunchSpec]:
    """A run that is to be launched, and its frozen spec.

    Raises:
        NotFound: there is no such run.
        Conflict: the run is not to be launched (any more).
    """
    run = await store.get(db, run_id)
    if run is None:
        raise NotFound(f"There is no run {run_id}.")
    if run.phase != "launching" or run.wish != "run" or run.spec is None:
        raise Conflict(f"Run {run_id} is not to be launched: it is {run.phase}.", code="not_launching")
    return run, LaunchSpec.model_validate({**run.spec, "attempt": run.attempt})


async def take(db: AsyncSession, run_id: str, reports: Reports) -> None:
    """Writes what the spawner reports.

    Raises:
        NotFound: there is no such run.
    """
    run = await store.hold(db, run_id)
    if run is None:
        raise NotFound(f"There is no run {run_id}.")
    if reports.attempt != run.attempt or (reports.reporter == run.reporter and reports.seq <= run.reported):
        return
    run.reporter, run.reported = reports.reporter, reports.seq
    stages = {stage.key: stage for stage in await store.stages(db, run.id, run.attempt)}
    for event in reports.events:
        match event:
            case StageReport():
                _stage(db, run, stages.get(event.stage), event)
            case LogReport():
                service.record(db, run, "log", {"source": event.source, "text": event.text}, event.at)
            case ReadyReport():
                await _ready(db, run, stages.get(READY), event)
            case EndedReport():
                await service.ended(db, run, event.reason, event.at, by=By.HUB)
    await db.flush()
    if reports.seq % TRIM_EVERY == 0 or any(isinstance(event, EndedReport) for event in reports.events):
        await store.trim_events(db, run.id, run.attempt)


def _stage(db: AsyncSession, run: Run, stage: RunStage | None, event: StageReport) -> None:
    if stage is None:
        return
    goes_on = stage.state == event.state == "now"
    stage.state = event.state
    # What stands at the first stage was written before the spawner knew of the run.
    stage.detail = event.detail or (stage.detail if stage.key == QUEUED else "")
    if event.state == "now":
        # While it is waited for this or that the stage is the same, and so is its clock.
        stage.started_at, stage.ended_at = (stage.started_at if goes_on else event.at), None
    else:
        stage.started_at = stage.started_at or event.at
        stage.ended_at = event.at
        if event.state == "done":
            metrics.passed(stage)
    data = {"key": stage.key, "title": stage.title, "state": stage.state, "detail": stage.detail}
    service.record(db, run, "stage", data, event.at)


async def _ready(db: AsyncSession, run: Run, stage: RunStage | None, event: ReadyReport) -> None:
    if run.phase == "launching" and stage is not None:
        stage.state, stage.started_at, stage.ended_at = "done", stage.started_at or event.at, event.at
    await service.became_ready(db, run, event.url, event.at)
