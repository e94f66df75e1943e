"""Pages of runs: starting, watching, pausing and stopping, for people."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Path, Request
from fastapi.responses import Response
from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession
from sse_starlette import EventSourceResponse

from sessions_api.cluster.dependencies import cluster_here
from sessions_api.environments import front_ends
from sessions_api.environments import service as environments
from sessions_api.environments.dependencies import kinds_here
from sessions_api.environments.kinds import Kinds
from sessions_api.hub.client import Hub
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
from sessions_api.runs import estimates, links, present, service, sparks, starting, streams, unsaved, wishes
from sessions_api.runs.kept import service as kept_works
from sessions_api.runs.kept import words as kept_words
from sessions_api.runs.kept.dependencies import keeping_here
from sessions_api.runs.kept.service import Keeping
from sessions_api.runs.life import service as life
from sessions_api.runs.life import words as life_words
from sessions_api.runs.lines import Lines
from sessions_api.runs.resizing import words as resizing_words
from sessions_api.runs.schemas import KeepAlive, Overrides
from sessions_api.runs.shares import words as share_words
from sessions_api.runs.shares.dependencies import sharing_here
from sessions_api.runs.shell import SHELL
from sessions_api.runs.tables import Run
from sessions_api.runs.usage import service as usage
from sessions_api.sessions import present as session_present
from sessions_api.sessions import present_changes
from sessions_api.sessions import service as sessions
from sessions_api.sessions.dependencies import lifetimes_here
from sessions_api.sessions.tables import Session
from sessions_api.web import forms, words
from sessions_api.web.parts import Action, Confirm
from sessions_api.web.render import page, see_other
from spawner.spec import LaunchSpec

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
    kept = await kept_works.of_run(db, run.id)
    view = replace(
        view,
        sparks=sparks.of_run(run, used, now),
        peaks=words.listed(sparks.peaks(run)),
        hints=(
            *resizing_words.hints(run, belongs.resources, base),
            *kept_words.hints(run, [kept] if kept is not None else [], base, now),
        ),
    )
    return page(request, "runs/show.html", run=view, lifetime=lifetime, sharing=sharing)


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
            session=named[run.session_id].name,
            environment=known[run.environment_id].name,
            version=versions[run.version_id].number,
            now=now,
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
    around = await session_present.around(
        db,
        access,
        [found],
        kinds=kinds_here(request),
        lifetimes=lifetimes_here(request),
        cluster=cluster_here(request),
    )
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


@router.get("/projects/{slug}/sessions/{session}/pause")
async def ask_pause(request: Request, db: Reading, access: PageProject, session: SessionName) -> Response:
    """Says what a pause ends and what it keeps; there is nothing to ask where nothing runs."""
    named, run = await newest(db, access, session, "pause")
    if (run.phase, run.wish) != ("running", "run") or run.spec is None:
        return see_other(f"/runs/{run.id}")
    found = await unsaved.ask(*_reached(request), run, LaunchSpec.model_validate(run.spec))
    ends = "Kernels, terminals and whatever else runs in it" if found is None else found.in_memory
    confirm = Confirm(
        title=f"Pause {named.name}?",
        crumbs=present.crumbs(access.project, named.name),
        lines=(
            "CPU and memory are given back, and Resume brings it back."
            if ends
            else "CPU and memory are given back, and Resume brings it back. Nothing is lost.",
        ),
        lost=(f"{ends}, with what they hold in memory",) if ends else (),
        kept=("Everything in /work", *(found.sentences if found else ())),
        do=Action("Pause", f"{present.session_path(access.project, named)}/pause", "pause", post=True),
        back=present.card_path(access.project, named),
        keep="Let it run",
        at_hand=True,
    )
    return page(request, "confirm.html", confirm=confirm)


@router.post("/projects/{slug}/sessions/{session}/pause")
async def pause(db: Writing, access: FormProject, session: SessionName) -> Response:
    """Pauses the viewer's run."""
    run = await wishes.ask(db, access, *await newest(db, access, session, "pause"), "pause")
    return see_other(f"/runs/{run.id}")


@router.post("/projects/{slug}/sessions/{session}/keep-alive")
async def keep_alive(request: Request, db: Writing, access: FormProject, session: SessionName) -> Response:
    """Keeps the viewer's run alive for some hours, or for another span."""
    form = await forms.read(request)
    found, run = await newest(db, access, session, "keep")
    try:
        body = KeepAlive.model_validate(form.given("hours"))
    except ValidationError:
        return see_other(f"/runs/{run.id}")
    kept = await life.keep_alive(db, access, found, run, until=body.end(), lifetimes=lifetimes_here(request))
    return see_other(f"/runs/{kept.id}")


