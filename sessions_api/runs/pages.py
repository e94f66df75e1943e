"""Pages of runs: starting, watching, pausing and stopping, for people."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request
from fastapi.responses import PlainTextResponse, Response
from sqlalchemy.ext.asyncio import AsyncSession
from sse_starlette import EventSourceResponse

from sessions_api.environments import service as environments
from sessions_api.kit import clock
from sessions_api.kit.errors import Conflict, NotFound
from sessions_api.kit.paging import Paged
from sessions_api.kit.transactions import Reading, Writing, database
from sessions_api.people.dependencies import PageViewer
from sessions_api.people.viewer import Role, Viewer
from sessions_api.projects import present as project_present
from sessions_api.projects import service as projects
from sessions_api.projects.dependencies import FormProject, PageProject
from sessions_api.projects.service import Access
from sessions_api.runs import estimates, present, service, streams
from sessions_api.runs.schemas import Overrides
from sessions_api.runs.shell import SHELL
from sessions_api.runs.tables import Run
from sessions_api.sessions import service as sessions
from sessions_api.web import forms
from sessions_api.web.parts import Action, Confirm
from sessions_api.web.render import page, see_other
from spawner.spec import LaunchSpec

router = APIRouter(include_in_schema=False, dependencies=SHELL)

RunId = Annotated[str, Path(max_length=26)]
SessionName = Annotated[str, Path(max_length=80)]


async def around(db: AsyncSession, run: Run) -> present.Around:
    """What a run belongs to; all of it is kept as long as the run."""
    return present.Around(
        (await projects.by_ids(db, [run.project_id]))[run.project_id],
        await sessions.by_id(db, run.session_id),
        (await environments.by_ids(db, [run.environment_id]))[run.environment_id],
        await environments.version(db, run.version_id),
    )


async def _may_edit(db: AsyncSession, viewer: Viewer, slug: str) -> bool:
    try:
        return (await projects.access(db, viewer, slug)).role >= Role.EDITOR
    except NotFound:
        return False


@router.get("/runs/{run_id}")
async def show(request: Request, db: Reading, viewer: PageViewer, run_id: RunId) -> Response:
    """A launch while it goes on, and what became of it."""
    run = await service.own(db, viewer, run_id)
    belongs = await around(db, run)
    log = await service.log_tail(db, run, present.LINES)
    usual = await estimates.of_sessions(db, [run.session_id])
    view = present.run_page(
        run,
        belongs,
        await service.stages(db, run),
        [event for event in log if event.attempt == run.attempt],
        usual[run.session_id],
        editor=await _may_edit(db, viewer, belongs.project.slug),
        now=clock.now(),
    )
    return page(request, "runs/show.html", run=view)


@router.get("/runs/{run_id}/log")
async def log(db: Reading, viewer: PageViewer, run_id: RunId) -> Response:
    """Everything that is kept of a run's log, as text."""
    run = await service.own(db, viewer, run_id)
    lines = await service.log_tail(db, run, service.MOST_LINES)
    text = "".join(
        f"{each.at:%Y-%m-%d %H:%M:%S}Z {each.data['source']}: {each.data['text']}\n" for each in lines
    )
    return PlainTextResponse(text, headers={"X-Content-Type-Options": "nosniff"})


@router.get("/events")
async def events(request: Request, viewer: PageViewer) -> EventSourceResponse:
    """`changed` whenever the status of one of the viewer's runs did."""
    return streams.person_changes(database(request), viewer)


@router.get("/projects/{slug}/history")
async def history(request: Request, db: Reading, access: PageProject, paging: Paged) -> Response:
    """The viewer's own runs in a project, newest first."""
    found = await service.history(db, access.viewer, paging, project_id=access.project.id)
    listed = paging.cut(found, lambda run: run.id, lambda run: run)
    named = await sessions.by_ids(db, {run.session_id for run in listed.items})
    known = await environments.by_ids(db, {run.environment_id for run in listed.items})
    versions = await environments.versions_by_ids(db, {run.version_id for run in listed.items})
    people = await projects.count_members(db, [access.project.id])
    now = clock.now()
    rows = tuple(
        present.history_row(
            run,
            present.Around(
                access.project, named[run.session_id], known[run.environment_id], versions[run.version_id]
            ),
            now,
        )
        for run in listed.items
    )
    return page(
        request,
        "runs/history.html",
        project=project_present.head(access, people=people.get(access.project.id, 0)),
        rows=rows,
        pager=project_present.pager(
            len(rows), "run", request.url.path, listed.next, first=paging.after is None
        ),
    )


