"""Everybody's runs as JSON, for platform administrators."""

from http import HTTPStatus

from fastapi import APIRouter
from sqlalchemy.ext.asyncio import AsyncSession

from sessions_api.kit.errors import Conflict, Forbidden, Invalid, NotFound, Unauthenticated, responses
from sessions_api.kit.paging import Page, Paged
from sessions_api.kit.transactions import Reading, Writing
from sessions_api.people.dependencies import CurrentViewer
from sessions_api.people.viewer import Viewer
from sessions_api.runs import wishes
from sessions_api.runs.kept.dependencies import KeepingHere
from sessions_api.runs.kept.service import Keeping
from sessions_api.runs.overview import service
from sessions_api.runs.overview.dependencies import Days, Slug, Wanted, WantedFailures
from sessions_api.runs.overview.schemas import FailureCount, NodeUse, OverviewRun

router = APIRouter(
    prefix="/admin", tags=["administration"], responses=responses(Unauthenticated, Forbidden, Invalid)
)


@router.get("/runs", operation_id="list_live_runs")
async def live(db: Reading, viewer: CurrentViewer, paging: Paged, wanted: Wanted) -> Page[OverviewRun]:
    """Everybody's live runs, newest first."""
    found = await service.live(db, viewer, wanted, paging)
    return paging.cut(found, lambda one: one.run.id, OverviewRun.made)


@router.get("/failures", operation_id="count_failures")
async def failures(db: Reading, viewer: CurrentViewer, paging: Paged, days: Days = 7) -> Page[FailureCount]:
    """What runs failed of, and how often, the most frequent reason first."""
    begin = 0 if paging.number is None else paging.number
    counted = list(enumerate(await service.failures(db, viewer, days), start=1))
    found = counted[begin : begin + paging.limit + 1]
    return paging.cut(found, lambda one: str(one[0]), lambda one: FailureCount.made(one[1]))


@router.get("/failed-runs", operation_id="list_failed_runs")
async def failed(
    db: Reading, viewer: CurrentViewer, paging: Paged, wanted: WantedFailures
) -> Page[OverviewRun]:
    """Everybody's runs that failed, newest first."""
    found = await service.failed(db, viewer, wanted, paging)
    return paging.cut(found, lambda one: one.run.id, OverviewRun.made)


@router.get("/queue", operation_id="list_queue")
async def queue(db: Reading, viewer: CurrentViewer, paging: Paged, pool: Slug = None) -> Page[OverviewRun]:
    """Who waits for a place in a pool, by pool and position."""
    found = await service.queue(db, viewer, pool, paging)
    return paging.cut(found, service.queue_key, OverviewRun.made)


@router.get("/nodes", operation_id="list_node_use")
async def nodes(db: Reading, viewer: CurrentViewer, paging: Paged) -> Page[NodeUse]:
    """What live runs take on each node of the cluster, by its name."""
    found = await service.nodes(db, viewer, paging)
    return paging.cut(found, lambda one: one.of, NodeUse.made)


async def _asked(
    db: AsyncSession, viewer: Viewer, run_id: str, wanted: str, *, keeping: Keeping | None = None
) -> OverviewRun:
    run = await wishes.ask_for_another(db, viewer, run_id, wanted, keeping=keeping)
    return OverviewRun.made((await service.named(db, [run]))[0])


_ASKED = responses(NotFound, Conflict)


@router.post(
    "/runs/{run_id}/pause",
    operation_id="pause_run",
    status_code=HTTPStatus.ACCEPTED,
    responses=_ASKED,
)
async def pause(db: Writing, viewer: CurrentViewer, run_id: str) -> OverviewRun:
    """Pauses anybody's run: /work is kept, CPU and memory are given back."""
    return await _asked(db, viewer, run_id, "pause")


@router.post(
    "/runs/{run_id}/stop", operation_id="stop_run", status_code=HTTPStatus.ACCEPTED, responses=_ASKED
)
async def stop(db: Writing, viewer: CurrentViewer, keeping: KeepingHere, run_id: str) -> OverviewRun:
    """Stops anybody's run and deletes its /work."""
    return await _asked(db, viewer, run_id, "stop", keeping=keeping)


@router.post(
    "/runs/{run_id}/cancel", operation_id="cancel_run", status_code=HTTPStatus.ACCEPTED, responses=_ASKED
)
async def cancel(db: Writing, viewer: CurrentViewer, run_id: str) -> OverviewRun:
    """Ends anybody's launch before it is ready; /work stays as it is."""
    return await _asked(db, viewer, run_id, "cancel")
