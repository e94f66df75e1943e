"""Trial launches as JSON."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path, Response

from sessions_api.environments.dependencies import KindsHere
from sessions_api.kit.errors import Conflict, Forbidden, NotFound, Unauthenticated, responses
from sessions_api.kit.transactions import Writing
from sessions_api.people.dependencies import CurrentViewer
from sessions_api.runs import service as runs
from sessions_api.runs.schemas import RunRead
from sessions_api.trials import service

router = APIRouter(
    prefix="/environments",
    tags=["environments"],
    responses=responses(Unauthenticated, Forbidden, NotFound, Conflict),
)


@router.post(
    "/{environment}/versions/{number}/trial",
    operation_id="try_environment_version",
    status_code=HTTPStatus.ACCEPTED,
)
async def try_version(
    db: Writing,
    viewer: CurrentViewer,
    kinds: KindsHere,
    *,
    environment: Annotated[str, Path(max_length=80, description="The environment's slug or id.")],
    number: Annotated[int, Path(ge=1, le=1_000_000, description="The version's number.")],
    response: Response,
) -> RunRead:
    """Starts a version in your project Trials, made where there is none; what comes of it is kept."""
    access, session, run = await service.launch(db, viewer, environment, number, kinds=kinds)
    response.headers["Location"] = f"/api/v1/runs/{run.id}"
    stages = list(await runs.stages(db, run))
    return RunRead.of(run, project=access.project.slug, session=session.slug, stages=stages)
