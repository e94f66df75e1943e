"""SQL of environments and versions."""

from collections.abc import Collection, Sequence

from sqlalchemy import ColumnElement, String, and_, case, cast, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from sessions_api.environments.tables import Environment, EnvironmentVersion
from sessions_api.kit.paging import Paging


def sort_key(environment: Environment) -> str:
    """What `listing` sorts by: default environments first, then by slug."""
    return f"{'0' if environment.default else '1'}{environment.slug}"


async def listing(db: AsyncSession, paging: Paging, words: Sequence[str]) -> Sequence[Environment]:
    """Environments that have every one of `words`, one more than asked for if there is."""
    key = case((Environment.default, "0"), else_="1") + Environment.slug
    after = [key > paging.after] if paging.after else []
    found = await db.scalars(
        select(Environment)
        .where(*after, *(_has(word) for word in words))
        .order_by(key)
        .limit(paging.limit + 1)
    )
    return found.all()


def _has(word: str) -> ColumnElement[bool]:
    texts = (
        Environment.slug,
        Environment.name,
        Environment.description,
        cast(Environment.keywords, String),
    )
    return or_(*(text.icontains(word, autoescape=True) for text in texts))


async def get(db: AsyncSession, slug_or_id: str) -> Environment | None:
    """One environment."""
    return await db.scalar(
        select(Environment).where(or_(Environment.slug == slug_or_id, Environment.id == slug_or_id))
    )


async def locked(db: AsyncSession, slug: str) -> Environment | None:
    """One environment, held until the transaction ends."""
    return await db.scalar(select(Environment).where(Environment.slug == slug).with_for_update())


async def by_ids(db: AsyncSession, ids: Collection[str]) -> dict[str, Environment]:
    """Environments by id."""
    found = await db.scalars(select(Environment).where(Environment.id.in_(ids)))
    return {environment.id: environment for environment in found}


async def versions(db: AsyncSession, environment_id: str) -> Sequence[EnvironmentVersion]:
    """All versions of an environment, newest first."""
    found = await db.scalars(
        select(EnvironmentVersion)
        .where(EnvironmentVersion.environment_id == environment_id)
        .order_by(EnvironmentVersion.number.desc())
    )
    return found.all()


async def numbered(db: AsyncSession, environment_id: str, number: int) -> EnvironmentVersion | None:
    """The version of that number."""
    return await db.scalar(
        select(EnvironmentVersion).where(
            EnvironmentVersion.environment_id == environment_id, EnvironmentVersion.number == number
        )
    )


async def versions_by_ids(db: AsyncSession, ids: Collection[str]) -> dict[str, EnvironmentVersion]:
    """Versions by id."""
    found = await db.scalars(select(EnvironmentVersion).where(EnvironmentVersion.id.in_(ids)))
    return {version.id: version for version in found}


async def latest(db: AsyncSession, environment_ids: Collection[str]) -> dict[str, EnvironmentVersion]:
    """The newest version of each environment, by the environment's id."""
    newest = (
        select(EnvironmentVersion.environment_id, func.max(EnvironmentVersion.number).label("number"))
        .where(EnvironmentVersion.environment_id.in_(environment_ids))
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
