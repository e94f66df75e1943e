"""Rules of what is kept of a stopped session: whose it is, how long, and what can be done with it.

Only who stopped a session sees what is kept of it. It goes with its session, with its project, and after the
days that the installation says. A row is deleted and its snapshot follows: the sweep takes away what no row
speaks of.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from sessions_api.audit import service as audit
from sessions_api.audit.verbs import Verb
from sessions_api.kit import clock
from sessions_api.kit.errors import Conflict, NotFound
from sessions_api.kit.ids import new_id
from sessions_api.kit.paging import Paging
from sessions_api.people.viewer import Viewer
from sessions_api.projects import service as projects
from sessions_api.runs.kept import store
from sessions_api.runs.tables import KeptWork, Run
from sessions_api.sessions import service as sessions
from sessions_api.sessions.tables import Session


@dataclass(frozen=True, slots=True)
class Keeping:
    """That /work is kept at a stop, and for how long."""

    time: timedelta

    def until(self, now: datetime) -> datetime:
        """Until when what is stopped now is kept."""
        return now + self.time


def snapshot_name(kept_id: str) -> str:
    """The name of the snapshot in the cluster."""
    return f"sojourn-kept-{kept_id.lower()}"


async def want(db: AsyncSession, run: Run, keeping: Keeping | None) -> None:
    """Has /work of a run that is being stopped kept, or not; the run is held."""
    await store.forget_run(db, run.id)
    if keeping is None:
        return
    now = clock.now()
    kept = KeptWork(
        id=new_id(),
        person=run.person,
        project_id=run.project_id,
        session_id=run.session_id,
        run_id=run.id,
        state="wanted",
        sentence="",
        asked_at=now,
        expires_at=keeping.until(now),
    )
    db.add(kept)
    await db.flush()


async def of_run(db: AsyncSession, run_id: str) -> KeptWork | None:
    """What is or was to be kept of a run."""
    return await store.of_run(db, run_id)


async def forget_run(db: AsyncSession, run_id: str) -> None:
    """Nothing of a run is to be kept."""
    await store.forget_run(db, run_id)


async def hand_on(db: AsyncSession, run_id: str, before_id: str) -> None:
    """What is to be kept of a run that never began is kept of the one before it, which has the /work."""
    await store.forget_run(db, before_id)
    await store.move(db, run_id, before_id)


async def of_sessions(
    db: AsyncSession, viewer: Viewer, session_ids: Sequence[str]
) -> dict[str, list[KeptWork]]:
    """What is kept for the viewer of each of the sessions, the newest first; in one statement."""
    found: dict[str, list[KeptWork]] = {}
    for kept in await store.of_sessions(db, viewer, session_ids) if session_ids else ():
        found.setdefault(kept.session_id, []).append(kept)
    return found


async def of_runs(db: AsyncSession, run_ids: Sequence[str]) -> dict[str, KeptWork]:
    """What is kept of runs whose people ask, by the run's id; in one statement."""
    found = await store.of_runs(db, run_ids, clock.now()) if run_ids else ()
    return {kept.run_id: kept for kept in found}


async def page(
    db: AsyncSession, viewer: Viewer, paging: Paging, *, project_id: str | None
) -> Sequence[KeptWork]:
    """What is kept for the viewer, the newest first."""
    return await store.page(db, viewer, paging, project_id=project_id, now=clock.now())


async def own(db: AsyncSession, viewer: Viewer, kept_id: str) -> KeptWork:
    """What is kept for the viewer.

    Raises:
        NotFound: nothing of that id, or it is somebody else's.
    """
    kept = await store.get(db, kept_id)
    if (
        kept is None
        or (kept.person, kept.state) != (viewer.name, "ready")
        or kept.expires_at <= clock.now()
        or await sessions.removed_ids(db, {kept.session_id})
    ):
        raise NotFound(f"Nothing is kept as {kept_id}, or no longer.")
    return kept


async def delete(db: AsyncSession, viewer: Viewer, kept_id: str) -> KeptWork:
    """Deletes what is kept for the viewer; its snapshot goes within two minutes.

    Raises:
        NotFound: nothing of that id, or it is somebody else's.
    """
    kept = await own(db, viewer, kept_id)
    project = (await projects.by_ids(db, [kept.project_id]))[kept.project_id]
    session = (await sessions.by_ids(db, [kept.session_id]))[kept.session_id]
    await store.forget(db, [kept.id])
    audit.record(db, viewer, Verb.KEPT_REMOVE, session.name, thing=kept.run_id, project=project)
    return kept


async def require(
    db: AsyncSession, viewer: Viewer, session: Session, kept_id: str, newest: Run | None
) -> None:
    """Lets a session be started from what is kept of it, unless it has a /work.

    Raises:
        NotFound: nothing of that id is kept of the session for the viewer.
        Conflict: it has a /work, which would have to go first (`work_is_there`).
    """
    kept = await own(db, viewer, kept_id)
    if kept.session_id != session.id:
        raise NotFound(f"Nothing is kept of {session.name} as {kept_id}.")
    if newest is not None and newest.phase != "stopped":
        raise Conflict(
            f"{session.name} has a /work.",
            code="work_is_there",
            hint="Stop it first; then what was kept can take the place of that.",
        )


async def find(db: AsyncSession, kept_id: str) -> KeptWork | None:
    """What is kept, whoever's it is; None: it is not kept any more."""
    return await store.get(db, kept_id)
