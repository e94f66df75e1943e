"""Another size for what runs, asked for on a page."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from sessions_api.cluster.dependencies import cluster_here
from sessions_api.kit.transactions import Writing
from sessions_api.projects.dependencies import FormProject
from sessions_api.runs.pages import SessionName, newest
from sessions_api.runs.resizing import service
from sessions_api.runs.shell import SHELL
from sessions_api.web.render import see_other

router = APIRouter(include_in_schema=False, dependencies=SHELL)


@router.post("/projects/{slug}/sessions/{session}/resize")
async def resize(request: Request, db: Writing, access: FormProject, session: SessionName) -> Response:
    """Asks for the size that the session is configured with, and shows what becomes of it."""
    found, run = await newest(db, access, session, "resize")
    await service.ask(db, access, found, run, cluster=cluster_here(request))
    return see_other(f"/runs/{run.id}")
