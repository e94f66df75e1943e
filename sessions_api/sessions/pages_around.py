"""What pages of sessions refer to, where they are asked for."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import Request
from sqlalchemy.ext.asyncio import AsyncSession

from sessions_api.cluster.dependencies import cluster_here
from sessions_api.environments.dependencies import kinds_here
from sessions_api.projects.service import Access
from sessions_api.sessions import present
from sessions_api.sessions.dependencies import lifetimes_here
from sessions_api.sessions.tables import Session


async def around_here(
    request: Request, db: AsyncSession, access: Access, sessions: Sequence[Session]
) -> present.Around:
    """What the sessions refer to, in this installation."""
    return await present.around(
        db,
        access,
        sessions,
        kinds=kinds_here(request),
        lifetimes=lifetimes_here(request),
        cluster=cluster_here(request),
    )
