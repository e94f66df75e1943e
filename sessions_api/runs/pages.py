"""Pages of runs: starting and watching, for people."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Path, Request
from fastapi.responses import Response
from sqlalchemy.ext.asyncio import AsyncSession
from sse_starlette import EventSourceResponse

from sessions_api.environments import front_ends
from sessions_api.environments import service as environments
from sessions_api.environments.dependencies import kinds_here
from sessions_api.environments.kinds import Kinds
from sessions_api.kit import clock
from sessions_api.kit.errors import Conflict, NotFound
from sessions_api.kit.paging import Paged
from sessions_api.kit.transactions import Reading, Writing, database
from sessions_api.people.dependencies import PageViewer
from sessions_api.people.viewer import Viewer
from sessions_api.projects import present as project_present
from sessions_api.projects import service as projects
from sessions_api.projects.dependencies import FormProject, PageProject
from sessions_api.projects.service import Access
from sessions_api.resources import service as resources
from sessions_api.resources.specs import spec_of
from sessions_api.rights.policy import CONFIGURE
from sessions_api.runs import estimates, links, present, present_refused, service, sparks, starting, streams
from sessions_api.runs.kept import service as kept_works
from sessions_api.runs.kept import words as kept_words
from sessions_api.runs.life import service as life
from sessions_api.runs.life import words as life_words
from sessions_api.runs.lines import Lines
from sessions_api.runs.resizing import words as resizing_words
from sessions_api.runs.schemas import Overrides
from sessions_api.runs.shares import words as share_words
from sessions_api.runs.shares.dependencies import sharing_here
from sessions_api.runs.shell import SHELL
from sessions_api.runs.tables import Run
from sessions_api.runs.usage import service as usage
from sessions_api.sessions import present_changes
from sessions_api.sessions import service as sessions
from sessions_api.sessions.dependencies import lifetimes_here
from sessions_api.sessions.pages_around import around_here
from sessions_api.sessions.tables import Session
from sessions_api.web import forms, words
from sessions_api.web.parts import Action, Confirm
from sessions_api.web.render import page, see_other

router = APIRouter(include_in_schema=False, dependencies=SHELL)

RunId = Annotated[str, Path(max_length=26)]
SessionName = Annotated[str, Path(max_length=80)]


async def around(db: AsyncSession, run: Run, kinds: Kinds) -> present.Around:
    """What a run belongs to; all of it is kept as long as the run."""
    session = await sessions.by_id(db, run.session_id)
    version = await environments.version(db, run.version_id)
    return present.Around(
        (await projects.by_ids(db, [run.project_id]))[run.project_id],
        session,
        (await environments.by_ids(db, [run.environment_id]))[run.environment_id],
        version,
        spec_of(session, await resources.of_sessions(db, [session])),
        front_ends.chosen(version, session.front_end, kinds.computer).name,
    )


async def _may_edit(db: AsyncSession, viewer: Viewer, slug: str) -> bool:
    try:
        return (await projects.access(db, viewer, slug)).may(CONFIGURE)
    except NotFound:
        return False


@router.get("/runs/{run_id}")
async def show(request: Request, db: Reading, viewer: PageViewer, run_id: RunId) -> Response:
    """A launch while it goes on, and what became of it."""
    run = await service.own(db, viewer, run_id)
    belongs = await around(db, run, kinds_here(request))
    log = await service.log_tail(db, run, Lines(attempt=run.attempt), present.LINES)
    usual = await estimates.of_sessions(db, [run.session_id])
    now = clock.now()
    view = present.run_page(
        run,
        belongs,
        await service.stages(db, run),
        log,
        usual[run.session_id],
        seen=bool(await environments.seen(db, viewer, [run.environment_id])),
        editor=await _may_edit(db, viewer, belongs.project.slug),
        shares=sharing_here(request).on,
        now=now,
    )
    base = present.session_path(belongs.project, belongs.session)
    sharing = await share_words.of_run(db, viewer, run, sharing_here(request), now)
    lifetime = life_words.lifetime(
        run,
        await life.of_runs(db, [run]),
        belongs.session,
        base=base,
        lifetimes=lifetimes_here(request),
        now=now,
    )
    used = await usage.recent(db, run)
    kept = (await kept_works.of_sessions(db, viewer, [run.session_id])).get(run.session_id, [])
    # What is being kept of the run before holds up a start.
    concerns = [one for one in kept if one.run_id == run.id or (run.phase, one.state) == ("queued", "wanted")]
    view = replace(
        view,
        sparks=sparks.of_run(run, used, now),
        peaks=words.listed(sparks.peaks(run)),
        hints=(
            *present_refused.hints(run, base, whole=False),
            *resizing_words.hints(run, belongs.resources, base),
            *kept_words.hints(run, concerns, base, now),
        ),
    )
    return page(
        request,
        "runs/show.html",
        run=view,
        lifetime=lifetime,
        sharing=sharing,
        sharing_off=share_words.off(run, sharing_here(request)),
    )


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
    kept = await kept_works.of_runs(db, [run.id for run in listed.items])
    people = await projects.count_members(db, [access.project.id])
    now = clock.now()
    rows = tuple(
        replace(
            present.history_row(
                run,
                session=named[run.session_id].name,
                environment=known[run.environment_id].name,
                version=versions[run.version_id].number,
                now=now,
            ),
            kept=kept_words.until(kept[run.id], present.card_path(access.project, named[run.session_id]), now)
            if run.id in kept
            else None,
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
    run = await starting.start(
        db,
        access,
        session,
        Overrides(
            without=list(form.values.get("without", ())),
            refs={ref["folder"]: ref["ref"]} if len(ref) > 1 else {},
            variables=links.variables(form.values),
            anew=form.chosen("anew", "on"),
            kept=form.given("kept").get("kept"),
        ),
        kinds=kinds_here(request),
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


@router.get("/projects/{slug}/sessions/{session}/restart")
async def ask_restart(request: Request, db: Reading, access: PageProject, session: SessionName) -> Response:
    """Says what waits for the next start, and what a restart ends and keeps."""
    found, run = await newest(db, access, session, "restart")
    around = await around_here(request, db, access, [found])
    changed = present_changes.changed(found, run, around)
    base = present.session_path(access.project, found)
    waits = words.listed(tuple(changed))
    confirm = Confirm(
        title=f"Restart {found.name} with the changes?" if changed else f"Restart {found.name}?",
        crumbs=present.crumbs(access.project, found.name),
        lines=(
            f"Changed since it was started: {waits}."
            if changed
            else "Nothing was changed since it was started.",
            "It is paused and started again, at once.",
        ),
        lost=("Kernels, terminals and whatever else runs in it",),
        kept=("Everything in /work",),
        do=Action(
            "Restart with the changes" if changed else "Restart", f"{base}/restart", "retry", post=True
        ),
        back=present.card_path(access.project, found),
        keep="Let it run",
    )
    return page(request, "confirm.html", confirm=confirm)


@router.post("/projects/{slug}/sessions/{session}/restart")
async def restart(request: Request, db: Writing, access: FormProject, session: SessionName) -> Response:
    """Pauses the viewer's run and starts the session as it is configured now."""
    found = await sessions.get(db, access, session)
    run = await starting.restart(db, access, found, kinds=kinds_here(request))
    return see_other(f"/runs/{run.id}")


async def newest(db: AsyncSession, access: Access, session: str, wanted: str) -> tuple[Session, Run]:
    """A session, and the viewer's latest run of it.

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
    return found, run
