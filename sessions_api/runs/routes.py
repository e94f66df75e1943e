"""Starting, pausing, stopping; runs and what happens to them."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Body, Header, Path, Query, Request
from fastapi.responses import Response
from sqlalchemy.ext.asyncio import AsyncSession
from sse_starlette import EventSourceResponse

from sessions_api.environments.dependencies import KindsHere
from sessions_api.kit.errors import Conflict, Forbidden, NotFound, Unauthenticated, responses
from sessions_api.kit.paging import Page, Paged
from sessions_api.kit.transactions import Reading, Writing, database
from sessions_api.people.dependencies import CurrentViewer
from sessions_api.projects import service as projects
from sessions_api.projects.dependencies import ReadProject, WriteProject
from sessions_api.runs import service, starting, streams, wishes
from sessions_api.runs.kept import service as kept_works
from sessions_api.runs.kept.dependencies import KeepingHere
from sessions_api.runs.kept.service import Keeping
from sessions_api.runs.life import service as life
from sessions_api.runs.schemas import KeepAlive, Overrides, RunRead
from sessions_api.runs.tables import Run
from sessions_api.sessions import service as sessions
from sessions_api.sessions.dependencies import LifetimesHere
from sessions_api.sessions.tables import Session

router = APIRouter(tags=["runs"], responses=responses(Unauthenticated, NotFound))

SessionName = Annotated[str, Path(max_length=80, description="The session's slug or id.")]
Launch = Annotated[Overrides, Body()]
PRESENT = Overrides()
ANOTHER_SPAN = KeepAlive()


async def _read(db: AsyncSession, runs: Sequence[Run]) -> list[RunRead]:
    """The runs as JSON, with a fixed number of statements."""
    found = await projects.by_ids(db, [run.project_id for run in runs])
    named = await sessions.by_ids(db, [run.session_id for run in runs])
    stages = await service.stages_of(db, runs)
    lives = await life.of_runs(db, runs)
    kept = await kept_works.of_runs(db, [run.id for run in runs if run.phase == "stopped"])
    return [
        RunRead.of(
            run,
            project=found[run.project_id].slug,
            session=named[run.session_id].slug,
            stages=stages[run.id],
            life=lives.get(run.id),
            kept=kept.get(run.id),
        )
        for run in runs
    ]


async def accepted(db: AsyncSession, run: Run, response: Response) -> RunRead:
    """The run that was asked for something, and where it is."""
    response.headers["Location"] = f"/api/v1/runs/{run.id}"
    return (await _read(db, [run]))[0]


@router.post(
    "/projects/{slug}/start",
    operation_id="start_default_session",
    status_code=HTTPStatus.ACCEPTED,
    responses=responses(Conflict, Forbidden),
)
async def start_default(
    db: Writing, access: WriteProject, kinds: KindsHere, response: Response, launch: Launch = PRESENT
) -> RunRead:
    """Starts the project's default session; answers with the live run if there is one."""
    session = await sessions.needed_default(db, access)
    run = await starting.start(db, access, session, launch, kinds=kinds)
    return await accepted(db, run, response)


@router.post(
    "/projects/{slug}/sessions/{session}/start",
    operation_id="start_session",
    status_code=HTTPStatus.ACCEPTED,
    responses=responses(Conflict, Forbidden),
)
async def start(
    db: Writing,
    access: WriteProject,
    kinds: KindsHere,
    session: SessionName,
    response: Response,
    launch: Launch = PRESENT,
) -> RunRead:
    """Starts a session, or resumes it; answers with the live run if there is one."""
    found = await sessions.get(db, access, session)
    run = await starting.start(db, access, found, launch, kinds=kinds)
    return await accepted(db, run, response)


@router.post(
    "/projects/{slug}/sessions/{session}/restart",
    operation_id="restart_session",
    status_code=HTTPStatus.ACCEPTED,
    responses=responses(Conflict, Forbidden),
)
async def restart(
    db: Writing, access: WriteProject, kinds: KindsHere, session: SessionName, response: Response
) -> RunRead:
    """Pauses your run of a session and starts it as it is configured now, with its /work."""
    found = await sessions.get(db, access, session)
    return await accepted(db, await starting.restart(db, access, found, kinds=kinds), response)


async def newest(db: AsyncSession, access: projects.Access, session: str, wanted: str) -> tuple[Session, Run]:
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


