"""Rules of shares: who lets whom into what, for how long.

What is written here is what people wish. JupyterHub is brought to it by `bringing`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from sessions_api.audit import service as audit
from sessions_api.audit.service import By
from sessions_api.audit.verbs import Verb
from sessions_api.kit import clock
from sessions_api.kit.db import notify
from sessions_api.kit.errors import Conflict, Invalid, NotFound
from sessions_api.kit.ids import new_id
from sessions_api.kit.paging import Paging
from sessions_api.people.viewer import Viewer
from sessions_api.projects import service as projects
from sessions_api.projects.service import topic as project_topic
from sessions_api.rights.policy import is_own
from sessions_api.runs import service as runs
from sessions_api.runs import store as run_store
from sessions_api.runs.shares import store
from sessions_api.runs.shares.tables import RunShare
from sessions_api.runs.tables import Run
from sessions_api.sessions import service as sessions
from sessions_api.settings import Settings

MOST = 50
"""People that one run is shared with at a time."""
BRINGING = "shares"
"""What is notified when JupyterHub has to be told of a share."""
OFF = "Sessions cannot be shared here: at the same host as Sojourn, a page in one could act as you."
OFF_HINT = "Who runs this installation can give sessions hosts of their own; docs/sharing.md says how."


@dataclass(frozen=True)
class Sharing:
    """What the installation allows.

    Attributes:
        on: whether sessions have hosts of their own.
        most_hours: how long a share lasts at most.
    """

    on: bool
    most_hours: float

    @classmethod
    def of(cls, settings: Settings) -> "Sharing":
        """As the settings say."""
        return cls(settings.own_hosts, settings.share_hours_most)

    def require(self) -> None:
        """Lets through what needs that sessions can be shared.

        Raises:
            Conflict: they cannot, because they are at the host of Sojourn (`sharing_off`).
        """
        if not self.on:
            raise Conflict(OFF, code="sharing_off", hint=OFF_HINT)


async def share(
    db: AsyncSession, viewer: Viewer, run_id: str, sharing: Sharing, *, person: str, hours: float
) -> RunShare:
    """Lets a member of the project into the viewer's run; once more says how long from now on.

    Raises:
        NotFound: the viewer has no such run.
        Conflict: nothing can be shared here (`sharing_off`), or the session does not run (`not_running`).
        Invalid: that person is no member, or is who asks; or it would last too long.
    """
    run = await runs.own(db, viewer, run_id)
    sharing.require()
    if hours > sharing.most_hours:
        raise Invalid.field(
            "hours",
            f"A session can be shared for {sharing.most_hours:g} hours at most.",
            value=f"{sharing.most_hours:g}",
        )
    held = await run_store.hold(db, run.id)
    if held is None or held.phase != "running" or held.wish != "run":
        raise Conflict(
            "This session does not run, so nobody can be let in.",
            code="not_running",
            hint="Start or resume it first.",
        )
    await _require_member(db, viewer, held, person)
    now = clock.now()
    there = await store.open_of(db, held)
    found = next((each for each in there if each.person == person), None)
    if found is None:
        if len(there) >= MOST:
            raise Conflict(
                f"It is shared with {MOST} people already.",
                code="too_many_shares",
                hint="Take one back first.",
            )
        found = RunShare(
            id=new_id(),
            run_id=held.id,
            attempt=held.attempt,
            person=person,
            created_at=now,
            expires_at=now,
            ended_at=None,
            granted_at=None,
            withdrawn_at=None,
        )
        db.add(found)
    found.expires_at = now + timedelta(hours=hours)
    await _tell(db, viewer, Verb.RUN_SHARE, held, person, hours=hours)
    await db.flush()
    return found


async def _require_member(db: AsyncSession, viewer: Viewer, run: Run, person: str) -> None:
    if person == viewer.name:
        raise Invalid.field("person", "It is your own session.")
    if await projects.own_role(db, run.project_id, person) is None:
        project = (await projects.by_ids(db, [run.project_id]))[run.project_id]
        raise Invalid.field(
            "person",
            f"{person} is not a member of {project.name}, and sessions are shared with members only.",
        )


async def take_back(db: AsyncSession, viewer: Viewer, run_id: str, share_id: str) -> Run:
    """Lets somebody in no more. Once more is no error, and nothing more.

    Raises:
        NotFound: the viewer has no such run, or it no such share.
    """
    run = await runs.own(db, viewer, run_id)
    if await store.get(db, run.id, share_id) is None:
        raise NotFound(f"This run has no share {share_id}.")
    share = await store.hold(db, share_id)
    if share is not None and share.ended_at is None:
        share.ended_at = clock.now()
        await _tell(db, viewer, Verb.RUN_UNSHARE, run, share.person)
        await db.flush()
    return run


async def end(db: AsyncSession, share_id: str) -> None:
    """Ends a share whose time, run or member is gone."""
    share = await store.hold(db, share_id)
    now = clock.now()
    if share is None or share.ended_at is not None or await store.holds(db, share_id, now):
        return
    share.ended_at = now
    await _tell(db, By.SYSTEM, Verb.RUN_UNSHARE, await runs.get(db, share.run_id), share.person)


async def _tell(
    db: AsyncSession, by: Viewer | By, verb: Verb, run: Run, person: str, **details: float
) -> None:
    session = await sessions.by_id(db, run.session_id)
    project = (await projects.by_ids(db, [run.project_id]))[run.project_id]
    audit.record(db, by, verb, session.name, thing=run.id, project=project, member=person, **details)
    notify(
        db,
        BRINGING,
        runs.run_topic(run.id),
        runs.person_topic(run.person),
        runs.person_topic(person),
        project_topic(run.project_id),
    )


async def of_run(db: AsyncSession, viewer: Viewer, run_id: str, paging: Paging) -> Sequence[RunShare]:
    """Whom the viewer's run is shared with, newest first, one more than asked for if there is.

    Raises:
        NotFound: the viewer has no such run.
    """
    run = await runs.own(db, viewer, run_id)
    return await store.of_run(db, run.id, clock.now(), paging)


async def with_viewer(
    db: AsyncSession, viewer: Viewer, paging: Paging, *, project_id: str | None = None
) -> Sequence[tuple[RunShare, Run]]:
    """What others share with the viewer, in all projects or in one, newest first."""
    return await store.with_viewer(db, viewer, clock.now(), paging, project_id=project_id)


async def people_of_runs(db: AsyncSession, run_ids: Sequence[str]) -> dict[str, list[str]]:
    """The people that each of the runs is shared with."""
    return await store.people_of_runs(db, run_ids, clock.now()) if run_ids else {}


async def candidates(db: AsyncSession, viewer: Viewer, run: Run) -> list[str]:
    """Members of the run's project that it can be shared with, some of them."""
    if not is_own(viewer, run):
        return []
    members = await projects.first_members(db, [run.project_id], MOST)
    return sorted(each.person for each in members if each.person != viewer.name)


def left(share: RunShare, now: datetime) -> timedelta:
    """How long a share lasts yet."""
    return max(share.expires_at - now, timedelta())
