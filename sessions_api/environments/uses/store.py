"""SQL of where environments are used."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import CompoundSelect, Select, case, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from sessions_api.people.viewer import Viewer
from sessions_api.projects.tables import Project
from sessions_api.rights.store import visible
from sessions_api.runs.tables import Run
from sessions_api.sessions.tables import Session


@dataclass(frozen=True, slots=True)
class Used:
    """In how many projects an environment has sessions.

    Attributes:
        projects: of those that the viewer sees.
        others: of those that they do not.
    """

    projects: int = 0
    others: int = 0


async def counts(db: AsyncSession, viewer: Viewer, environment_ids: Collection[str]) -> dict[str, Used]:
    """In how many projects each environment has sessions; an environment without is not there."""
    seen = case((visible(viewer, Project), Session.project_id))
    found = await db.execute(
        select(
            Session.environment_id,
            func.count(Session.project_id.distinct()),
            func.count(seen.distinct()),
        )
        .join(Project, Project.id == Session.project_id)
        .where(
            Session.environment_id.in_(environment_ids),
            Session.removed_at.is_(None),
            Project.removed_at.is_(None),
        )
        .group_by(Session.environment_id)
    )
    return {row[0]: Used(row[2], row[1] - row[2]) for row in found}


async def in_project(db: AsyncSession, project_id: str, environment_ids: Collection[str]) -> set[str]:
    """Those of the environments that a project has sessions of."""
    found = await db.scalars(
        select(Session.environment_id).where(
            Session.project_id == project_id,
            Session.environment_id.in_(environment_ids),
            Session.removed_at.is_(None),
        )
    )
    return set(found)


async def projects(db: AsyncSession, viewer: Viewer, environment_id: str) -> tuple[Sequence[Project], int]:
    """The projects with sessions of an environment: those that the viewer sees by name, how many others."""
    using = (
        select(Session.project_id)
        .join(Project, Project.id == Session.project_id)
        .where(
            Session.environment_id == environment_id,
            Session.removed_at.is_(None),
            Project.removed_at.is_(None),
        )
        .distinct()
    )
    return await _split(db, viewer, using)


async def history(db: AsyncSession, viewer: Viewer, environment_id: str) -> tuple[Sequence[Project], int]:
    """The projects with runs of an environment, or what was a session of it: as `projects`."""
    ran = select(Run.project_id).where(Run.environment_id == environment_id)
    had = select(Session.project_id).where(Session.environment_id == environment_id)
    return await _split(db, viewer, ran.union(had))


async def _split(
    db: AsyncSession, viewer: Viewer, using: Select[str] | CompoundSelect[str]
) -> tuple[Sequence[Project], int]:
    ids = using.subquery()
    shown = await db.scalars(
        select(Project)
        .where(Project.id.in_(select(ids.c.project_id)), visible(viewer, Project))
        .order_by(Project.name, Project.id)
    )
    known = shown.all()
    whole = await db.scalar(select(func.count()).select_from(ids)) or 0
    return known, whole - len(known)
