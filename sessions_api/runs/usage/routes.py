"""What a run uses, for its person."""

from fastapi import APIRouter

from sessions_api.kit.errors import NotFound, Unauthenticated, responses
from sessions_api.kit.transactions import Reading
from sessions_api.people.dependencies import CurrentViewer
from sessions_api.runs import service as runs
from sessions_api.runs.usage import service
from sessions_api.runs.usage.schemas import UsageRead

router = APIRouter(tags=["runs"], responses=responses(Unauthenticated, NotFound))


@router.get("/runs/{run_id}/usage", operation_id="get_run_usage")
async def usage(db: Reading, viewer: CurrentViewer, run_id: str) -> UsageRead:
    """What a run of yours uses of CPU, memory and disk: the last hour, and its peaks."""
    run = await runs.own(db, viewer, run_id)
    return UsageRead.made(run, await service.recent(db, run))
