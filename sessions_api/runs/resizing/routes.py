"""Another size for what runs, as JSON."""

from http import HTTPStatus

from fastapi import APIRouter, Response

from sessions_api.cluster.dependencies import ClusterHere
from sessions_api.kit.errors import Conflict, Forbidden, NotFound, Unauthenticated, responses
from sessions_api.kit.transactions import Writing
from sessions_api.projects.dependencies import WriteProject
from sessions_api.runs.resizing import service
from sessions_api.runs.routes import SessionName, accepted, newest
from sessions_api.runs.schemas import RunRead

router = APIRouter(tags=["runs"], responses=responses(Unauthenticated, NotFound))


@router.post(
    "/projects/{slug}/sessions/{session}/resize",
    operation_id="resize_session",
    status_code=HTTPStatus.ACCEPTED,
    responses=responses(Conflict, Forbidden),
)
async def resize(
    db: Writing, access: WriteProject, cluster: ClusterHere, session: SessionName, response: Response
) -> RunRead:
    """Gives your running session the CPU and memory that it is configured with, without a restart."""
    found, run = await newest(db, access, session, "resize")
    return await accepted(db, await service.ask(db, access, found, run, cluster=cluster), response)
