"""Edits of classes and pools from which something follows for those who wait for a place."""

from __future__ import annotations

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from sessions_api.people.viewer import Viewer
from sessions_api.resources import editing
from sessions_api.resources.editing import Row
from sessions_api.resources.tables import ResourceClass
from sessions_api.runs.places import service as places


async def change(
    db: AsyncSession,
    viewer: Viewer,
    kind: str,
    slug_or_id: str,
    *,
    if_match: str | None,
    position: int | None = None,
    **changes: Any,
) -> Row:
    """Changes a class or pool; see `editing.change`. Whoever has a place by now is let in at once."""
    changed = await editing.change(
        db, viewer, kind, slug_or_id, if_match=if_match, position=position, **changes
    )
    await _follow(db, changed)
    return changed


async def withdraw(
    db: AsyncSession, viewer: Viewer, kind: str, slug_or_id: str, *, if_match: str | None = None
) -> Row:
    """Withdraws a class or pool; see `editing.withdraw`. Whoever waited for the pool is let in."""
    withdrawn = await editing.withdraw(db, viewer, kind, slug_or_id, if_match=if_match)
    await _follow(db, withdrawn)
    return withdrawn


async def _follow(db: AsyncSession, one: Row) -> None:
    if isinstance(one, ResourceClass):
        await places.follow_class(db, one)
    else:
        await places.review(db, one.id)
