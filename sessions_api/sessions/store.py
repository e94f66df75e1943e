"""SQL of sessions."""

from collections.abc import Collection, Sequence

from sqlalchemy import ColumnElement, delete, func, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from sessions_api.kit.db import of_ids
from sessions_api.kit.paging import Paging
from sessions_api.people.viewer import Viewer
from sessions_api.projects.tables import Project
from sessions_api.rights.store import visible
from sessions_api.runs.tables import Run
from sessions_api.secrets.tables import Secret
from sessions_api.sessions.tables import Session


def _present(project_id: str) -> ColumnElement[bool]:
    return (Session.project_id == project_id) & Session.removed_at.is_(None)


async def lock(db: AsyncSession, project_id: str) -> bool:
    """Holds the project until the transaction ends: its sessions share one default. False when it is gone."""
    found = await db.scalar(
        select(Project.id).where(Project.id == project_id, Project.removed_at.is_(None)).with_for_update()
    )
    return found is not None


async def listing(db: AsyncSession, project_id: str, paging: Paging) -> Sequence[Session]:
    """Sessions of a project by slug, one more than asked for if there is."""
    found = await db.scalars(
        select(Session)
        .where(_present(project_id), Session.slug > paging.after if paging.after else true())
        .order_by(Session.slug)
        .limit(paging.limit + 1)
    )
    return found.all()


async def get(db: AsyncSession, project_id: str, slug_or_id: str) -> Session | None:
    """One session of a project, as it is now, whatever this transaction read before."""
    return await db.scalar(
        select(Session)
        .where(_present(project_id), or_(Session.slug == slug_or_id, Session.id == slug_or_id))
        .execution_options(populate_existing=True)
    )


async def by_ids(db: AsyncSession, ids: Collection[str]) -> dict[str, Session]:
    """Sessions by id, removed ones too: the history names them."""
    return await of_ids(db, Session, ids)


async def default_of(db: AsyncSession, project_id: str) -> Session | None:
    """The project's default session."""
    return await db.scalar(select(Session).where(_present(project_id), Session.is_default == true()))


async def oldest(db: AsyncSession, project_id: str) -> Session | None:
    """The session that was added first of those that are there."""
    return await db.scalar(select(Session).where(_present(project_id)).order_by(Session.id).limit(1))


async def names(db: AsyncSession, project_id: str, beginning: str) -> set[str]:
    """Names of the project's sessions that begin so."""
    found = await db.scalars(
        select(Session.name).where(_present(project_id), Session.name.startswith(beginning, autoescape=True))
    )
    return set(found)


async def slugs(db: AsyncSession, project_id: str, beginning: str) -> set[str]:
    """Slugs of the project's sessions that begin so."""
    found = await db.scalars(
        select(Session.slug).where(_present(project_id), Session.slug.startswith(beginning, autoescape=True))
    )
    return set(found)


async def defaults_of(db: AsyncSession, project_ids: Collection[str]) -> dict[str, Session]:
    """The default session of each project that has one, by the project's id."""
    found = await db.scalars(
        select(Session).where(
            Session.project_id.in_(project_ids), Session.removed_at.is_(None), Session.is_default == true()
        )
    )
    return {session.project_id: session for session in found}


async def of_environment(
    db: AsyncSession, viewer: Viewer, environment_id: str, most: int
) -> Sequence[Session]:
    """Sessions of an environment that the viewer sees, the newest first."""
    found = await db.scalars(
        select(Session)
        .where(Session.environment_id == environment_id, visible(viewer, Session))
        .order_by(Session.id.desc())
        .limit(most)
    )
    return found.all()


async def newest_of_environment(db: AsyncSession, project_id: str, environment_id: str) -> Session | None:
    """A project's newest session of an environment."""
    return await db.scalar(
        select(Session)
        .where(_present(project_id), Session.environment_id == environment_id)
        .order_by(Session.id.desc())
        .limit(1)
    )


async def share(db: AsyncSession, session_id: str) -> bool:
    """Holds a session against changes, together with others who do the same; False when it is removed."""
    found = await db.scalar(
        select(Session.id)
        .where(Session.id == session_id, Session.removed_at.is_(None))
        .with_for_update(read=True)
    )
    return found is not None


async def removed_ids(db: AsyncSession, session_ids: Collection[str]) -> set[str]:
    """Those of the sessions that were removed, by themselves or with their project."""
    gone = Session.removed_at.is_not(None) | Project.removed_at.is_not(None)
    found = await db.scalars(
        select(Session.id)
        .join(Project, Project.id == Session.project_id)
        .where(Session.id.in_(session_ids), gone)
    )
    return set(found)


async def forget_unused(db: AsyncSession, environment_id: str) -> None:
    """Deletes the sessions of an environment that were removed, or whose projects were, and never ran."""
    gone = select(Project.id).where(Project.removed_at.is_not(None))
    await db.execute(
        delete(Session).where(
            Session.environment_id == environment_id,
            Session.removed_at.is_not(None) | Session.project_id.in_(gone),
            ~select(Run.id).where(Run.session_id == Session.id).exists(),
        )
    )


async def largest_work(db: AsyncSession, session_id: str) -> float | None:
    """Size in GiB of the largest /work that somebody has of a session; None where none is known."""
    size: float | None = await db.scalar(
        select(func.max(Run.spec["resources"]["disk_gib"].as_float())).where(
            Run.session_id == session_id,
            Run.phase.in_({"launching", "running", "paused", "failed"}),
            Run.wish != "stop",
        )
    )
    return size


async def with_variable(db: AsyncSession, project_id: str, variable: str) -> Session | None:
    """A session of the project whose configuration sets an environment variable."""
    return await db.scalar(
        select(Session)
        .where(_present(project_id), Session.variables[variable].as_string().is_not(None))
        .order_by(Session.id)
        .limit(1)
    )


async def secret_variables(db: AsyncSession, project_id: str) -> dict[str, str]:
    """The project's secrets that are variables too: their names, by variable."""
    found = await db.execute(
        select(Secret.variable, Secret.name).where(
            Secret.project_id == project_id, Secret.variable.is_not(None)
        )
    )
    return {str(row[0]): row[1] for row in found}
