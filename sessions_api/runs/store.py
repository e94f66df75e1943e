"""SQL of runs, stages and events."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, func, or_, select, true, update
from sqlalchemy.ext.asyncio import AsyncSession

from sessions_api.kit.paging import Paging
from sessions_api.people.viewer import Viewer
from sessions_api.rights.store import visible
from sessions_api.runs.lines import Lines
from sessions_api.runs.states import LIVE
from sessions_api.runs.tables import Run, RunEvent, RunSample, RunStage

LOG_BYTES = 1024 * 1024
"""What is kept of the log of one container in one attempt, about: its last lines."""
LINE_BYTES = 200
"""What a line takes beside its text, which bounds how many short ones are kept."""
ATTEMPTS = 10
"""Attempts of a run, one for each resume, of which stages and log are kept."""

_SOURCE = RunEvent.data["source"].as_string()
_TEXT = RunEvent.data["text"].as_string()

_LAST_LINES = 20
"""Of a log, which are looked through for what was said already."""

_UNSETTLED = or_(
    and_(Run.phase == "queued", Run.waits_since.is_(None)),
    and_(Run.phase == "launching", or_(Run.wish != "run", Run.asked_at.is_(None))),
    and_(Run.phase == "running", Run.wish != "run"),
    and_(Run.phase.in_(("paused", "failed")), Run.wish.in_(("stop", "resume")), Run.waits_since.is_(None)),
)
"""What waits for a place in its pool is nothing to do something about."""

_COUNTS = or_(Run.phase != "stopped", Run.spec.is_not(None))
"""What was dropped before it began is nobody's latest run where an earlier one is: it left nothing."""
_LATEST = func.coalesce(func.max(Run.id).filter(_COUNTS), func.max(Run.id))


async def get(db: AsyncSession, run_id: str) -> Run | None:
    """A run by id."""
    return await db.get(Run, run_id)


async def hold(db: AsyncSession, run_id: str) -> Run | None:
    """A run by id, held until the transaction ends."""
    return await db.scalar(
        select(Run).where(Run.id == run_id).with_for_update().execution_options(populate_existing=True)
    )


async def by_slot(db: AsyncSession, slot: str) -> Run | None:
    """The run that holds a slot, held until the transaction ends."""
    return await db.scalar(select(Run).where(Run.slot == slot).with_for_update())


async def latest(db: AsyncSession, person: str, session_ids: Sequence[str]) -> dict[str, Run]:
    """A person's newest run of each session."""
    newest = (
        select(_LATEST).where(Run.person == person, Run.session_id.in_(session_ids)).group_by(Run.session_id)
    )
    found = await db.scalars(select(Run).where(Run.id.in_(newest)))
    return {run.session_id: run for run in found}


async def history(
    db: AsyncSession, viewer: Viewer, paging: Paging, *, project_id: str | None, session_id: str | None
) -> Sequence[Run]:
    """The viewer's runs, newest first."""
    found = await db.scalars(
        select(Run)
        .where(
            visible(viewer, Run),
            Run.project_id == project_id if project_id else true(),
            Run.session_id == session_id if session_id else true(),
            Run.id < paging.after if paging.after else true(),
        )
        .order_by(Run.id.desc())
        .limit(paging.limit + 1)
    )
    return found.all()


async def live_of_person(db: AsyncSession, person: str) -> Sequence[Run]:
    """A person's live runs, newest first."""
    found = await db.scalars(
        select(Run).where(Run.person == person, Run.phase.in_(LIVE)).order_by(Run.id.desc()).limit(100)
    )
    return found.all()


async def live(db: AsyncSession) -> Sequence[Run]:
    """Everybody's live runs."""
    found = await db.scalars(select(Run).where(Run.phase.in_(LIVE)))
    return found.all()


async def newest(
    db: AsyncSession, phases: Collection[str], *, project_id: str | None = None, session_id: str | None = None
) -> Sequence[Run]:
    """Everybody's newest run of each session of a project, or of one session, if in one of the phases."""
    ids = (
        select(_LATEST)
        .where(
            Run.project_id == project_id if project_id else true(),
            Run.session_id == session_id if session_id else true(),
        )
        .group_by(Run.person, Run.session_id)
    )
    found = await db.scalars(select(Run).where(Run.id.in_(ids), Run.phase.in_(phases)).order_by(Run.id))
    return found.all()


def _free_for(owner: str, now: datetime, until: datetime) -> ColumnElement[bool]:
    """A lease for longer than leases are was taken before the clock was set back: nobody renews it."""
    longest = until + (until - now)
    return or_(
        Run.lease_until.is_(None),
        Run.lease_until < now,
        Run.lease_until > longest,
        Run.lease_owner == owner,
    )


