"""A run's log as JSON, and as text."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import PlainTextResponse, Response

from sessions_api.kit.errors import Invalid, NotFound, Unauthenticated, responses
from sessions_api.kit.transactions import Reading
from sessions_api.people.dependencies import CurrentViewer
from sessions_api.runs import service
from sessions_api.runs.logs.dependencies import Wanted
from sessions_api.runs.logs.schemas import LogRead
from sessions_api.runs.logs.texts import text_of

router = APIRouter(tags=["runs"], responses=responses(Unauthenticated, NotFound, Invalid))


@router.get(
    "/runs/{run_id}/log",
    operation_id="get_run_log",
    responses={200: {"content": {"text/plain": {}}, "description": "The log."}},
    response_model=LogRead,
)
async def log(
    request: Request,
    db: Reading,
    viewer: CurrentViewer,
    run_id: str,
    wanted: Wanted,
    *,
    tail: Annotated[int, Query(ge=1, le=service.MOST_LINES, description="The last lines, this many.")] = 1000,
) -> Response | LogRead:
    """The last lines of a run's log, as JSON or, for `Accept: text/plain`, as text."""
    run = await service.own(db, viewer, run_id)
    found = await service.log_tail(db, run, wanted, tail)
    if "text/plain" in request.headers.get("Accept", ""):
        return PlainTextResponse("".join(map(text_of, found)))
    return LogRead.made(run, found, await service.log_sources(db, run))