async def _start(request: Request, db: AsyncSession, access: Access, session_id: str | None) -> Response:
    session = (
        await sessions.default_of(db, access)
        if session_id is None
        else await sessions.get(db, access, session_id)
    )
    if session is None:
        raise Conflict(
            f"{access.project.name} has no session to start.",
            hint="Add one first.",
            links={"project": present.project_path(access.project)},
        )
    form = await forms.read(request)
    ref = form.given("folder", "ref")
    run = await service.start(
        db,
        access,
        session,
        Overrides(
            without=list(form.values.get("without", ())),
            refs={ref["folder"]: ref["ref"]} if len(ref) > 1 else {},
        ),
    )
    opens = run.phase == "running" and present.settled(run)
    return see_other(run.url if opens else f"/runs/{run.id}")


@router.post("/projects/{slug}/start")
async def start_default(request: Request, db: Writing, access: FormProject) -> Response:
    """Starts the default session, then shows its launch."""
    return await _start(request, db, access, None)


@router.post("/projects/{slug}/sessions/{session}/start")
async def start(request: Request, db: Writing, access: FormProject, session: SessionName) -> Response:
    """Starts or resumes a session, then shows its launch."""
    return await _start(request, db, access, session)


async def newest(db: AsyncSession, access: Access, session: str, wanted: str) -> Run:
    """The viewer's latest run of a session.

    Raises:
        Conflict: they never started it.
        NotFound: the project has no such session.
    """
    found = await sessions.get(db, access, session)
    run = (await service.latest(db, access.viewer.name, [found.id])).get(found.id)
    if run is None:
        raise Conflict(
            f"You never started {found.name}, so there is nothing to {wanted}.", code=f"nothing_to_{wanted}"
        )
    return run


@router.post("/projects/{slug}/sessions/{session}/pause")
async def pause(db: Writing, access: FormProject, session: SessionName) -> Response:
    """Pauses the viewer's run."""
    run = await service.wish(db, await newest(db, access, session, "pause"), "pause")
    return see_other(f"/runs/{run.id}")


@router.post("/projects/{slug}/sessions/{session}/cancel")
async def cancel(db: Writing, access: FormProject, session: SessionName) -> Response:
    """Ends the viewer's launch."""
    await service.wish(db, await newest(db, access, session, "cancel"), "cancel")
    return see_other(present.project_path(access.project))


@router.get("/projects/{slug}/sessions/{session}/stop")
async def ask_stop(request: Request, db: Reading, access: PageProject, session: SessionName) -> Response:
    """Says what a stop takes away."""
    run = await newest(db, access, session, "stop")
    named = await sessions.get(db, access, session)
    base = present.session_path(access.project, named)
    spec = LaunchSpec.model_validate(run.spec) if run.spec else None
    running = run.phase in {"queued", "launching", "running"}
    pushed = (
        tuple(f"Commits and changes in {each.folder} that were not pushed" for each in spec.repositories)
        if spec
        else ()
    )
    kept = tuple(f"What lies in the storage {each.name}" for each in spec.storages) if spec else ()
    confirm = Confirm(
        title=f"Stop {named.name}?" if running else f"Delete /work of {named.name}?",
        crumbs=present.crumbs(access.project, named.name),
        lines=(
            "Stopping ends it and deletes this session's own /work. Pause keeps everything."
            if running
            else "This deletes what the session kept for you. Its configuration stays.",
        ),
        do=Action(
            "Stop and delete /work" if running else "Delete /work",
            f"{base}/stop",
            "stop",
            post=True,
            danger=True,
        ),
        instead=Action("Pause instead", f"{base}/pause", "pause", post=True)
        if run.phase == "running"
        else None,
        back=f"/runs/{run.id}",
        keep="Keep running" if running else "Keep it",
        lost=("Every file in /work that is nowhere else", *pushed),
        kept=(*kept, "The session and its configuration"),
    )
    return page(request, "confirm.html", confirm=confirm)


@router.post("/projects/{slug}/sessions/{session}/stop")
async def stop(db: Writing, access: FormProject, session: SessionName) -> Response:
    """Stops the viewer's run and deletes its /work."""
    await service.wish(db, await newest(db, access, session, "stop"), "stop")
    return see_other(present.project_path(access.project))