async def _wish(
    db: AsyncSession, access: projects.Access, session: str, wanted: str, keeping: Keeping | None = None
) -> Run:
    found, run = await newest(db, access, session, wanted)
    return await wishes.ask(db, access, found, run, wanted, keeping=keeping)


@router.post(
    "/projects/{slug}/sessions/{session}/pause",
    operation_id="pause_session",
    status_code=HTTPStatus.ACCEPTED,
    responses=responses(Conflict),
)
async def pause(db: Writing, access: WriteProject, session: SessionName, response: Response) -> RunRead:
    """Pauses your run of a session: /work is kept, CPU and memory are given back."""
    return await accepted(db, await _wish(db, access, session, "pause"), response)


@router.post(
    "/projects/{slug}/sessions/{session}/stop",
    operation_id="stop_session",
    status_code=HTTPStatus.ACCEPTED,
    responses=responses(Conflict),
)
async def stop(
    db: Writing,
    access: WriteProject,
    keeping: KeepingHere,
    session: SessionName,
    response: Response,
    *,
    keep: Annotated[bool, Query(description="Keep /work for some days, where that is offered.")] = True,
) -> RunRead:
    """Stops your run of a session and deletes its /work, where that is offered after a snapshot of it."""
    stopped = await _wish(db, access, session, "stop", keeping if keep else None)
    return await accepted(db, stopped, response)


@router.post(
    "/projects/{slug}/sessions/{session}/cancel",
    operation_id="cancel_launch",
    status_code=HTTPStatus.ACCEPTED,
    responses=responses(Conflict),
)
async def cancel(db: Writing, access: WriteProject, session: SessionName, response: Response) -> RunRead:
    """Ends your launch of a session before it is ready; /work stays as it is."""
    return await accepted(db, await _wish(db, access, session, "cancel"), response)


@router.post(
    "/projects/{slug}/sessions/{session}/keep-alive",
    operation_id="keep_session_alive",
    status_code=HTTPStatus.ACCEPTED,
    responses=responses(Conflict),
)
async def keep_alive(
    db: Writing,
    access: WriteProject,
    lifetimes: LifetimesHere,
    session: SessionName,
    response: Response,
    body: Annotated[KeepAlive, Body()] = ANOTHER_SPAN,
) -> RunRead:
    """Puts off that your run of a session pauses for want of activity; how long it may run in all stays."""
    found, latest = await newest(db, access, session, "keep")
    run = await life.keep_alive(db, access, found, latest, until=body.end(), lifetimes=lifetimes)
    return await accepted(db, run, response)


@router.get("/projects/{slug}/events", operation_id="watch_project", response_class=EventSourceResponse)
async def project_events(request: Request, access: ReadProject) -> EventSourceResponse:
    """`changed` whenever the project or one of your statuses in it does (server-sent events)."""
    return streams.project_changes(database(request), access.viewer, access.project.id)


@router.get("/runs", operation_id="list_runs")
async def listing(
    db: Reading,
    viewer: CurrentViewer,
    paging: Paged,
    project: Annotated[str | None, Query(max_length=80, description="Only of this project.")] = None,
) -> Page[RunRead]:
    """Your runs, newest first."""
    access = await projects.access(db, viewer, project) if project else None
    runs = await service.history(db, viewer, paging, project_id=access.project.id if access else None)
    page = paging.cut(runs, key=lambda run: run.id, item=lambda run: run)
    return Page(items=await _read(db, page.items), next=page.next)


@router.get("/runs/{run_id}", operation_id="get_run")
async def get(db: Reading, viewer: CurrentViewer, run_id: str) -> RunRead:
    """One of your runs."""
    return (await _read(db, [await service.own(db, viewer, run_id)]))[0]


@router.get("/runs/{run_id}/events", operation_id="watch_run", response_class=EventSourceResponse)
async def events(
    request: Request,
    db: Reading,
    viewer: CurrentViewer,
    run_id: str,
    after: Annotated[int, Query(ge=0, description="Only events after this one.")] = 0,
    last_event_id: Annotated[str | None, Header(alias="Last-Event-ID", max_length=40)] = None,
) -> EventSourceResponse:
    """What happens to a run (server-sent events `stage`, `log`, `status`, `warning`, then `end`)."""
    run = await service.own(db, viewer, run_id)
    return streams.run_events(database(request), run.id, streams.position(last_event_id) or after)
