"""When a running session pauses by itself, and what follows from that now. Asks nobody.

A session pauses when it is certain that it was without activity for as long as it may be: JupyterHub hears
of activity some time after it was, so that time is waited for in addition (`Lifetimes.certain`). Nothing is
paused that was not announced, nor before the time that was announced. From a time of its person's timetable
on a session pauses once it was without activity for as long as a pause is announced before.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto
from typing import Literal

from sessions_api.runs.tables import Run, RunLife
from sessions_api.sessions.lifetimes import Lifetimes
from sessions_api.sessions.tables import Session

Cause = Literal["idle", "life", "time"]


class Step(Enum):
    """What is to be done about a running session."""

    NOTHING = auto()
    ANNOUNCE = auto()
    WITHDRAW = auto()
    PAUSE = auto()


@dataclass(frozen=True, slots=True)
class Plan:
    """When a session pauses if nothing happens.

    Attributes:
        before: how long before it is announced.
    """

    at: datetime
    cause: Cause
    before: timedelta


def plan(run: Run, life: RunLife, session: Session, lifetimes: Lifetimes) -> Plan | None:
    """When and why a running session pauses by itself; None: never."""
    # The time that it may run begins anew with each resume.
    began = run.ready_at or run.launched_at
    plans: list[Plan] = []
    if (idle := lifetimes.idle(session)) is not None:
        at = max(life.active_at, began) + idle + lifetimes.certain
        kept = max(at, life.keep_until) if life.keep_until else at
        plans.append(Plan(kept, "idle", lifetimes.warning_before(idle)))
    if (whole := lifetimes.life(session)) is not None:
        plans.append(Plan(began + whole, "life", lifetimes.warning_before(whole)))
    if life.pause_from is not None:
        unused = max(life.active_at, began) + lifetimes.certain + lifetimes.warning
        at = max(filter(None, (unused, life.pause_from, life.keep_until)))
        plans.append(Plan(at, "time", lifetimes.warning))
    return min(plans, key=lambda each: each.at, default=None)


def step(life: RunLife, planned: Plan | None, now: datetime, *, certain: bool) -> Step:
    """What is to be done; `certain`: JupyterHub was there long enough to hear of any activity."""
    if planned is None or now < planned.at - planned.before:
        return Step.WITHDRAW if life.pauses_at is not None else Step.NOTHING
    if life.pauses_at is None or life.cause != planned.cause or planned.at > life.pauses_at:
        return Step.ANNOUNCE
    if now >= life.pauses_at and (certain or planned.cause == "life"):
        return Step.PAUSE
    return Step.NOTHING
