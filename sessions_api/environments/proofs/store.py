"""SQL of what launches proved."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from sessions_api.environments.tables import LaunchProof


async def of_versions(db: AsyncSession, version_ids: Collection[str]) -> dict[str, LaunchProof]:
    """What launches proved, by the version's id; versions that nobody launched are missing."""
    found = await db.scalars(select(LaunchProof).where(LaunchProof.version_id.in_(version_ids)))
    return {proof.version_id: proof for proof in found}


async def hold(db: AsyncSession, version_id: str, at: datetime) -> LaunchProof:
    """The proof of a version, held for a change; of one without, a new one."""
    held = await _locked(db, version_id)
    if held is None:
        new = LaunchProof(version_id=version_id, works=False, at=at, worked=0, failed=0)
        try:
            async with db.begin_nested():
                db.add(new)
        except IntegrityError:
            held = await _locked(db, version_id)
        else:
            return new
    assert held is not None  # noqa: S101 - it is there, or was written a moment ago; nobody deletes it
    return held


async def _locked(db: AsyncSession, version_id: str) -> LaunchProof | None:
    return await db.scalar(select(LaunchProof).where(LaunchProof.version_id == version_id).with_for_update())
