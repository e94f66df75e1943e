"""Pages of shares: who is let into a session, and for how long."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request
from fastapi.responses import Response
from sqlalchemy.ext.asyncio import AsyncSession

from sessions_api.kit import clock
from sessions_api.kit.paging import Paging
from sessions_api.kit.transactions import Reading, Writing
from sessions_api.people.dependencies import PageViewer
from sessions_api.people.viewer import Viewer
from sessions_api.projects import service as projects
from sessions_api.runs import service as runs
from sessions_api.runs.present import crumbs
from sessions_api.runs.shares import present, service
from sessions_api.runs.shares.dependencies import ShareId, sharing_here
from sessions_api.runs.shares.schemas import ShareCreate
from sessions_api.runs.shell import SHELL
from sessions_api.sessions import service as sessions
from sessions_api.web import forms
from sessions_api.web.forms import REFUSALS, Form
from sessions_api.web.render import page, see_other

router = APIRouter(include_in_schema=False, dependencies=SHELL)

RunId = Annotated[str, Path(max_length=26)]
LABELS = {"person": "Member", "hours": "For how long"}


async def _page(request: Request, db: AsyncSession, viewer: Viewer, run_id: str, form: Form) -> Response:
    run = await runs.own(db, viewer, run_id)
    sharing = sharing_here(request)
    session = await sessions.by_id(db, run.session_id)
    project = (await projects.by_ids(db, [run.project_id]))[run.project_id]
    off = "" if sharing.on else f"{service.OFF} {service.OFF_HINT}"
    if sharing.on and (run.phase != "running" or run.wish != "run"):
        off = "This session does not run, so nobody can be let in."
    view = present.SharesPage(
        crumbs=crumbs(project, "Share"),
        name=session.name,
        back=f"/runs/{run.id}",
        rows=present.rows(
            run, await service.of_run(db, viewer, run.id, Paging(limit=service.MOST)), clock.now()
        ),
        off=off,
        people=tuple(await service.candidates(db, viewer, run)),
        hours=present.hours(sharing.most_hours),
    )
    return page(request, "shares/show.html", status=form.status, view=view, form=form)


@router.get("/runs/{run_id}/shares")
async def show(request: Request, db: Reading, viewer: PageViewer, run_id: RunId) -> Response:
    """Whom the viewer's run is shared with, and with whom it can be."""
    return await _page(request, db, viewer, run_id, Form())


@router.post("/runs/{run_id}/shares")
async def share(request: Request, db: Writing, viewer: PageViewer, run_id: RunId) -> Response:
    """Lets a member in."""
    form = await forms.read(request)
    try:
        async with db.begin_nested():
            body = ShareCreate.model_validate({"person": "", **form.given("person", "hours")})
            await service.share(
                db, viewer, run_id, sharing_here(request), person=body.person, hours=body.hours
            )
    except REFUSALS as error:
        return await _page(request, db, viewer, run_id, form.refused(error, LABELS))
    return see_other(request.url.path)


@router.post("/runs/{run_id}/shares/{share_id}/revoke")
async def take_back(db: Writing, viewer: PageViewer, run_id: RunId, share_id: ShareId) -> Response:
    """Lets somebody in no more."""
    run = await service.take_back(db, viewer, run_id, share_id)
    return see_other(f"/runs/{run.id}/shares")
