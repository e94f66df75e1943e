"""What a session's own address answers while nothing runs there, when the proxy leads it here."""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path, Request
from fastapi.responses import Response
from sqlalchemy.ext.asyncio import AsyncSession

from sessions_api.environments import service as environments
from sessions_api.environments.dependencies import kinds_here
from sessions_api.kit import clock
from sessions_api.kit.errors import NotFound, Problem, problem_response
from sessions_api.kit.transactions import Reading
from sessions_api.people.dependencies import PageViewer
from sessions_api.people.viewer import Viewer
from sessions_api.runs import estimates, present, present_refused, service
from sessions_api.runs.pages import around
from sessions_api.runs.present import Around
from sessions_api.runs.shell import SHELL
from sessions_api.runs.tables import Run
from sessions_api.sessions.views import ResumePage
from sessions_api.web import words
from sessions_api.web.parts import Action, Hint
from sessions_api.web.render import page, see_other
from spawner.reasons import Reason
from spawner.spec import LaunchSpec

router = APIRouter(include_in_schema=False)

OPENING = timedelta(seconds=15)
"""How long after a session became ready the hub may take to lead its address to it."""

_NOTES = {"paused": "Its /work is kept.", "failed": "Its /work is kept.", "stopped": "Its /work was deleted."}


class NotRunning(Problem):
    """Nothing answers at a session's address. JupyterLab knows this status and says so in its own words."""

    status = HTTPStatus.FAILED_DEPENDENCY
    code = "not_running"


@router.api_route("/user/{person}/{server}/{rest:path}", methods=["POST", "PUT", "PATCH", "DELETE"])
async def refuse() -> Response:
    """Tells a program that was left open in a browser that its session does not run."""
    return problem_response(not_running())


def not_running() -> NotRunning:
    """What a program is told that was left open in a browser."""
    return NotRunning("This session does not run.", hint="Open its address to resume it.")


@router.get("/user/{person}/{server}/{rest:path}", dependencies=SHELL)  # noqa: FAST003 - any page below
@router.get("/user/{person}/{server}", dependencies=SHELL)
async def resume(
    request: Request,
    db: Reading,
    viewer: PageViewer,
    person: Annotated[str, Path(max_length=255)],
    server: Annotated[str, Path(max_length=40)],
) -> Response:
    """Offers to bring the session back; tells programs that it does not run."""
    run = await service.newest_on_server(db, viewer.name, server) if person == viewer.name else None
    if run is None:
        raise NotFound(f"There is no session at {request.url.path} that you can see.")
    if "text/html" not in request.headers.get("Accept", ""):
        return problem_response(
            NotRunning("This session does not run.", hint=f"Resume it at /runs/{run.id}.")
        )
    now = clock.now()
    belongs = await around(db, run, kinds_here(request))
    if run.phase == "running" and run.wish == "run" and clock.within(run.ready_at or now, OPENING):
        return page(
            request,
            "sessions/opening.html",
            status=NotRunning.status,
            name=belongs.session.name,
            href=f"/runs/{run.id}",
        )
    if present.status(run, now).state in {"launching", "running"}:
        return see_other(f"/runs/{run.id}")
    newest = await _newer(db, viewer, belongs)
    usual = (await estimates.of_sessions(db, [run.session_id]))[run.session_id].total
    view = _view(run, belongs, newest, words.usual(usual.usual, usual.most) if usual else "")
    return page(request, "sessions/resume.html", status=NotRunning.status, view=view)


async def _newer(db: AsyncSession, viewer: Viewer, belongs: Around) -> int | None:
    """The number of a version newer than the run's; of what the viewer does not see there is none."""
    environment = belongs.environment
    if environment.archived_at is not None or not await environments.seen(db, viewer, [environment.id]):
        return None
    newest = (await environments.latest(db, environment.id)).number
    return newest if newest > belongs.version.number else None


def _news(belongs: Around, newest: int) -> Hint:
    environment, version = belongs.environment, belongs.version.number
    return Hint(
        f"Version {newest} of {environment.name} is there. Resume stays with version {version}.",
        "update",
        "note",
        (Action("See changes", f"/environments/{environment.slug}/versions/{version}...{newest}"),),
    )


def _note(run: Run, reason: Reason | None, since: str) -> str:
    if reason is not None and run.phase == "failed":
        return reason.sentence
    why = reason.sentence if reason is not None and run.phase == "paused" else ""
    return " ".join(filter(None, (f"{since}.", why, _NOTES.get(run.phase, ""))))


def _view(run: Run, belongs: Around, newest: int | None, usual: str) -> ResumePage:
    now = clock.now()
    name = belongs.session.name
    base = present.session_path(belongs.project, belongs.session)
    state = present.status(run, now)
    paused = run.phase == "paused"
    spec = LaunchSpec.model_validate(run.spec) if run.spec else None
    label, icon = {"paused": ("Resume session", "play"), "failed": ("Retry", "retry")}.get(
        run.phase, ("Start session", "play")
    )
    links = [
        Action("Project", present.project_path(belongs.project), "back"),
        Action("Log", f"/runs/{run.id}#log", "log"),
    ]
    if run.phase in {"paused", "failed"}:
        word = "Stop…" if paused else "Delete /work…"
        links.append(Action(word, f"{base}/stop", "stop", ask=True, danger=True))
    reason = present.reason_of(run)
    return ResumePage(
        title=f"{name}: {state.word.lower()}",
        name=name,
        crumbs=present.crumbs(belongs.project, name),
        status=state,
        note=_note(run, reason, state.beside),
        url=f"/user/{run.person}/{run.server}/",
        do=Action(label, f"{base}/start", icon, small=usual, post=True),
        kept=(
            "/work, with every file and change in it",
            *(f"{each.folder}, as you left it" for each in (spec.repositories if spec else ())),
        )
        if paused
        else (),
        same=f"Same environment: {belongs.environment.name} version {belongs.version.number}",
        digest=belongs.version.digest,
        ended_by="Ended by the pause",
        ended=("Kernels and terminals, with what they held in memory",) if paused else (),
        news=(
            *present_refused.hints(run, base, whole=False),
            *((_news(belongs, newest),) if paused and newest is not None else ()),
        ),
        links=tuple(links),
    )
