"""Writes thousands of sessions with their runs straight into a database: one by one it takes hours."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from sessions_api.environments import service as environments
from sessions_api.environments.tables import Environment, EnvironmentVersion
from sessions_api.kit import clock
from sessions_api.kit.db import Database
from sessions_api.kit.events import Bus
from sessions_api.kit.ids import new_id, server_name
from sessions_api.people.viewer import Viewer
from sessions_api.projects import service as projects
from sessions_api.projects.tables import Project
from sessions_api.runs.tables import Run, RunStage
from sessions_api.sessions.tables import Session
from spawner.spec import QUEUED, READY, STARTING

PHASES = ("paused", "failed", "stopped", "paused", "paused")
"""What became of the viewer's runs, in turn; every second session has runs, two of them."""


@dataclass(frozen=True)
class Size:
    """A project and how many sessions it has."""

    name: str
    sessions: int

    @property
    def slug(self) -> str:
        """As in addresses."""
        return self.name.lower()


async def fill(database_url: str, person: str, *sizes: Size) -> None:
    """Writes one project for each size; the database may be in use."""
    database = Database(database_url, Bus())
    try:
        for size in sizes:
            async with database.write() as db:
                await write_project(db, person, size)
    finally:
        await database.close()


async def write_project(db: AsyncSession, person: str, size: Size) -> None:
    """Writes a project, its sessions and the person's runs of them."""
    access = await projects.create(db, Viewer(person), name=size.name, description="", visibility="private")
    environment = await environments.get(db, Viewer(person), "minimal")
    version = await environments.latest(db, environment.id)
    now = clock.now()
    sessions = [
        session_row(access.project, environment, version, number, now) for number in range(size.sessions)
    ]
    db.add_all(sessions)
    await db.flush()
    for number, session in enumerate(sessions[::2]):
        phase = PHASES[number % len(PHASES)]
        runs = [run_row(access.project, session, person, phase, now) for _ in range(2)]
        db.add_all(runs)
        await db.flush()
        db.add_all(stage for run in runs for stage in _stages(run, now))
    await db.flush()


def session_row(
    project: Project, environment: Environment, version: EnvironmentVersion, number: int, now: datetime
) -> Session:
    """A session of a project, its default one if it is the first."""
    return Session(
        id=new_id(),
        project_id=project.id,
        slug=f"session-{number:05}",
        name=f"Session {number:05}",
        description="",
        environment_id=environment.id,
        version_id=version.id,
        cpus=2.0,
        memory_gib=4.0,
        repositories=None,
        storages=None,
        variables={},
        is_default=number == 0,
        created_by="somebody",
        created_at=now,
        updated_at=now,
        removed_at=None,
        revision=1,
    )


def run_row(project: Project, session: Session, person: str, phase: str, now: datetime) -> Run:
    """A run of a session, not live."""
    return Run(
        id=new_id(),
        person=person,
        project_id=project.id,
        session_id=session.id,
        environment_id=session.environment_id,
        version_id=session.version_id,
        server=server_name(project.slug, session.slug, session.id),
        slot=None,
        phase=phase,
        wish="run",
        attempt=1,
        spec=None,
        overrides={"without": [], "refs": {}},
        reason=None,
        url="",
        created_at=now,
        launched_at=now,
        ready_at=now,
        ended_at=now,
        asked=1,
        reporter="",
        reported=0,
    )


def _stages(run: Run, now: datetime) -> list[RunStage]:
    return [
        RunStage(
            run_id=run.id,
            attempt=1,
            position=position,
            key=key,
            title=key.capitalize(),
            state="done",
            started_at=now,
            ended_at=now,
            detail="",
        )
        for position, key in enumerate((QUEUED, STARTING, READY))
    ]
