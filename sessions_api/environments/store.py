"""SQL of environments and versions."""

from collections.abc import Collection, Iterable, Sequence

from sqlalchemy import (
    ColumnElement,
    and_,
    case,
    delete,
    false,
    func,
    insert,
    or_,
    select,
    true,
    union_all,
    update,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from sessions_api.environments.filters import Filters
from sessions_api.environments.search import terms
from sessions_api.environments.search.terms import Kind
from sessions_api.environments.tables import (
    Environment,
    EnvironmentFavourite,
    EnvironmentProject,
    EnvironmentTerm,
    EnvironmentVersion,
)
from sessions_api.kit.db import of_ids
from sessions_api.people.viewer import Viewer
from sessions_api.projects.tables import Project
from sessions_api.rights.store import project_ids, visible
from sessions_api.sessions.tables import Session


def narrowed(viewer: Viewer, filters: Filters) -> list[ColumnElement[bool]]:
    """What the listed environments fulfil, besides having the keyword."""
    said = [
        visible(viewer, Environment),
        Environment.archived_at.is_not(None) if filters.archived else Environment.archived_at.is_(None),
    ]
    choices = (
        (filters.favourite, favourite_of(viewer)),
        (filters.mine, Environment.created_by == viewer.name),
        (filters.default, Environment.default == true()),
        (filters.image, _newest_is_image()),
        (filters.leading, leading(viewer, filters)),
    )
    said += [holds if wanted else ~holds for wanted, holds in choices if wanted is not None]
    return said


def favourite_of(viewer: Viewer) -> ColumnElement[bool]:
    """Whether an environment of the statement is a favourite of the viewer."""
    return Environment.id.in_(
        select(EnvironmentFavourite.environment_id).where(EnvironmentFavourite.person == viewer.name)
    )


def leading(viewer: Viewer, filters: Filters) -> ColumnElement[bool]:
    """Whether an environment of the statement leads among equals: a favourite, or used in the project."""
    if filters.project is None:
        return favourite_of(viewer)
    used = select(Session.environment_id).where(
        Session.project_id == filters.project, Session.removed_at.is_(None)
    )
    return or_(favourite_of(viewer), Environment.id.in_(used))


def _newest_is_image() -> ColumnElement[bool]:
    newest = (
        select(EnvironmentVersion.image.is_not(None))
        .where(EnvironmentVersion.environment_id == Environment.id)
        .order_by(EnvironmentVersion.number.desc())
        .limit(1)
    )
    return newest.correlate(Environment).scalar_subquery() == true()


def sort_key(environment: Environment) -> str:
    """What `listing` sorts by: default environments first, then by slug."""
    return f"{'0' if environment.default else '1'}{environment.slug}"


async def listing(
    db: AsyncSession, viewer: Viewer, after: str, limit: int, filters: Filters
) -> Sequence[Environment]:
    """Environments by `sort_key`, at most `limit` of those after one.

    It reads an index in its order, so that a page costs the same however many follow: that of a keyword, or
    the default ones and the others, which are two stretches of one.
    """
    said = narrowed(viewer, filters)
    if filters.keyword is not None:
        having = (
            select(Environment)
            .join(EnvironmentTerm, EnvironmentTerm.environment_id == Environment.id)
            .where(
                EnvironmentTerm.kind == Kind.KEYWORD,
                EnvironmentTerm.term == terms.fold(filters.keyword),
                EnvironmentTerm.place > after,
                *said,
            )
            .order_by(EnvironmentTerm.place)
        )
        return (await db.scalars(having.limit(limit))).all()
    stretches = [
        select(
            select(Environment.id)
            .where(Environment.default == (true() if default else false()), *begin, *said)
            .order_by(Environment.slug)
            .limit(limit)
            .subquery()
            .c.id
        )
        for default, begin in (
            (True, [Environment.slug > after[1:]] if after[0] == "0" else [false()]),
            (False, [Environment.slug > after[1:]] if after[0] == "1" else []),
        )
        if filters.default in {None, default}
    ]
    found = await db.scalars(
        select(Environment)
        .where(Environment.id.in_(union_all(*stretches)))
        .order_by(case((Environment.default == true(), 0), else_=1), Environment.slug)
        .limit(limit)
    )
    return found.all()


async def get(db: AsyncSession, viewer: Viewer, slug_or_id: str) -> Environment | None:
    """One environment that the viewer may see."""
    return await db.scalar(
        select(Environment).where(
            or_(Environment.slug == slug_or_id, Environment.id == slug_or_id), visible(viewer, Environment)
        )
    )


async def of_recipe(db: AsyncSession, recipe: str) -> Environment | None:
    """The environment that is made from a recipe, held until the transaction ends."""
    return await db.scalar(select(Environment).where(Environment.recipe == recipe).with_for_update())


async def lock(db: AsyncSession, environment_id: str) -> Environment | None:
    """One environment as it is now, held until the transaction ends."""
    return await db.scalar(
        select(Environment)
        .where(Environment.id == environment_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )


async def share(db: AsyncSession, environment_id: str) -> Environment | None:
    """One environment as it is now; it is neither archived nor deleted before the transaction ends."""
    return await db.scalar(
        select(Environment)
        .where(Environment.id == environment_id)
        .with_for_update(read=True)
        .execution_options(populate_existing=True)
    )


async def slugs_like(db: AsyncSession, slug: str) -> set[str]:
    """Slugs in use that are `slug` or begin with it."""
    found = await db.scalars(
        select(Environment.slug).where(Environment.slug.startswith(slug, autoescape=True))
    )
    return set(found)


async def by_ids(db: AsyncSession, ids: Collection[str]) -> dict[str, Environment]:
    """Environments by id, whoever may see them."""
    return await of_ids(db, Environment, ids)


async def visible_by_ids(db: AsyncSession, viewer: Viewer, ids: Collection[str]) -> dict[str, Environment]:
    """Environments by id, of those that the viewer may see."""
    found = await db.scalars(select(Environment).where(Environment.id.in_(ids), visible(viewer, Environment)))
    return {environment.id: environment for environment in found}


async def succeed(db: AsyncSession, archived_id: str, successor_id: str) -> None:
    """Those whose successor is archived now have its successor."""
    await db.execute(
        update(Environment).where(Environment.successor_id == archived_id).values(successor_id=successor_id)
    )


async def remove(db: AsyncSession, environment_id: str) -> None:
    """Deletes an environment with its versions."""
    await db.execute(delete(Environment).where(Environment.id == environment_id))


async def versions(
    db: AsyncSession, environment_id: str, limit: int | None = None, before: int | None = None
) -> Sequence[EnvironmentVersion]:
    """Versions of an environment, newest first: all, or at most `limit` of those before a number."""
    statement = (
        select(EnvironmentVersion)
        .where(EnvironmentVersion.environment_id == environment_id)
        .order_by(EnvironmentVersion.number.desc())
    )
    if before is not None:
        statement = statement.where(EnvironmentVersion.number < before)
    return (await db.scalars(statement.limit(limit))).all()


async def numbered(db: AsyncSession, environment_id: str, number: int) -> EnvironmentVersion | None:
    """The version of that number."""
    return await db.scalar(
        select(EnvironmentVersion).where(
            EnvironmentVersion.environment_id == environment_id, EnvironmentVersion.number == number
        )
    )


async def versions_by_ids(db: AsyncSession, ids: Collection[str]) -> dict[str, EnvironmentVersion]:
    """Versions by id."""
    return await of_ids(db, EnvironmentVersion, ids)


async def latest(
    db: AsyncSession, environment_ids: Collection[str], *, made_from: str | None = None
) -> dict[str, EnvironmentVersion]:
    """The newest version of each environment, or the newest made from something, by the environment's id."""
    newest = (
        select(EnvironmentVersion.environment_id, func.max(EnvironmentVersion.number).label("number"))
        .where(
            EnvironmentVersion.environment_id.in_(environment_ids),
            true() if made_from is None else EnvironmentVersion.made_from == made_from,
        )
        .group_by(EnvironmentVersion.environment_id)
        .subquery()
    )
    found = await db.scalars(
        select(EnvironmentVersion).join(
            newest,
            and_(
                EnvironmentVersion.environment_id == newest.c.environment_id,
                EnvironmentVersion.number == newest.c.number,
            ),
        )
    )
    return {version.environment_id: version for version in found}


async def rewrite_terms(
    db: AsyncSession, environment: Environment, kinds: Collection[Kind], found: Iterable[tuple[Kind, str]]
) -> None:
    """Puts the words in the place of those that an environment had of these kinds."""
    await db.execute(
        delete(EnvironmentTerm).where(
            EnvironmentTerm.environment_id == environment.id, EnvironmentTerm.kind.in_(kinds)
        )
    )
    if rows := terms.rows(environment, found):
        await db.execute(insert(EnvironmentTerm), rows)
    first = "0" if environment.default else "1"
    await db.execute(
        update(EnvironmentTerm)
        .where(
            EnvironmentTerm.environment_id == environment.id,
            EnvironmentTerm.kind == Kind.PACKAGE,
            EnvironmentTerm.place != first,
        )
        .values(place=first)
    )


async def shared_with(db: AsyncSession, viewer: Viewer, environment_id: str) -> tuple[list[Project], int]:
    """The projects that an environment is for: those that the viewer sees by slug, and how many others."""
    chosen = (
        select(Project)
        .join(EnvironmentProject, EnvironmentProject.project_id == Project.id)
        .where(EnvironmentProject.environment_id == environment_id, Project.removed_at.is_(None))
    )
    shown = (await db.scalars(chosen.where(visible(viewer, Project)).order_by(Project.slug))).all()
    whole = await db.scalar(select(func.count()).select_from(chosen.subquery())) or 0
    return list(shown), whole - len(shown)


async def share_with(db: AsyncSession, viewer: Viewer, environment_id: str, chosen: Collection[str]) -> None:
    """Makes an environment one for the projects `chosen`, and no longer for others that the viewer sees."""
    await db.execute(
        delete(EnvironmentProject).where(
            EnvironmentProject.environment_id == environment_id,
            EnvironmentProject.project_id.in_(project_ids(viewer)),
        )
    )
    if chosen:
        rows = [{"environment_id": environment_id, "project_id": project_id} for project_id in chosen]
        await db.execute(insert(EnvironmentProject), rows)


async def add_favourite(db: AsyncSession, person: str, environment_id: str) -> None:
    """Makes it a favourite; it may be one."""
    if await db.get(EnvironmentFavourite, (person, environment_id)) is None:
        try:
            async with db.begin_nested():
                db.add(EnvironmentFavourite(person=person, environment_id=environment_id))
        except IntegrityError:
            return  # The same was asked for twice at once.


async def remove_favourite(db: AsyncSession, person: str, environment_id: str) -> None:
    """Makes it none; it may be none."""
    await db.execute(
        delete(EnvironmentFavourite).where(
            EnvironmentFavourite.person == person, EnvironmentFavourite.environment_id == environment_id
        )
    )


async def favourites(db: AsyncSession, person: str, environment_ids: Collection[str]) -> set[str]:
    """Those of the environments that are a person's favourites."""
    found = await db.scalars(
        select(EnvironmentFavourite.environment_id).where(
            EnvironmentFavourite.person == person, EnvironmentFavourite.environment_id.in_(environment_ids)
        )
    )
    return set(found)
