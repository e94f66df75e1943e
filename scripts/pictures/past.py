"""Launches of the past few weeks, written straight into the database: nobody waits for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession
from ulid import ULID

from sessions_api.environments import service as environments
from sessions_api.kit import clock
from sessions_api.kit.ids import server_name
from sessions_api.people.viewer import Viewer
from sessions_api.projects import service as projects
from sessions_api.projects.tables import Project
from sessions_api.runs.tables import Run, RunStage
from sessions_api.sessions import service as sessions
from sessions_api.sessions.tables import Session
from spawner.spec import Stage, stages


@dataclass(frozen=True)
class Past:
    """Launches of a session that worked.

    Attributes:
        days: how many days ago each was.
        seconds: how long each part of the newest took: environment, every clone, the start. Older ones took
            up to twice that.
    """

    project: str
    session: str
    days: Sequence[float]
    seconds: tuple[float, float, float]
    repositories: tuple[str, ...] = ()


async def write(db: AsyncSession, person: str, past: Past) -> None:
    """Writes the launches, the oldest first."""
    access = await projects.access(db, Viewer(person), past.project)
    session = await sessions.get(db, access, past.session)
    environment = (await environments.by_ids(db, [session.environment_id]))[session.environment_id]
    planned = stages(
        environment=environment.name,
        front_end="JupyterLab",
        repositories=past.repositories,
        storages=(),
        is_image=False,
        is_pod=False,
    )
    for place, days in enumerate(sorted(past.days, reverse=True)):
        slowness = 2 - (place + 1) / len(past.days)
        durations = _durations(past, slowness)
        run = _run(access.project, session, person, clock.now() - timedelta(days=days), sum(durations))
        db.add(run)
        await db.flush()
        db.add_all(_done(run, planned, durations))
    await db.flush()


def _durations(past: Past, slowness: float) -> list[float]:
    environment, clone, start = past.seconds
    clones = [clone * slowness for _ in past.repositories]
    return [0.1, environment * slowness, *clones, start * slowness, 0.0]


def _run(project: Project, session: Session, person: str, began: datetime, seconds: float) -> Run:
    ready = began + timedelta(seconds=seconds)
    return Run(
        # Runs are listed by their ids, which begin with the time.
        id=str(ULID.from_datetime(began)),
        person=person,
        project_id=project.id,
        session_id=session.id,
        environment_id=session.environment_id,
        version_id=session.version_id,
        server=server_name(project.slug, session.slug, session.id),
        slot=None,
        phase="stopped",
        wish="run",
        attempt=1,
        spec=None,
        overrides={"without": [], "refs": {}},
        reason=None,
        url="",
        created_at=began,
        launched_at=began,
        ready_at=ready,
        ended_at=ready + timedelta(minutes=20 + began.day * 7),
        asked=1,
        reporter="",
        reported=0,
    )


def _done(run: Run, planned: Sequence[Stage], durations: Sequence[float]) -> list[RunStage]:
    """The stages, one after the other."""
    began = [run.launched_at + timedelta(seconds=sum(durations[:place])) for place in range(len(planned) + 1)]
    return [
        RunStage(
            run_id=run.id,
            attempt=1,
            position=position,
            key=stage.key,
            title=stage.title,
            state="done",
            started_at=began[position],
            ended_at=began[position + 1],
            detail="",
        )
        for position, stage in enumerate(planned)
    ]
