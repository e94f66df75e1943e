"""What every page of a logged-in person shows around itself."""

from __future__ import annotations

from fastapi import Depends, Request

from sessions_api.kit import clock
from sessions_api.kit.transactions import database
from sessions_api.people.dependencies import PageViewer
from sessions_api.projects import service as projects
from sessions_api.runs import present, service
from sessions_api.sessions import service as sessions


async def _shell(request: Request, viewer: PageViewer) -> None:
    request.state.viewer = viewer
    request.state.csrf = viewer.csrf
    # Not `Reading`: a form's route writes, and would wait for a second connection while this one is held.
    async with database(request).read() as db:
        runs = await service.live_of_person(db, viewer.name)
        named = await sessions.by_ids(db, {run.session_id for run in runs})
        found = await projects.by_ids(db, [run.project_id for run in runs])
    now = clock.now()
    request.state.live = tuple(
        present.live_item(run, named[run.session_id], found[run.project_id], now) for run in runs
    )


SHELL = [Depends(_shell)]
"""Dependencies of every router of pages."""