async def unsettled(db: AsyncSession, owner: str, *, now: datetime, until: datetime) -> Sequence[str]:
    """Ids of the runs that something is to be done about and that `owner` could take until then."""
    free = _free_for(owner, now, until)
    found = await db.scalars(select(Run.id).where(_UNSETTLED, free).order_by(Run.id))
    return found.all()


async def lease(db: AsyncSession, run_id: str, *, owner: str, now: datetime, until: datetime) -> Run | None:
    """A run, taken for `owner`; None when somebody else has it."""
    return await db.scalar(
        update(Run)
        .where(Run.id == run_id, _free_for(owner, now, until))
        .values(lease_owner=owner, lease_until=until)
        .returning(Run)
    )


async def release(db: AsyncSession, run_id: str, owner: str) -> None:
    """Gives a run back."""
    await db.execute(
        update(Run)
        .where(Run.id == run_id, Run.lease_owner == owner)
        .values(lease_owner=None, lease_until=None)
    )


async def others_under_way(db: AsyncSession, run: Run) -> bool:
    """Whether an earlier run of the same slot has a server, or is being removed."""
    return bool(
        await db.scalar(
            select(func.count())
            .select_from(Run)
            .where(
                Run.person == run.person,
                Run.project_id == run.project_id,
                Run.environment_id == run.environment_id,
                Run.id != run.id,
                or_(
                    Run.phase.in_(("launching", "running")),
                    and_(Run.phase.in_(("paused", "failed")), Run.wish == "stop"),
                    and_(Run.phase == "queued", Run.wish == "stop", Run.id < run.id),
                ),
            )
        )
    )


async def begun_before(db: AsyncSession, run: Run) -> Run | None:
    """The run of the same person and session that began last before this one, held like this one."""
    return await db.scalar(
        select(Run)
        .where(
            Run.person == run.person,
            Run.session_id == run.session_id,
            Run.id < run.id,
            Run.spec.is_not(None),
        )
        .order_by(Run.id.desc())
        .limit(1)
        .with_for_update()
        .execution_options(populate_existing=True)
    )


async def stages(db: AsyncSession, run_id: str, attempt: int) -> Sequence[RunStage]:
    """The stages of one attempt, in their order."""
    found = await db.scalars(
        select(RunStage)
        .where(RunStage.run_id == run_id, RunStage.attempt == attempt)
        .order_by(RunStage.position)
    )
    return found.all()


async def stages_of(db: AsyncSession, run_ids: Sequence[str]) -> Sequence[RunStage]:
    """The stages of several runs, in their order; all attempts."""
    found = await db.scalars(
        select(RunStage)
        .where(RunStage.run_id.in_(run_ids))
        .order_by(RunStage.run_id, RunStage.attempt, RunStage.position)
    )
    return found.all()


async def remove_stages(db: AsyncSession, run_id: str, attempt: int) -> None:
    """Forgets the stages of one attempt, to plan them again."""
    await db.execute(delete(RunStage).where(RunStage.run_id == run_id, RunStage.attempt == attempt))


async def recent_successes(db: AsyncSession, session_ids: Sequence[str], most: int) -> Sequence[Run]:
    """The newest runs of the sessions that became ready, by anyone, at most `most` a session."""
    ranked = (
        select(
            Run.id,
            func.row_number().over(partition_by=Run.session_id, order_by=Run.id.desc()).label("place"),
        )
        .where(Run.session_id.in_(session_ids), Run.ready_at.is_not(None))
        .subquery()
    )
    found = await db.scalars(select(Run).join(ranked, Run.id == ranked.c.id).where(ranked.c.place <= most))
    return found.all()


async def events(db: AsyncSession, run_id: str, after: int, most: int) -> Sequence[RunEvent]:
    """Events after one, in their order."""
    found = await db.scalars(
        select(RunEvent)
        .where(RunEvent.run_id == run_id, RunEvent.id > after)
        .order_by(RunEvent.id)
        .limit(most)
    )
    return found.all()


def _lines(run_id: str, wanted: Lines) -> list[ColumnElement[bool]]:
    said = [RunEvent.run_id == run_id, RunEvent.kind == "log"]
    if wanted.attempt is not None:
        said.append(RunEvent.attempt == wanted.attempt)
    if wanted.container is not None:
        said.append(_SOURCE.in_([wanted.container]))
    if wanted.search:
        said.append(_TEXT.icontains(wanted.search, autoescape=True))
    return said


async def log_tail(db: AsyncSession, run_id: str, wanted: Lines, most: int) -> Sequence[RunEvent]:
    """The last lines of the log that are wanted, oldest first."""
    found = await db.scalars(
        select(RunEvent).where(*_lines(run_id, wanted)).order_by(RunEvent.id.desc()).limit(most)
    )
    return found.all()[::-1]


