"""The page that a launch link leads to: what would start, and with what; nothing starts by looking."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request
from fastapi.responses import Response

from sessions_api.kit import clock
from sessions_api.kit.transactions import Reading
from sessions_api.projects.dependencies import PageProject
from sessions_api.resources.specs import spec_of
from sessions_api.rights.policy import CONFIGURE
from sessions_api.runs import links, present, starting
from sessions_api.runs.shell import SHELL
from sessions_api.runs.tables import Run
from sessions_api.runs.views import LaunchLink
from sessions_api.sessions import present as session_present
from sessions_api.sessions import service as sessions
from sessions_api.sessions.pages_around import around_here
from sessions_api.web import words
from sessions_api.web.parts import Action
from sessions_api.web.render import page

router = APIRouter(prefix="/projects/{slug}", include_in_schema=False, dependencies=SHELL)

SessionName = Annotated[str, Path(max_length=80)]


@router.get("/sessions/{session}/start")
async def ask_start(request: Request, db: Reading, access: PageProject, session: SessionName) -> Response:
    """Says what would start, and asks."""
    found = await sessions.get(db, access, session)
    asked = {name: request.query_params.getlist(name) for name in request.query_params}
    wanted = links.variables(asked)
    starting.require_variables(found, wanted)
    around = await around_here(request, db, access, [found])
    run = around.runs.get(found.id)
    environment = around.environments[found.environment_id]
    version = around.versions[found.version_id]
    of_class = around.classes.get(found.resource_class_id or "")
    numbers = words.resources(spec_of(found, around.classes))
    do, note = _action(run, present.session_path(access.project, found), wanted)
    base = request.app.state.settings.public_url
    view = LaunchLink(
        name=found.name,
        project=access.project.name,
        crumbs=present.crumbs(access.project, found.name),
        status=present.status(run, clock.now()),
        facts=(
            ("Environment", f"{environment.name}, version {version.number}"),
            *((("Image", version.image),) if version.image else ()),
            ("Front end", session_present.front_end(found, run, around)),
            ("Resources", f"{of_class.name}: {numbers}" if of_class else numbers),
        ),
        variables=tuple(wanted.items()),
        note=note,
        do=do,
        link=f"{base}{request.url.path}{links.query(wanted.items())}",
        example=f"{links.PREFIX}{next(iter(found.variables))}" if found.variables else "",
        editor=access.may(CONFIGURE),
        back=present.card_path(access.project, found),
    )
    return page(request, "runs/link.html", view=view)


def _action(run: Run | None, base: str, wanted: dict[str, str]) -> tuple[Action, str]:
    """What the button does, and what is to be said before."""
    fields = tuple((f"{links.PREFIX}{name}", value) for name, value in wanted.items())
    late = " The link's variables are for its next start." if wanted else ""
    phase = run.phase if run is not None else ""
    if run is not None and phase == "running" and present.settled(run):
        return Action("Open session", run.url, "open"), f"It runs already.{late}"
    if run is not None and (phase in {"queued", "launching"} or not present.settled(run)):
        return Action("Watch launch", f"/runs/{run.id}", "right"), f"It is on its way already.{late}"
    if phase == "paused" and wanted:
        anew = (("anew", "on"), *fields)
        note = "You have it paused. It starts anew with these variables; what is in /work is kept."
        return Action("Start session", f"{base}/start", "play", post=True, fields=anew), note
    if phase == "paused":
        return Action("Resume session", f"{base}/start", "play", post=True), "You have it paused."
    return Action("Start session", f"{base}/start", "play", post=True, fields=fields), ""
