"""Ends the wait of what has become larger than a limit: it would wait for ever."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from sessions_api.audit.service import By
from sessions_api.audit.verbs import Verb
from sessions_api.kit import clock
from sessions_api.resources.amounts import Amounts, said
from sessions_api.resources.tables import ResourcePool
from sessions_api.runs import service
from sessions_api.runs.tables import Run
from spawner.reasons import RETRY, Reason, Remedy

_CONFIGURE = Remedy(action="configure", label="Choose another class")
_SMALLER = "Have a smaller class chosen in its configuration"
_ASK = "ask an administrator to raise the limit."


def reason(pool: ResourcePool, run: Run) -> Reason | None:
    """Why a run that waits for the pool can never be let in, as the limits are; None: it can."""
    if (beyond := _beyond(pool, Amounts.of(run))) is None:
        return None
    if run.phase == "queued":
        sentence, hint, remedies = f"It {beyond}", f"{_SMALLER}, or {_ASK}", [_CONFIGURE, RETRY]
    else:
        sentence = f"It was not resumed: it {beyond}"
        hint, remedies = f"{_SMALLER} and start it with the changes, or {_ASK}", [_CONFIGURE]
    return Reason(code="beyond_limit", sentence=sentence, hint=hint, remedies=tuple(remedies))


def _beyond(pool: ResourcePool, needs: Amounts) -> str | None:
    """`takes 4 CPUs, and the pool Desk has 2 CPUs by now.`; None: it is within each limit, if alone."""
    for limit, before, after in (
        (pool.quota, f"the pool {pool.name} has", ""),
        (pool.per_person, "a person may take", f" of the pool {pool.name}"),
        (pool.per_project, "a project may take", f" of the pool {pool.name}"),
    ):
        if kind := needs.beyond(limit):
            takes, most = said(kind, getattr(needs, kind)), said(kind, limit[kind])
            return f"takes {takes}, and {before} {most}{after} by now."
    return None


def was_refused(run: Run) -> bool:
    """Whether a resume of the run was taken back, and nothing else was asked for since."""
    return run.phase == "paused" and run.reason is not None and run.reason["code"] == "beyond_limit"


async def refuse(db: AsyncSession, run: Run, why: Reason) -> None:
    """Fails a start that waits, and takes the wish of a resume back; `run` is held."""
    service.no_longer_waiting(run)
    if run.phase == "queued":
        await service.ended(db, run, why, clock.now())
        return
    run.wish, run.slot = "run", None
    run.reason = why.model_dump(mode="json")
    await service.told_of(db, By.SYSTEM, Verb.RUN_CANCEL, run, reason=why.code)
    service.record(db, run, "log", {"source": "sojourn", "text": why.sentence})
    service.record_status(db, run)