@router.post("/projects/{slug}/sessions/{session}/cancel")
async def cancel(db: Writing, access: FormProject, session: SessionName) -> Response:
    """Ends the viewer's launch."""
    await wishes.ask(db, access, *await newest(db, access, session, "cancel"), "cancel")
    return see_other(present.project_path(access.project))


@router.get("/projects/{slug}/sessions/{session}/stop")
async def ask_stop(request: Request, db: Reading, access: PageProject, session: SessionName) -> Response:
    """Says what a stop takes away."""
    named, run = await newest(db, access, session, "stop")
    base = present.session_path(access.project, named)
    spec = LaunchSpec.model_validate(run.spec) if run.spec else None
    running = run.phase in {"queued", "launching", "running"}
    asked = run.phase == "running" and spec is not None
    found = await unsaved.ask(*_reached(request), run, spec) if asked and spec else None
    pushed = _not_pushed(found, spec)
    kept = tuple(f"What lies in the storage {each.name}" for each in spec.storages) if spec else ()
    keeping = keeping_here(request)
    confirm = Confirm(
        title=f"Stop {named.name}?" if running else f"Delete /work of {named.name}?",
        crumbs=present.crumbs(access.project, named.name),
        lines=(
            "Stopping ends it and deletes this session's own /work. Pause keeps everything."
            if running
            else "This deletes what the session kept for you. Its configuration stays.",
            *(_asked_in_vain(spec) if asked and found is None else ()),
            *(_only_here(pushed) if keeping else ()),
        ),
        do=Action(
            _stop_word(running=running, keeps=keeping is not None),
            f"{base}/stop",
            "stop",
            post=True,
            danger=True,
        ),
        also=_for_good(base) if keeping else None,
        instead=Action("Pause instead", f"{base}/pause", "pause", post=True)
        if run.phase == "running"
        else None,
        back=f"/runs/{run.id}",
        keep="Keep running" if running else "Keep it",
        lost=_lost(pushed, running=running, keeps=keeping is not None),
        kept=(*(_kept_until(keeping) if keeping else ()), *kept, "The session and its configuration"),
    )
    return page(request, "confirm.html", confirm=confirm)


def _kept_until(keeping: Keeping) -> tuple[str, ...]:
    now = clock.now()
    until = words.moment(keeping.until(now), now)
    return (f"A snapshot of /work, until {until}; a new one can be started from it",)


def _lost(pushed: tuple[str, ...], *, running: bool, keeps: bool) -> tuple[str, ...]:
    if not keeps:
        return ("Every file in /work that is nowhere else", *pushed)
    return ("Kernels, terminals and whatever else runs in it",) if running else ()


def _only_here(pushed: tuple[str, ...]) -> tuple[str, ...]:
    """What the snapshot alone has afterwards."""
    return (f"In /work alone: {'; '.join(pushed)}.",) if pushed else ()


def _stop_word(*, running: bool, keeps: bool) -> str:
    if keeps:
        return "Stop, and keep a snapshot" if running else "Delete /work, and keep a snapshot"
    return "Stop and delete /work" if running else "Delete /work"


def _for_good(base: str) -> Action:
    fields = (("keep", "no"),)
    return Action("Delete it now, for good", f"{base}/stop", post=True, danger=True, fields=fields)


def _reached(request: Request) -> tuple[Hub, str]:
    """The hub, and the origin at which sessions are reached."""
    settings = request.app.state.settings
    return request.app.state.hub, settings.sessions_url or settings.public_url


def _not_pushed(found: unsaved.Found | None, spec: LaunchSpec | None) -> tuple[str, ...]:
    """What the repositories lose: as the session says, else in general."""
    if found is not None:
        return found.sentences
    folders = [each.folder for each in spec.repositories] if spec else []
    return tuple(f"Commits and changes in {folder} that were not pushed" for folder in folders)


def _asked_in_vain(spec: LaunchSpec | None) -> tuple[str, ...]:
    if spec is None or not spec.repositories:
        return ()
    return ("The session could not be asked what is not pushed yet; look before you stop it.",)


@router.post("/projects/{slug}/sessions/{session}/stop")
async def stop(request: Request, db: Writing, access: FormProject, session: SessionName) -> Response:
    """Stops the viewer's run and deletes its /work, which is kept as a snapshot unless that is not wished."""
    form = await forms.read(request)
    keeping = None if form.chosen("keep", "no") else keeping_here(request)
    found, run = await newest(db, access, session, "stop")
    await wishes.ask(db, access, found, run, "stop", keeping=keeping)
    return see_other(present.project_path(access.project))
