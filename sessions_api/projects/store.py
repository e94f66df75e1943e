"""SQL of projects, members and folders. Who may see a project is decided here, once: `_visible`."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Select, delete, func, or_, select, true, update
from sqlalchemy.ext.asyncio import AsyncSession

from sessions_api.kit.paging import Paging
from sessions_api.people.viewer import Viewer
from sessions_api.projects.tables import Member, Project, ProjectFolder


def _visible(viewer: Viewer) -> ColumnElement[bool]:
    return Project.removed_at.is_(None) & or_(Project.visibility == "public", Member.person == viewer.name)


def _own_membership(viewer: Viewer) -> ColumnElement[bool]:
    return (Member.project_id == Project.id) & (Member.person == viewer.name)


async def get(db: AsyncSession, viewer: Viewer, slug: str) -> tuple[Project, str | None] | None:
    """A project that the viewer may see, and their role in it as a member."""
    found = await db.execute(
        select(Project, Member.role)
        .outerjoin(Member, _own_membership(viewer))
        .where(Project.slug == slug, _visible(viewer))
    )
    row = found.first()
    return None if row is None else (row[0], row[1])


async def listing(
    db: AsyncSession, viewer: Viewer, paging: Paging, search: str
) -> Sequence[tuple[Project, str | None]]:
    """Projects that the viewer may see, newest first."""
    found = await db.execute(
        select(Project, Member.role)
        .outerjoin(Member, _own_membership(viewer))
        .where(
            _visible(viewer),
            Project.id < paging.after if paging.after else true(),
            Project.name.icontains(search, autoescape=True) if search else true(),
        )
        .order_by(Project.id.desc())
        .limit(paging.limit + 1)
    )
    return [(row[0], row[1]) for row in found]


async def slugs_like(db: AsyncSession, slug: str) -> set[str]:
    """Slugs in use that are `slug` or begin with it."""
    found = await db.scalars(
        select(Project.slug).where(
            Project.removed_at.is_(None), Project.slug.startswith(slug, autoescape=True)
        )
    )
    return set(found)


async def lock(db: AsyncSession, project_id: str) -> Project | None:
    """The project, held until the transaction ends: its parts change one after the other."""
    return await db.scalar(
        select(Project).where(Project.id == project_id, Project.removed_at.is_(None)).with_for_update()
    )


async def members(db: AsyncSession, project_id: str, paging: Paging) -> Sequence[Member]:
    """The project's members by name."""
    found = await db.scalars(
        select(Member)
        .where(Member.project_id == project_id, Member.person > paging.after if paging.after else true())
        .order_by(Member.person)
        .limit(paging.limit + 1)
    )
    return found.all()


async def member(db: AsyncSession, project_id: str, person: str) -> Member | None:
    """One member."""
    return await db.get(Member, (project_id, person))


async def count_members(db: AsyncSession, project_ids: Sequence[str]) -> dict[str, int]:
    """How many members each project has."""
    found = await db.execute(
        select(Member.project_id, func.count())
        .where(Member.project_id.in_(project_ids))
        .group_by(Member.project_id)
    )
    return dict(found.all())


async def count_owners(db: AsyncSession, project_id: str) -> int:
    """How many owners the project has."""
    return (
        await db.scalar(select(func.count()).where(Member.project_id == project_id, Member.role == "owner"))
        or 0
    )


async def remove_member(db: AsyncSession, project_id: str, person: str) -> None:
    """Takes a person out of the project."""
    await db.execute(delete(Member).where(Member.project_id == project_id, Member.person == person))


async def folders(db: AsyncSession, project_id: str) -> set[str]:
    """Folders of /work that are taken, in lower case."""
    found = await db.scalars(select(ProjectFolder.key).where(ProjectFolder.project_id == project_id))
    return set(found)


async def release_folder(db: AsyncSession, project_id: str, key: str) -> None:
    """Frees a folder."""
    await db.execute(
        delete(ProjectFolder).where(ProjectFolder.project_id == project_id, ProjectFolder.key == key)
    )


async def remove(db: AsyncSession, project_id: str, now: datetime) -> None:
    """Takes the project out of everybody's sight."""
    await db.execute(update(Project).where(Project.id == project_id).values(removed_at=now))


async def by_ids(db: AsyncSession, project_ids: Sequence[str]) -> dict[str, Project]:
    """Projects by id, removed ones too: the history names them."""
    found = await db.scalars(select(Project).where(Project.id.in_(project_ids)))
    return {project.id: project for project in found}


async def first_members(db: AsyncSession, project_ids: Sequence[str], most: int) -> Sequence[Member]:
    """Some members of each project, who came first."""
    ranked = (
        select(
            Member.project_id,
            Member.person,
            func.row_number()
            .over(partition_by=Member.project_id, order_by=(Member.created_at, Member.person))
            .label("place"),
        )
        .where(Member.project_id.in_(project_ids))
        .subquery()
    )
    found = await db.scalars(
        select(Member)
        .join(ranked, (Member.project_id == ranked.c.project_id) & (Member.person == ranked.c.person))
        .where(ranked.c.place <= most)
        .order_by(ranked.c.place)
    )
    return found.all()


def visible_ids(viewer: Viewer) -> Select[str]:
    """The ids of all projects that the viewer may see, to be part of another statement."""
    return select(Project.id).outerjoin(Member, _own_membership(viewer)).where(_visible(viewer))
