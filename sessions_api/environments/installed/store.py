"""SQL of what is installed in versions, and of what checks found in images."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import delete, func, insert, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from sessions_api.environments.packages import Package
from sessions_api.environments.tables import EnvironmentPackage, ImageContents

_IN_ORDER = (
    func.lower(EnvironmentPackage.name),
    EnvironmentPackage.name,
    EnvironmentPackage.ecosystem,
    EnvironmentPackage.version,
)


async def add(db: AsyncSession, version_id: str, installed: Collection[Package]) -> None:
    """Writes what is installed in a version."""
    if installed:
        rows = [
            {
                "version_id": version_id,
                "ecosystem": one.ecosystem,
                "name": one.name,
                "version": one.version,
            }
            for one in installed
        ]
        await db.execute(insert(EnvironmentPackage), rows)


async def of_versions(db: AsyncSession, version_ids: Collection[str]) -> dict[str, tuple[Package, ...]]:
    """What is installed in versions, by name, by the version's id."""
    found: dict[str, list[Package]] = {version_id: [] for version_id in version_ids}
    rows = await db.scalars(
        select(EnvironmentPackage).where(EnvironmentPackage.version_id.in_(version_ids)).order_by(*_IN_ORDER)
    )
    for row in rows:
        found[row.version_id].append(Package(row.name, row.version, row.ecosystem))
    return {version_id: tuple(installed) for version_id, installed in found.items()}


async def listing(
    db: AsyncSession, version_id: str, limit: int, *, after: Sequence[str], part: str, ecosystem: str | None
) -> Sequence[tuple[Package, tuple[str, ...]]]:
    """Packages of a version with `part` in their names, each with its place in the order."""
    said = [EnvironmentPackage.version_id == version_id]
    if after:
        said.append(tuple_(*_IN_ORDER) > tuple_(*after))
    if part:
        said.append(EnvironmentPackage.name.icontains(part, autoescape=True))
    if ecosystem is not None:
        said.append(EnvironmentPackage.ecosystem == ecosystem)
    found = await db.execute(select(*_IN_ORDER).where(*said).order_by(*_IN_ORDER).limit(limit))
    return [(Package(row[1], row[3], row[2]), tuple(row)) for row in found]


async def of_image(db: AsyncSession, digest: str) -> tuple[Package, ...]:
    """What a check found in an image; nothing where none has looked."""
    found = await db.get(ImageContents, digest)
    kept = () if found is None else found.packages
    return tuple(Package(name, version, ecosystem) for ecosystem, name, version in kept)


async def keep(
    db: AsyncSession, digest: str, found: Collection[Package], *, is_complete: bool, at: datetime
) -> None:
    """Keeps what a check found in an image, in the place of what an earlier one did."""
    await db.merge(
        ImageContents(
            digest=digest,
            packages=[[one.ecosystem, one.name, one.version] for one in found],
            is_complete=is_complete,
            read_at=at,
        )
    )
    await db.flush()


async def forget(db: AsyncSession, before: datetime) -> None:
    """Deletes what checks found before a time."""
    await db.execute(delete(ImageContents).where(ImageContents.read_at < before))
