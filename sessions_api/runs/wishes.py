"""What is wished of runs that are there: pause, stop or cancellation, of one or of all."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from sessions_api.audit import service as audit
from sessions_api.audit.service import By
from sessions_api.audit.verbs import Verb
from sessions_api.git_logins import service as git_logins
from sessions_api.kit import clock
from sessions_api.kit.errors import Conflict
from sessions_api.people.viewer import Viewer
from sessions_api.projects import service as projects
from sessions_api.projects.service import Access
from sessions_api.registry_logins import service as registry_logins
from sessions_api.rights.policy import GOVERN, require_administrator
from sessions_api.runs import service, states, store
from sessions_api.runs.kept import service as kept
from sessions_api.runs.kept.service import Keeping
from sessions_api.runs.tables import Run
from sessions_api.secrets import service as secrets
from sessions_api.sessions import service as sessions
from sessions_api.sessions.tables import Session
from spawner.reasons import Reason

STOPPABLE = service.HOLDING | {"failed"}
_SAID = {"pause": "Paused", "stop": "Stopped", "cancel": "Cancelled"}


async def ask(
    db: AsyncSession,
    access: Access,
    session: Session,
    run: Run,
    wanted: str,
    *,
    keeping: Keeping | None = None,
) -> Run:
    """Asks for the pause, stop or cancellation of a run of the viewer's; `keeping` keeps /work at a stop.

    Asking twice, or for what is so already, changes nothing.

    Raises:
        Conflict: nothing of it is there to be paused or cancelled.
    """
    held, changed = await _wish(db, run, wanted)
    if changed:
        if wanted == "stop":
            await kept.want(db, held, keeping)
        service.told(db, access, Verb(f"run.{wanted}"), session, held)
    return held


async def ask_for_another(
    db: AsyncSession, viewer: Viewer, run_id: str, wanted: str, *, keeping: Keeping | None
) -> Run:
    """Asks, as a platform administrator, for the pause, stop or cancellation of anybody's run.

    Whose run it is finds in its log who did it.

    Raises:
        Forbidden: the viewer does not administer the platform.
        NotFound: there is no such run.
        Conflict: nothing of it is there to be paused, stopped or cancelled.
    """
    require_administrator(viewer)
    run = await service.get(db, run_id)
    held, changed = await _wish(db, run, wanted)
    if changed:
        if wanted == "stop":
            await kept.want(db, held, keeping)
        await service.told_of(db, viewer, Verb(f"run.{wanted}"), run)
        said = f"{_SAID[wanted]} by the platform administrator {viewer.name}."
        service.record(db, held, "log", {"source": "sojourn", "text": said})
    return held


async def stop_all_of_session(db: AsyncSession, session_id: str) -> None:
    """Asks for the stop of everybody's runs of a session, which also deletes every /work of it."""
    await _stop(db, await store.newest(db, STOPPABLE, session_id=session_id))


async def remove_project(db: AsyncSession, access: Access, *, force: bool) -> None:
    """Removes a project, with `force` after asking for the stop of everybody's runs in it.

    Raises:
        Forbidden: only owners remove a project.
        Conflict: runs hold something, and `force` was not given; the error says of which sessions.
    """
    access.require(GOVERN)
    held = await service.held_of_project(db, access.project.id)
    if held and not force:
        named = await sessions.by_ids(db, {run.session_id for run in held})
        which = ", ".join(sorted(session.name for session in named.values()))
        raise Conflict(
            f"{access.project.name} has live or paused runs ({len(held)}) of {which}.",
            code="live_runs",
            hint="Stop them first, or repeat with ?force=true, which stops them and deletes their /work.",
        )
    await _stop(db, await store.newest(db, STOPPABLE, project_id=access.project.id))
    await secrets.forget(db, access.project.id)
    await git_logins.forget(db, access.project.id)
    await registry_logins.forget(db, access.project.id)
    await projects.remove(db, access, stopped=len(held))


async def pause_by_itself(db: AsyncSession, run: Run, reason: Reason) -> None:
    """Asks for the pause of a running session that nobody asked for; `reason` is told of it from now on."""
    held, changed = await _wish(db, run, "pause")
    if not changed:
        return
    held.reason = reason.model_dump(mode="json")
    await service.told_of(db, By.SYSTEM, Verb.RUN_PAUSE, held, reason=reason.code)


async def pause_all(db: AsyncSession) -> int:
    """Asks for the pause of everything that is live; says how many."""
    runs = await store.live(db)
    in_projects = await projects.by_ids(db, [run.project_id for run in runs])
    named = await sessions.by_ids(db, {run.session_id for run in runs})
    for run in runs:
        wanted = "cancel" if run.phase in {"queued", "launching"} else "pause"
        _, changed = await _wish(db, run, wanted)
        if changed:
            name, project = named[run.session_id].name, in_projects[run.project_id]
            audit.record(
                db, By.SYSTEM, Verb(f"run.{wanted}"), name, thing=run.id, project=project, of=run.person
            )
    return len(runs)


async def _stop(db: AsyncSession, runs: Sequence[Run]) -> None:
    for run in runs:
        await _wish(db, run, "stop")


async def _wish(db: AsyncSession, run: Run, wanted: str) -> tuple[Run, bool]:
    """The run, held, and whether what is wished of it changed."""
    held = await store.hold(db, run.id)
    assert held is not None  # noqa: S101 - it was read a moment ago and runs are never deleted
    if held.wish == "resume" and wanted in {"pause", "cancel"}:
        # What is still ending ends, and what is paused stays paused.
        return _wished(db, held, "pause" if held.phase in states.LIVE else "run")
    if held.wish == wanted or (wanted, held.phase) in {("pause", "paused"), ("stop", "stopped")}:
        return held, False
    if held.wish == "stop" or (wanted == "cancel" and held.wish == "pause"):
        # What loses nothing cannot take back what was asked for before.
        return held, False
    if not states.may_wish(held.phase, wanted):
        raise Conflict(
            f"This session is {states.status_of(held.phase)}, so there is nothing to {wanted}.",
            code=f"nothing_to_{wanted}",
        )
    return _wished(db, held, wanted)


def _wished(db: AsyncSession, held: Run, wanted: str) -> tuple[Run, bool]:
    held.wish = wanted
    held.slot = None
    service.no_longer_waiting(held)
    if held.phase == "launching":
        held.asked_at = clock.now()
    service.record_status(db, held)
    return held, True
