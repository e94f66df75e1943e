"""Sessions of a project as JSON, each with the viewer's own status."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Path, Query, Response, status
from sqlalchemy.ext.asyncio import AsyncSession

from sessions_api.environments import service as environments
from sessions_api.environments.dependencies import KindsHere
from sessions_api.environments.kinds import Kinds
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
from sessions_api.resources import service as resources
from sessions_api.runs import service as runs
from sessions_api.runs import wishes
from sessions_api.runs.tables import Run
from sessions_api.sessions import copying, service
from sessions_api.sessions.dependencies import LifetimesHere
from sessions_api.sessions.schemas import (
    Around,
    SessionChange,
    SessionCreate,
    SessionDuplicate,
    SessionRead,
    SessionUpdate,
)
from sessions_api.sessions.schemas_copying import CopyPlan, SessionCopied, SessionCopy
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


async def _around(db: AsyncSession, access: Access, sessions: Sequence[Session], kinds: Kinds) -> Around:
    environment_ids = {session.environment_id for session in sessions}
    return Around(
        environments=await environments.by_ids(db, environment_ids),
        versions=await environments.versions_by_ids(db, {session.version_id for session in sessions}),
        latest=await environments.latest_of(db, environment_ids),
        repositories=await repositories.listing(db, access.project.id),
        storages=await storages.listing(db, access.project.id),
        classes=await resources.of_sessions(db, sessions),
        runs=await runs.latest(db, access.viewer.name, [session.id for session in sessions]),
        kinds=kinds,
    )


async def _answer(
    db: AsyncSession, access: Access, session: Session, response: Response, kinds: Kinds
) -> SessionRead:
    response.headers["ETag"] = etag(session.revision)
    return SessionRead.made(session, await _around(db, access, [session], kinds))


async def _created(
    db: AsyncSession, access: Access, session: Session, response: Response, kinds: Kinds
) -> SessionRead:
    response.headers["Location"] = f"/api/v1/projects/{access.project.slug}/sessions/{session.slug}"
    return await _answer(db, access, session, response, kinds)


@router.get("", operation_id="list_sessions")
async def list_sessions(
    db: Reading, access: ReadProject, kinds: KindsHere, paging: Paged
) -> Page[SessionRead]:
    """The sessions of a project by slug, with your own status of each."""
    rows = await service.listing(db, access, paging)
    around = await _around(db, access, rows, kinds)
    return paging.cut(rows, lambda row: row.slug, lambda row: SessionRead.made(row, around))


@router.post(
    "", operation_id="add_session", status_code=status.HTTP_201_CREATED, responses=responses(Forbidden)
)
async def add_session(
    db: Writing,
    access: WriteProject,
    *,
    kinds: KindsHere,
    lifetimes: LifetimesHere,
    body: SessionCreate,
    response: Response,
) -> SessionRead:
    """Add an environment to the project as a session."""
    session = await service.add(db, access, kinds=kinds, **lifetimes.checked(body.given()))
    return await _created(db, access, session, response, kinds)


@router.get("/{session}", operation_id="get_session")
async def get_session(
    db: Reading, access: ReadProject, kinds: KindsHere, session: SlugOrId, response: Response
) -> SessionRead:
    """One session with your own status."""
    return await _answer(db, access, await service.get(db, access, session), response, kinds)


@router.patch("/{session}", operation_id="change_session", responses=responses(Forbidden, Stale))
async def change_session(
    db: Writing,
    access: WriteProject,
    *,
    kinds: KindsHere,
    lifetimes: LifetimesHere,
    session: SlugOrId,
    body: SessionChange,
    response: Response,
    if_match: IfMatch = None,
) -> SessionRead:
    """Change a session's configuration; it takes effect on the next start, and when it pauses at once."""
    given = lifetimes.checked(body.given())
    changed = await service.change(db, access, session, kinds=kinds, if_match=if_match, **given)
    return await _answer(db, access, changed, response, kinds)


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
    await wishes.stop_all_of_session(db, removed.id)


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
    kinds: KindsHere,
    session: SlugOrId,
    body: SessionDuplicate | None = None,
    response: Response,
) -> SessionRead:
    """Add a copy of a session with all its configuration."""
    copy = await service.duplicate(db, access, session, name=body.name if body else None)
    return await _created(db, access, copy, response, kinds)


@router.get("/{session}/copy", operation_id="plan_session_copy", responses=responses(Forbidden))
async def plan_session_copy(
    db: Reading,
    access: ReadProject,
    session: SlugOrId,
    project: Annotated[str, Query(min_length=1, max_length=80, description="Slug of the other project.")],
) -> CopyPlan:
    """What of a session would not come along into another project; nothing is copied."""
    plan = await copying.plan(db, access, await service.get(db, access, session), project)
    return CopyPlan(project=plan.target.project.slug, name=plan.name, left_out=list(plan.left_out))


@router.post(
    "/{session}/copy",
    operation_id="copy_session",
    status_code=status.HTTP_201_CREATED,
    responses=responses(Forbidden, Conflict),
)
async def copy_session(
    db: Writing,
    access: WriteProject,
    kinds: KindsHere,
    session: SlugOrId,
    body: SessionCopy,
    response: Response,
) -> SessionCopied:
    """Add a copy to another project, without what that project does not have."""
    source = await service.get(db, access, session)
    plan, copied = await copying.copy(db, access, source, body.project, name=body.name, kinds=kinds)
    made = await _created(db, plan.target, copied, response, kinds)
    return SessionCopied(**made.model_dump(), project=plan.target.project.slug, left_out=list(plan.left_out))


@router.post("/{session}/update", operation_id="update_session", responses=responses(Forbidden, Stale))
async def update_session(
    db: Writing,
    access: WriteProject,
    *,
    kinds: KindsHere,
    session: SlugOrId,
    body: SessionUpdate,
    response: Response,
    if_match: IfMatch = None,
) -> SessionRead:
    """Move a session to another version of its environment, newer or older.

    It takes effect on the next start: runs that are live or paused keep the version they were launched with.
    """
    updated = await service.change(db, access, session, kinds=kinds, if_match=if_match, version=body.version)
    return await _answer(db, access, updated, response, kinds)


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
