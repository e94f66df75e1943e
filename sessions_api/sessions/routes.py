"""Sessions of a project as JSON, each with the viewer's own status."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Path, Query, Response, status
from sqlalchemy.ext.asyncio import AsyncSession

from sessions_api.environments import service as environments
from sessions_api.kit.errors import (
    Conflict,
    FieldError,
    Forbidden,
    Invalid,
    NotFound,
    Stale,
    Unauthenticated,
    responses,
)
from sessions_api.kit.etags import IfMatch, etag
from sessions_api.kit.paging import Page, Paged
from sessions_api.kit.repeats import RepeatableRoute
from sessions_api.kit.transactions import Reading, Writing
from sessions_api.projects.dependencies import ReadProject, WriteProject
from sessions_api.projects.service import Access
from sessions_api.repositories import service as repositories
from sessions_api.runs import service as runs
from sessions_api.runs.tables import Run
from sessions_api.sessions import service
from sessions_api.sessions.schemas import (
    Around,
    SessionChange,
    SessionCreate,
    SessionDuplicate,
    SessionRead,
)
from sessions_api.sessions.tables import Session
from sessions_api.storages import service as storages

router = APIRouter(
    route_class=RepeatableRoute,
    prefix="/projects/{slug}/sessions",
    tags=["sessions"],
    responses=responses(Unauthenticated, NotFound, Invalid),
)

SlugOrId = Annotated[str, Path(max_length=80, description="The session's slug or id.")]
Force = Annotated[bool, Query(description="Stop the session's live runs and delete their /work.")]


async def _around(db: AsyncSession, access: Access, sessions: Sequence[Session]) -> Around:
    environment_ids = {session.environment_id for session in sessions}
    return Around(
        environments=await environments.by_ids(db, environment_ids),
        versions=await environments.versions_by_ids(db, {session.version_id for session in sessions}),
        latest=await environments.latest_of(db, environment_ids),
        repositories=await repositories.listing(db, access.project.id),
        storages=await storages.listing(db, access.project.id),
        runs=await runs.latest(db, access.viewer.name, [session.id for session in sessions]),
    )


async def _answer(db: AsyncSession, access: Access, session: Session, response: Response) -> SessionRead:
    response.headers["ETag"] = etag(session.revision)
    return SessionRead.made(session, await _around(db, access, [session]))


async def _created(db: AsyncSession, access: Access, session: Session, response: Response) -> SessionRead:
    response.headers["Location"] = f"/api/v1/projects/{access.project.slug}/sessions/{session.slug}"
    return await _answer(db, access, session, response)


@router.get("", operation_id="list_sessions")
async def list_sessions(db: Reading, access: ReadProject, paging: Paged) -> Page[SessionRead]:
    """The sessions of a project by slug, with your own status of each."""
    rows = await service.listing(db, access, paging)
    around = await _around(db, access, rows)
    return paging.cut(rows, lambda row: row.slug, lambda row: SessionRead.made(row, around))


@router.post(
    "", operation_id="add_session", status_code=status.HTTP_201_CREATED, responses=responses(Forbidden)
)
async def add_session(
    db: Writing, access: WriteProject, body: SessionCreate, response: Response
) -> SessionRead:
    """Add an environment to the project as a session."""
    session = await service.add(db, access, **body.given())
    return await _created(db, access, session, response)


@router.get("/{session}", operation_id="get_session")
async def get_session(db: Reading, access: ReadProject, session: SlugOrId, response: Response) -> SessionRead:
    """One session with your own status."""
    return await _answer(db, access, await service.get(db, access, session), response)


@router.patch("/{session}", operation_id="change_session", responses=responses(Forbidden, Stale))
async def change_session(
    db: Writing,
    access: WriteProject,
    *,
    session: SlugOrId,
    body: SessionChange,
    response: Response,
    if_match: IfMatch = None,
) -> SessionRead:
    """Change a session's configuration; it takes effect on the next start."""
    changed = await service.change(db, access, session, if_match=if_match, **body.given())
    return await _answer(db, access, changed, response)


@router.delete(
    "/{session}",
    operation_id="remove_session",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=responses(Forbidden, Conflict, Stale),
)
async def remove_session(
    db: Writing,
    access: WriteProject,
    *,
    session: SlugOrId,
    if_match: IfMatch = None,
    force: Force = False,
) -> None:
    """Remove a session; refused while anybody's run of it is live or paused, unless `force` stops them."""
    removed = await service.remove(db, access, session, if_match=if_match)
    live = await runs.held_of_session(db, removed.id)
    if live and not force:
        raise _live(removed, live)
    await runs.stop_all_of_session(db, removed.id)


@router.post(
    "/{session}/duplicate",
    operation_id="duplicate_session",
    status_code=status.HTTP_201_CREATED,
    responses=responses(Forbidden),
)
async def duplicate_session(
    db: Writing,
    access: WriteProject,
    *,
    session: SlugOrId,
    body: SessionDuplicate | None = None,
    response: Response,
) -> SessionRead:
    """Add a copy of a session with all its configuration."""
    copy = await service.duplicate(db, access, session, name=body.name if body else None)
    return await _created(db, access, copy, response)


def _live(session: Session, live: Sequence[Run]) -> Conflict:
    count = "1 live or paused run" if len(live) == 1 else f"{len(live)} live or paused runs"
    return Conflict(
        f"{session.name} has {count}.",
        code="live_runs",
        hint="Stop them first, or repeat with ?force=true, which stops them and deletes their /work.",
        errors=[
            FieldError(field="runs", value=run.id, detail=f"Run {run.id} is {run.phase}.") for run in live
        ],
    )
