"""A world of people and projects, written straight into a database."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from benchmarks.rows import run_row, session_row
from sessions_api.environments import service as environments
from sessions_api.kit import clock
from sessions_api.kit.db import Database
from sessions_api.kit.events import Bus
from sessions_api.people.viewer import Viewer
from sessions_api.projects import service as projects
from sessions_api.projects.tables import Member

PER_PROJECT, MEMBERS, RUNNING = 100, 5, 10
"""Of each project."""


@dataclass(frozen=True)
class World:
    """How many sessions there are, in projects that are alike: only how many others there are differs.

    Attributes:
        sessions: a multiple of `PER_PROJECT`.
    """

    sessions: int

    @property
    def projects(self) -> int:
        """How many projects there are."""
        return self.sessions // PER_PROJECT

    @property
    def people(self) -> int:
        """How many people there are, each in one project."""
        return self.projects * MEMBERS

    @property
    def live(self) -> int:
        """How many sessions run."""
        return self.projects * RUNNING


def members(project: int) -> list[str]:
    """The people of a project, its owner first."""
    return [f"person-{project * MEMBERS + number:03}" for number in range(MEMBERS)]


def slug(project: int) -> str:
    """The slug of one of the projects."""
    return f"project-{project:03}"


async def fill(database_url: str, world: World) -> dict[tuple[str, str], str]:
    """Writes the world; the runs that are live, by person and the hub's name of the server."""
    database = Database(database_url, Bus())
    live: dict[tuple[str, str], str] = {}
    try:
        for number in range(world.projects):
            async with database.write() as db:
                live |= await _project(db, number)
    finally:
        await database.close()
    return live


async def _project(db: AsyncSession, number: int) -> dict[tuple[str, str], str]:
    owner, *others = members(number)
    access = await projects.create(
        db, Viewer(owner), name=f"Project {number:03}", description="", visibility="private"
    )
    project, now = access.project, clock.now()
    db.add_all(Member(project_id=project.id, person=other, role="editor", created_at=now) for other in others)
    environment = await environments.get(db, Viewer(owner), "minimal")
    version = await environments.latest(db, environment.id)
    sessions = [session_row(project, environment, version, each, now) for each in range(PER_PROJECT)]
    db.add_all(sessions)
    await db.flush()
    runs = [
        run_row(project, session, members(number)[place % MEMBERS], "stopped", now)
        for place, session in enumerate(sessions)
    ]
    for run in runs[:RUNNING]:
        run.phase, run.ended_at, run.slot = "running", None, run.id
        run.url = f"/user/{run.person}/{run.server}/"
    db.add_all(runs)
    await db.flush()
    return {(run.person, run.server): run.id for run in runs[:RUNNING]}
