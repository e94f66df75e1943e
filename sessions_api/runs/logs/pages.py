"""Pages of logs: what is kept of each container, searched, followed and downloaded."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Path, Request
from fastapi.responses import Response

from sessions_api.kit import clock
from sessions_api.kit.transactions import Reading, database
from sessions_api.people.dependencies import PageViewer
from sessions_api.projects import service as projects
from sessions_api.runs import service
from sessions_api.runs.logs import present, texts
from sessions_api.runs.logs.dependencies import Wanted
from sessions_api.runs.shell import SHELL
from sessions_api.sessions import service as sessions
from sessions_api.web.render import page

router = APIRouter(include_in_schema=False, dependencies=SHELL)

RunId = Annotated[str, Path(max_length=26)]


@router.get("/runs/{run_id}/log")
async def show(request: Request, db: Reading, viewer: PageViewer, run_id: RunId, wanted: Wanted) -> Response:
    """The log of one attempt, narrowed to a container and to what is searched for."""
    run = await service.own(db, viewer, run_id)
    attempt = wanted.attempt or run.attempt
    view = present.log_page(
        run,
        (
            (await projects.by_ids(db, [run.project_id]))[run.project_id],
            await sessions.by_id(db, run.session_id),
        ),
        await service.log_tail(db, run, replace(wanted, attempt=attempt), present.MOST),
        await service.log_sources(db, run),
        wanted,
        begun=await service.begun(db, run, attempt),
        now=clock.now(),
    )
    return page(request, "runs/log.html", log=view)


@router.get("/runs/{run_id}/log.txt")
async def download(
    request: Request, db: Reading, viewer: PageViewer, run_id: RunId, wanted: Wanted
) -> Response:
    """Everything that is kept of it, as a file."""
    run = await service.own(db, viewer, run_id)
    return texts.download(database(request), run.id, wanted)
