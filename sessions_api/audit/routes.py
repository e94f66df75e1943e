"""The audit log as JSON, and as lines of it to keep."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response, StreamingResponse
from sqlalchemy.ext.asyncio import AsyncSession

from sessions_api.audit import service
from sessions_api.audit.dependencies import ProjectSlug, Wanted
from sessions_api.audit.filters import Filters
from sessions_api.audit.schemas import AuditEntryRead
from sessions_api.kit.db import Database
from sessions_api.kit.errors import Forbidden, Invalid, NotFound, Unauthenticated, responses
from sessions_api.kit.paging import Page, Paged, Paging
from sessions_api.kit.transactions import Reading, database
from sessions_api.people.dependencies import CurrentViewer
from sessions_api.projects import service as projects
from sessions_api.projects.dependencies import Slug
from sessions_api.rights import policy

router = APIRouter(tags=["audit"], responses=responses(Unauthenticated, Forbidden, Invalid))

LINES = "application/x-ndjson"
_EITHER: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "A page of entries; with `format=ndjson` all of them, a line each.",
        "content": {LINES: {"schema": {"type": "string"}}},
    }
}
Format = Annotated[
    Literal["json", "ndjson"],
    Query(description="`ndjson`, as `Accept: application/x-ndjson`: all entries, a line each."),
]


@router.get(
    "/audit", operation_id="list_audit_entries", response_model=Page[AuditEntryRead], responses=_EITHER
)
async def platform(
    request: Request,
    db: Reading,
    viewer: CurrentViewer,
    paging: Paged,
    wanted: Wanted,
    *,
    project: ProjectSlug | None = None,
    format: Format = "json",  # noqa: A002 - what addresses call it
) -> Response | Page[AuditEntryRead]:
    """Who did what, newest first, on the platform and in all projects; for platform admins."""
    policy.require_administrator(viewer)
    return await _answer(request, db, replace(wanted, project_slug=project), paging, format)


@router.get(
    "/projects/{slug}/audit",
    operation_id="list_project_audit_entries",
    response_model=Page[AuditEntryRead],
    responses=_EITHER | responses(NotFound),
)
async def of_project(
    request: Request,
    db: Reading,
    viewer: CurrentViewer,
    slug: Slug,
    paging: Paged,
    wanted: Wanted,
    *,
    format: Format = "json",  # noqa: A002 - what addresses call it
) -> Response | Page[AuditEntryRead]:
    """Who did what in a project, newest first; for its owners and platform admins."""
    found = await projects.governed(db, viewer, slug)
    return await _answer(request, db, replace(wanted, project_id=found.id), paging, format)


async def _answer(
    request: Request, db: AsyncSession, wanted: Filters, paging: Paging, form: str
) -> Response | Page[AuditEntryRead]:
    if form == "ndjson" or LINES in request.headers.get("Accept", ""):
        return StreamingResponse(
            _lines(database(request), wanted),
            media_type=LINES,
            headers={"Content-Disposition": 'attachment; filename="audit.ndjson"'},
        )
    found = await service.page(db, wanted, paging)
    return paging.cut(found, lambda entry: str(entry.id), AuditEntryRead.made)


async def _lines(data: Database, wanted: Filters) -> AsyncIterator[str]:
    async for entry in service.export(data, wanted):
        yield AuditEntryRead.made(entry).model_dump_json() + "\n"
