"""SQL of the audit log: it is read; entries are added by the session, and nothing is ever changed."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from sessions_api.audit.filters import Filters
from sessions_api.audit.tables import AuditEntry


async def newest(db: AsyncSession, filters: Filters, after: int | None, limit: int) -> Sequence[AuditEntry]:
    """Entries, newest first, at most `limit` of those after one."""
    said = [
        column == value
        for column, value in (
            (AuditEntry.project_id, filters.project_id),
            (AuditEntry.project_slug, filters.project_slug),
            (AuditEntry.person, filters.person),
        )
        if value is not None
    ]
    if filters.verb is not None:
        kind = "." not in filters.verb
        said.append(
            AuditEntry.verb.startswith(f"{filters.verb}.", autoescape=True)
            if kind
            else AuditEntry.verb == filters.verb
        )
    if filters.since is not None:
        said.append(AuditEntry.at >= filters.since)
    if filters.until is not None:
        said.append(AuditEntry.at < filters.until)
    if after is not None:
        said.append(AuditEntry.id < after)
    found = await db.scalars(select(AuditEntry).where(*said).order_by(AuditEntry.id.desc()).limit(limit))
    return found.all()
