"""Timetables as JSON: your own of a session, all of yours, and everybody's for administrators."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path, Response
from sqlalchemy.ext.asyncio import AsyncSession

from sessions_api.kit.errors import Forbidden, Invalid, NotFound, Stale, Unauthenticated, responses
from sessions_api.kit.etags import IfMatch, etag
from sessions_api.kit.paging import Page, Paged, Paging
from sessions_api.kit.transactions import Reading, Writing
from sessions_api.people.dependencies import CurrentViewer
from sessions_api.projects import service as projects
from sessions_api.projects.dependencies import ReadProject, WriteProject
from sessions_api.sessions import service as sessions
from sessions_api.timetables import service
from sessions_api.timetables.parts import Whole
from sessions_api.timetables.schemas import TimetablePut, TimetableRead

router = APIRouter(tags=["sessions"], responses=responses(Unauthenticated, Invalid))

SlugOrId = Annotated[str, Path(max_length=80, description="The session's slug or id.")]
_AT = "/projects/{slug}/sessions/{session}/timetable"


def _answer(whole: Whole, response: Response, *, project: str, session: str) -> TimetableRead:
    response.headers["ETag"] = etag(whole.timetable.revision)
    return TimetableRead.made(whole, project=project, session=session)


async def _page(db: AsyncSession, paging: Paging, found: Sequence[Whole]) -> Page[TimetableRead]:
    of = await projects.by_ids(db, [each.timetable.project_id for each in found])
    named = await sessions.by_ids(db, {each.timetable.session_id for each in found})
    return paging.cut(
        found,
        lambda each: each.timetable.id,
        lambda each: TimetableRead.made(
            each,
            project=of[each.timetable.project_id].slug,
            session=named[each.timetable.session_id].slug,
        ),
    )


@router.get(_AT, operation_id="get_timetable", responses=responses(NotFound))
async def get(db: Reading, access: ReadProject, session: SlugOrId, response: Response) -> TimetableRead:
    """At what times a session starts and pauses by itself for you."""
    found = await sessions.get(db, access, session)
    whole = await service.get(db, access, found)
    return _answer(whole, response, project=access.project.slug, session=found.slug)


@router.put(_AT, operation_id="put_timetable", responses=responses(NotFound, Stale))
async def put(
    db: Writing,
    access: WriteProject,
    session: SlugOrId,
    body: TimetablePut,
    response: Response,
    if_match: IfMatch = None,
) -> TimetableRead:
    """Gives a session times of your own, in the place of those that you gave it before."""
    found = await sessions.get(db, access, session)
    whole = await service.put(db, access, found, zone=body.zone, times=body.times, if_match=if_match)
    return _answer(whole, response, project=access.project.slug, session=found.slug)


@router.delete(
    _AT,
    operation_id="remove_timetable",
    status_code=HTTPStatus.NO_CONTENT,
    responses=responses(NotFound, Stale),
)
async def remove(db: Writing, access: WriteProject, session: SlugOrId, if_match: IfMatch = None) -> None:
    """Takes your times of a session away."""
    await service.remove(db, access, await sessions.get(db, access, session), if_match=if_match)


@router.get("/me/timetables", operation_id="list_timetables")
async def listing(db: Reading, viewer: CurrentViewer, paging: Paged) -> Page[TimetableRead]:
    """Your timetables of all sessions, newest first."""
    return await _page(db, paging, await service.listing(db, viewer, paging))


@router.get(
    "/admin/timetables",
    operation_id="list_all_timetables",
    tags=["administration"],
    responses=responses(Forbidden),
)
async def everybodys(db: Reading, viewer: CurrentViewer, paging: Paged) -> Page[TimetableRead]:
    """Everybody's timetables, newest first; for platform administrators."""
    return await _page(db, paging, await service.everybodys(db, viewer, paging))
