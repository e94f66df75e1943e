"""What is kept of stopped sessions, as JSON."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query
from sqlalchemy.ext.asyncio import AsyncSession

from sessions_api.kit.errors import NotFound, Unauthenticated, responses
from sessions_api.kit.paging import Page, Paged
from sessions_api.kit.transactions import Reading, Writing
from sessions_api.people.dependencies import CurrentViewer
from sessions_api.projects import service as projects
from sessions_api.runs.kept import service
from sessions_api.runs.kept.schemas import KeptRead
from sessions_api.runs.tables import KeptWork
from sessions_api.sessions import service as sessions

router = APIRouter(prefix="/kept", tags=["runs"], responses=responses(Unauthenticated, NotFound))


async def _read(db: AsyncSession, kept: Sequence[KeptWork]) -> list[KeptRead]:
    found = await projects.by_ids(db, [each.project_id for each in kept])
    named = await sessions.by_ids(db, [each.session_id for each in kept])
    return [
        KeptRead(
            id=each.id,
            project=found[each.project_id].slug,
            session=named[each.session_id].slug,
            run=each.run_id,
            size_gib=each.size_gib,
            kept_at=each.asked_at,
            expires_at=each.expires_at,
        )
        for each in kept
    ]


@router.get("", operation_id="list_kept")
async def listing(
    db: Reading,
    viewer: CurrentViewer,
    paging: Paged,
    project: Annotated[str | None, Query(max_length=80, description="Only of this project.")] = None,
) -> Page[KeptRead]:
    """What is kept for you of sessions that you stopped, newest first."""
    access = await projects.access(db, viewer, project) if project else None
    found = await service.page(db, viewer, paging, project_id=access.project.id if access else None)
    cut = paging.cut(found, key=lambda kept: kept.id, item=lambda kept: kept)
    return Page(items=await _read(db, cut.items), next=cut.next)


@router.get("/{kept_id}", operation_id="get_kept")
async def get(db: Reading, viewer: CurrentViewer, kept_id: str) -> KeptRead:
    """What is kept for you."""
    return (await _read(db, [await service.own(db, viewer, kept_id)]))[0]


@router.delete("/{kept_id}", operation_id="delete_kept", status_code=HTTPStatus.NO_CONTENT)
async def delete(db: Writing, viewer: CurrentViewer, kept_id: str) -> None:
    """Delete what is kept for you."""
    await service.delete(db, viewer, kept_id)
