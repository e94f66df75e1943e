"""Deleting what is kept, on a page that asks."""

from typing import Annotated

from fastapi import APIRouter, Path, Request
from fastapi.responses import Response

from sessions_api.kit import clock
from sessions_api.kit.transactions import Reading, Writing
from sessions_api.people.dependencies import PageViewer
from sessions_api.projects import service as projects
from sessions_api.runs import present
from sessions_api.runs.kept import service
from sessions_api.runs.shell import SHELL
from sessions_api.sessions import service as sessions
from sessions_api.web import forms, words
from sessions_api.web.parts import Action, Confirm
from sessions_api.web.render import page, see_other

router = APIRouter(prefix="/kept/{kept_id}", include_in_schema=False, dependencies=SHELL)

KeptId = Annotated[str, Path(max_length=26)]


@router.get("/delete")
async def ask_delete(request: Request, db: Reading, viewer: PageViewer, kept_id: KeptId) -> Response:
    """Says what goes."""
    kept = await service.own(db, viewer, kept_id)
    project = (await projects.by_ids(db, [kept.project_id]))[kept.project_id]
    session = (await sessions.by_ids(db, [kept.session_id]))[kept.session_id]
    at = words.minute(kept.asked_at, clock.now())
    confirm = Confirm(
        title=f"Delete /work of {at}, kept of {session.name}?",
        crumbs=present.crumbs(project, session.name),
        lines=("Nothing can be started from it any more.",),
        lost=("Every file that was in /work and is nowhere else",),
        do=Action("Delete what is kept", f"/kept/{kept.id}/delete", "trash", post=True, danger=True),
        back=present.card_path(project, session),
        keep="Keep it",
    )
    return page(request, "confirm.html", confirm=confirm)


@router.post("/delete")
async def delete(request: Request, db: Writing, viewer: PageViewer, kept_id: KeptId) -> Response:
    """Deletes it."""
    await forms.read(request)
    kept = await service.delete(db, viewer, kept_id)
    project = (await projects.by_ids(db, [kept.project_id]))[kept.project_id]
    return see_other(present.project_path(project))