async def was_said(db: AsyncSession, run: Run, text: str) -> bool:
    """Whether one of the last lines of the attempt's log is this one."""
    lines = await log_tail(db, run.id, Lines(attempt=run.attempt), _LAST_LINES)
    return any(line.data["text"] == text for line in lines)


async def log_after(
    db: AsyncSession, run_id: str, wanted: Lines, after: int, most: int
) -> Sequence[RunEvent]:
    """The lines of the log that are wanted, oldest first, of those after one."""
    found = await db.scalars(
        select(RunEvent).where(*_lines(run_id, wanted), RunEvent.id > after).order_by(RunEvent.id).limit(most)
    )
    return found.all()


async def log_sources(db: AsyncSession, run_id: str) -> Sequence[tuple[int, str]]:
    """What wrote lines in each attempt, in order."""
    said = (
        select(RunEvent.attempt.label("attempt"), _SOURCE.label("source"))
        .where(RunEvent.run_id == run_id, RunEvent.kind == "log")
        .distinct()
        .subquery()
    )
    found = await db.execute(select(said.c.attempt, said.c.source).order_by(said.c.attempt, said.c.source))
    return [(attempt, source) for attempt, source in found]


async def trim_events(db: AsyncSession, run_id: str, attempt: int) -> None:
    """Forgets the oldest lines of what says very much, and all events of attempts long ago."""
    lines = (
        select(RunEvent.id.label("id"), RunEvent.attempt.label("attempt"), _SOURCE.label("source"))
        .add_columns((func.length(_TEXT) + LINE_BYTES).label("size"))
        .where(RunEvent.run_id == run_id, RunEvent.kind == "log")
        .subquery()
    )
    tails = select(
        lines.c.id,
        func.sum(lines.c.size)
        .over(partition_by=(lines.c.attempt, lines.c.source), order_by=lines.c.id.desc())
        .label("size"),
    ).subquery()
    beyond = select(tails.c.id).where(tails.c.size > LOG_BYTES)
    forgotten = or_(RunEvent.id.in_(beyond), RunEvent.attempt <= attempt - ATTEMPTS)
    await db.execute(delete(RunEvent).where(RunEvent.run_id == run_id, forgotten))


async def forget_samples(db: AsyncSession, run_id: str) -> None:
    """Forgets what a run used from moment to moment; its peaks stay."""
    await db.execute(delete(RunSample).where(RunSample.run_id == run_id))


async def live_ids(db: AsyncSession, run_ids: Sequence[str]) -> set[str]:
    """Those of the runs that are live."""
    found = await db.scalars(select(Run.id).where(Run.id.in_(run_ids), Run.phase.in_(LIVE)))
    return set(found)


async def live_places(db: AsyncSession, run_ids: Sequence[str]) -> dict[str, tuple[int, str | None]]:
    """The attempt of each of the runs that is live, and the node that it was seen on."""
    found = await db.execute(
        select(Run.id, Run.attempt, Run.node).where(Run.id.in_(run_ids), Run.phase.in_(LIVE))
    )
    return {run_id: (attempt, node) for run_id, attempt, node in found}


async def note_nodes(db: AsyncSession, nodes: Mapping[str, str | None]) -> None:
    """Writes down on which node each of the runs was seen."""
    await db.execute(update(Run), [{"id": run_id, "node": node} for run_id, node in nodes.items()])


async def count_by_phase(db: AsyncSession) -> dict[str, int]:
    """How many runs there are in each phase."""
    found = await db.execute(select(Run.phase, func.count()).group_by(Run.phase))
    return dict(found.all())


async def set_values(db: AsyncSession, run_id: str, **values: Any) -> None:
    """Changes columns of a run."""
    await db.execute(update(Run).where(Run.id == run_id).values(**values))


async def newest_on_server(db: AsyncSession, person: str, server: str) -> Run | None:
    """A person's newest run that has or had the server of that name."""
    return await db.scalar(
        select(Run)
        .where(Run.person == person, Run.server == server)
        .order_by(_COUNTS.desc(), Run.id.desc())
        .limit(1)
    )


async def not_at_rest(db: AsyncSession, person: str, project_ids: Sequence[str]) -> Sequence[Run]:
    """The person's newest run of each session in the projects, where something runs, is kept or failed."""
    newest = (
        select(_LATEST).where(Run.person == person, Run.project_id.in_(project_ids)).group_by(Run.session_id)
    )
    found = await db.scalars(
        select(Run)
        .where(Run.id.in_(newest), Run.phase.in_((*LIVE, "paused", "failed")))
        .order_by(Run.id.desc())
    )
    return found.all()
