"""Writes down who did what, in the transaction that does it, and reads it back."""

from collections.abc import AsyncIterator, Sequence
from enum import StrEnum
from typing import Any

from sqlalchemy import inspect
from sqlalchemy.ext.asyncio import AsyncSession

from sessions_api.audit import store
from sessions_api.audit.filters import Filters
from sessions_api.audit.tables import AuditEntry
from sessions_api.audit.verbs import Verb
from sessions_api.kit import clock
from sessions_api.kit.db import Base, Database
from sessions_api.kit.paging import Paging
from sessions_api.people.viewer import Viewer
from sessions_api.projects.tables import Project

BATCH = 500
"""Entries that an export reads at once."""

_NEVER_NAMED = {"revision", "updated_at"}
_CALLED = {
    "sealed": "value",
    "is_default": "default",
    "archived_at": "archived",
    "resource_class_id": "resource_class",
}
"""What people call columns that have another name."""


class By(StrEnum):
    """Who did what no person did."""

    HUB = "hub"
    SYSTEM = "system"


def record(
    db: AsyncSession,
    by: Viewer | By,
    verb: Verb,
    name: str,
    *,
    thing: str | None = None,
    project: Project | None = None,
    **details: Any,
) -> None:
    """Adds an entry, which is kept exactly when the deed is.

    `name` is what people call what it was done to, and `thing` its id. Without a project it was done nowhere
    but on the platform. `details` are what more there is to say, never a value that is secret.
    """
    db.add(
        AuditEntry(
            at=clock.now(),
            by="person" if isinstance(by, Viewer) else by.value,
            person=by.name if isinstance(by, Viewer) else None,
            verb=verb.value,
            project_id=project.id if project else None,
            project_slug=project.slug if project else None,
            thing_id=thing,
            name=name,
            details=details,
        )
    )


def state(row: Base) -> dict[str, Any]:
    """What a row holds before it is changed, for `changed`."""
    return {name: getattr(row, name) for name in inspect(row).mapper.column_attrs.keys()}  # noqa: SIM118 - no dict


def changed(row: Base, before: dict[str, Any]) -> list[str]:
    """The names of what is different from `before`, never what it is."""
    now = state(row)
    names = {name for name, value in before.items() if value != now[name]} - _NEVER_NAMED
    return sorted(_CALLED.get(name, name) for name in names)


async def page(db: AsyncSession, filters: Filters, paging: Paging) -> Sequence[AuditEntry]:
    """Entries, newest first, one more than asked for if there is.

    Raises:
        Invalid: the cursor is of another list.
    """
    return await store.newest(db, filters, paging.number, paging.limit + 1)


async def export(database: Database, filters: Filters) -> AsyncIterator[AuditEntry]:
    """All entries, newest first, read in batches: they may be more than memory holds."""
    after: int | None = None
    while True:
        async with database.read() as db:
            batch = await store.newest(db, filters, after, BATCH)
        for entry in batch:
            yield entry
        if len(batch) < BATCH:
            return
        after = batch[-1].id
