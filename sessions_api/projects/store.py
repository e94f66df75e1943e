"""SQL of projects, members and folders."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import delete, func, select, true, update
from sqlalchemy.ext.asyncio import AsyncSession

from sessions_api.kit.db import of_ids
from sessions_api.kit.paging import Paging
from sessions_api.people.viewer import Viewer
from sessions_api.projects.tables import Member, Project, ProjectFolder, ProjectGroup
from sessions_api.rights.store import roles, visible

Seen = tuple[Project, tuple[str | None, str | None]]
"""A project, and the roles that the viewer has in it: their own, and the highest of their groups'."""


async def get(db: AsyncSession, viewer: Viewer, slug: str) -> Seen | None:
    """A project that the viewer may see."""
    found = await db.execute(
        select(Project, *roles(viewer)).where(Project.slug == slug, visible(viewer, Project))
    )
    row = found.first()
    return None if row is None else (row[0], (row[1], row[2]))


async def present(db: AsyncSession, slug: str) -> Project | None:
    """The project that is called so, whoever sees it."""
    return await db.scalar(select(Project).where(Project.slug == slug, Project.removed_at.is_(None)))


async def listing(db: AsyncSession, viewer: Viewer, paging: Paging, search: str) -> Sequence[Seen]:
    """Projects that the viewer may see, newest first."""
    found = await db.execute(
        select(Project, *roles(viewer))
        .where(
            visible(viewer, Project),
            Project.id < paging.after if paging.after else true(),
            Project.name.icontains(search, autoescape=True) if search else true(),
        )
        .order_by(Project.id.desc())
        .limit(paging.limit + 1)
    )
    return [(row[0], (row[1], row[2])) for row in found]


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


async def is_member(db: AsyncSession, project_id: str, person: str, groups: Collection[str]) -> bool:
    """Whether a person belongs to a project, by themselves or by one of the groups."""
    if await member(db, project_id, person) is not None:
        return True
    by_group = select(ProjectGroup.group).where(
        ProjectGroup.project_id == project_id, ProjectGroup.group.in_(groups)
    )
    return bool(groups) and await db.scalar(by_group.limit(1)) is not None


async def groups(db: AsyncSession, project_id: str, paging: Paging) -> Sequence[ProjectGroup]:
    """The project's groups by name, one more than asked for if there is."""
    found = await db.scalars(
        select(ProjectGroup)
        .where(
            ProjectGroup.project_id == project_id,
            ProjectGroup.group > paging.after if paging.after else true(),
        )
        .order_by(ProjectGroup.group)
        .limit(paging.limit + 1)
    )
    return found.all()


async def group(db: AsyncSession, project_id: str, name: str) -> ProjectGroup | None:
    """One group."""
    return await db.get(ProjectGroup, (project_id, name))


async def remove_group(db: AsyncSession, project_id: str, name: str) -> None:
    """Takes a group out of the project."""
    await db.execute(
        delete(ProjectGroup).where(ProjectGroup.project_id == project_id, ProjectGroup.group == name)
    )


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
    return await of_ids(db, Project, project_ids)


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
