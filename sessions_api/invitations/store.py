"""SQL of invitations."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, true
from sqlalchemy.ext.asyncio import AsyncSession

from sessions_api.invitations.tables import Invitation
from sessions_api.kit.paging import Paging
from sessions_api.projects.tables import Project


async def listing(db: AsyncSession, project_id: str, now: datetime, paging: Paging) -> Sequence[Invitation]:
    """A project's invitations that still take somebody in, newest first, one more than asked for."""
    found = await db.scalars(
        select(Invitation)
        .where(
            Invitation.project_id == project_id,
            Invitation.revoked_at.is_(None),
            Invitation.expires_at > now,
            Invitation.uses < Invitation.most_uses,
            Invitation.id < paging.after if paging.after else true(),
        )
        .order_by(Invitation.id.desc())
        .limit(paging.limit + 1)
    )
    return found.all()


async def get(db: AsyncSession, project_id: str, invitation_id: str) -> Invitation | None:
    """One of a project's invitations."""
    return await db.scalar(
        select(Invitation).where(Invitation.project_id == project_id, Invitation.id == invitation_id)
    )


async def of_key(db: AsyncSession, key: str) -> tuple[Invitation, Project] | None:
    """The invitation whose link carries what `key` is of, and its project; as they are now."""
    found = await db.execute(
        select(Invitation, Project)
        .join(Project, Project.id == Invitation.project_id)
        .where(Invitation.key == key, Project.removed_at.is_(None))
        .execution_options(populate_existing=True)
    )
    row = found.first()
    return None if row is None else (row[0], row[1])
