"""Shares as JSON."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query

from sessions_api.kit.errors import Conflict, Invalid, NotFound, Unauthenticated, responses
from sessions_api.kit.paging import Page, Paged
from sessions_api.kit.transactions import Reading, Writing
from sessions_api.people.dependencies import CurrentViewer
from sessions_api.projects import service as projects
from sessions_api.runs.shares import service
from sessions_api.runs.shares.dependencies import ShareId, SharingHere
from sessions_api.runs.shares.schemas import ShareCreate, SharedRead, ShareRead
from sessions_api.sessions import service as sessions

router = APIRouter(tags=["runs"], responses=responses(Unauthenticated, NotFound, Invalid))


@router.get("/runs/{run_id}/shares", operation_id="list_shares")
async def listing(db: Reading, viewer: CurrentViewer, run_id: str, paging: Paged) -> Page[ShareRead]:
    """Whom your running session is shared with, newest first."""
    found = await service.of_run(db, viewer, run_id, paging)
    return paging.cut(found, key=lambda share: share.id, item=ShareRead.made)


@router.post(
    "/runs/{run_id}/shares",
    operation_id="share_session",
    status_code=HTTPStatus.CREATED,
    responses=responses(Conflict),
)
async def share(
    db: Writing, viewer: CurrentViewer, sharing: SharingHere, run_id: str, body: ShareCreate
) -> ShareRead:
    """Lets a member of the project into your running session; once more says how long from now on."""
    made = await service.share(db, viewer, run_id, sharing, person=body.person, hours=body.hours)
    return ShareRead.made(made)


@router.delete(
    "/runs/{run_id}/shares/{share_id}", operation_id="unshare_session", status_code=HTTPStatus.NO_CONTENT
)
async def take_back(db: Writing, viewer: CurrentViewer, run_id: str, share_id: ShareId) -> None:
    """Lets somebody into your session no more."""
    await service.take_back(db, viewer, run_id, share_id)


@router.get("/shares", operation_id="list_shared_sessions")
async def shared(
    db: Reading,
    viewer: CurrentViewer,
    paging: Paged,
    project: Annotated[str | None, Query(max_length=80, description="Only of this project.")] = None,
) -> Page[SharedRead]:
    """Sessions of others that are shared with you, newest first."""
    access = await projects.access(db, viewer, project) if project else None
    found = await service.with_viewer(db, viewer, paging, project_id=access.project.id if access else None)
    page = paging.cut(found, key=lambda pair: pair[0].id, item=lambda pair: pair)
    named = await sessions.by_ids(db, {run.session_id for _, run in page.items})
    of = await projects.by_ids(db, [run.project_id for _, run in page.items])
    return Page(
        items=[
            SharedRead.of(each, run, of[run.project_id], named[run.session_id]) for each, run in page.items
        ],
        next=page.next,
    )
