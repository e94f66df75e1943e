"""SQL of watched tags. What is to be asked when stands in their rows, so that all processes share it."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import and_, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from sessions_api.environments.tables import Environment, EnvironmentVersion, WatchedRegistry, WatchedTag


async def typed(db: AsyncSession) -> Sequence[tuple[str, str]]:
    """References and images of the newest versions of what is not archived, of those that have both."""
    newest = (
        select(EnvironmentVersion.environment_id, func.max(EnvironmentVersion.number).label("number"))
        .join(Environment, Environment.id == EnvironmentVersion.environment_id)
        .where(Environment.archived_at.is_(None))
        .group_by(EnvironmentVersion.environment_id)
        .subquery()
    )
    found = await db.execute(
        select(EnvironmentVersion.reference, EnvironmentVersion.image)
        .join(
            newest,
            and_(
                EnvironmentVersion.environment_id == newest.c.environment_id,
                EnvironmentVersion.number == newest.c.number,
            ),
        )
        .where(EnvironmentVersion.reference.is_not(None), EnvironmentVersion.image.is_not(None))
        .distinct()
    )
    return [(str(row[0]), str(row[1])) for row in found]


async def listed(db: AsyncSession) -> tuple[set[str], set[str]]:
    """The references that are watched, and the hosts of registries."""
    references = await db.scalars(select(WatchedTag.reference))
    hosts = await db.scalars(select(WatchedRegistry.host))
    return set(references), set(hosts)


async def add_registries(db: AsyncSession, hosts: Collection[str], at: datetime) -> None:
    """Registries that may be asked from `at` on."""
    if hosts:
        await db.execute(insert(WatchedRegistry), [{"host": host, "next_at": at} for host in hosts])


async def add_tags(db: AsyncSession, hosts: Mapping[str, str], first: Mapping[str, datetime]) -> None:
    """Tags to watch by their references: the hosts of their registries, and when they are asked first."""
    rows = [
        {"reference": reference, "host": host, "next_at": first[reference], "failures": 0}
        for reference, host in hosts.items()
    ]
    if rows:
        await db.execute(insert(WatchedTag), rows)


async def remove_tags(db: AsyncSession, references: Collection[str]) -> None:
    """Watches them no more."""
    if references:
        await db.execute(delete(WatchedTag).where(WatchedTag.reference.in_(references)))


async def remove_registries(db: AsyncSession, now: datetime) -> None:
    """Forgets registries without a tag, save those that are not to be asked yet."""
    has_tags = select(WatchedTag.reference).where(WatchedTag.host == WatchedRegistry.host)
    await db.execute(delete(WatchedRegistry).where(WatchedRegistry.next_at <= now, ~has_tags.exists()))


async def forget(db: AsyncSession) -> None:
    """Watches nothing, and knows nothing of what was watched."""
    await db.execute(delete(WatchedTag))
    await db.execute(delete(WatchedRegistry))


async def take(
    db: AsyncSession, now: datetime, most: int, *, registry_until: datetime, tag_until: datetime
) -> list[WatchedTag]:
    """One tag each of at most `most` registries that are due; they are due again at the times."""
    due = select(WatchedTag.reference).where(
        WatchedTag.host == WatchedRegistry.host, WatchedTag.next_at <= now
    )
    registries = await db.scalars(
        select(WatchedRegistry)
        .where(WatchedRegistry.next_at <= now, due.exists())
        .order_by(WatchedRegistry.next_at)
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    taken = []
    for registry in registries:
        tag = await db.scalar(
            select(WatchedTag)
            .where(WatchedTag.host == registry.host, WatchedTag.next_at <= now)
            .order_by(WatchedTag.next_at, WatchedTag.reference)
            .limit(1)
        )
        if tag is not None:
            registry.next_at, tag.next_at = registry_until, tag_until
            taken.append(tag)
    await db.flush()
    return taken


async def answered(db: AsyncSession, reference: str, values: Mapping[str, Any]) -> None:
    """Writes what came of asking, if the tag is watched still."""
    await db.execute(update(WatchedTag).where(WatchedTag.reference == reference).values(**values))


async def spare(db: AsyncSession, host: str, until: datetime) -> None:
    """Asks a registry nothing before a time."""
    await db.execute(
        update(WatchedRegistry)
        .where(WatchedRegistry.host == host, WatchedRegistry.next_at < until)
        .values(next_at=until)
    )


async def tags(db: AsyncSession, references: Collection[str]) -> dict[str, WatchedTag]:
    """What is known of tags, by their references."""
    found = await db.scalars(select(WatchedTag).where(WatchedTag.reference.in_(references)))
    return {tag.reference: tag for tag in found}
