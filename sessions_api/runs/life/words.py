"""What pages say of sessions that pause by themselves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sessions_api.runs.tables import Run, RunLife
from sessions_api.sessions.lifetimes import Lifetimes
from sessions_api.sessions.tables import Session
from sessions_api.web import words
from sessions_api.web.parts import Action, Hint

_HOURS = (1, 2, 4, 8, 12, 24, 48, 72, 168)


@dataclass(frozen=True, slots=True)
class Keeping:
    """The form that keeps a running session alive: where it is sent to, and the hours to choose from."""

    path: str
    hours: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Lifetime:
    """What the page of a run says of when it pauses by itself.

    Attributes:
        promise: what is so beforehand; empty: it never does.
        keeping: None while nothing is to be kept alive.
    """

    promise: str
    hints: tuple[Hint, ...]
    keeping: Keeping | None


def promise(session: Session, lifetimes: Lifetimes) -> str:
    """`Pauses after 2 h without activity; at most 24 h`; empty: it goes on until somebody ends it."""
    idle, whole = lifetimes.idle(session), lifetimes.life(session)
    if idle is None:
        return f"Pauses after {words.span(whole)}" if whole else ""
    most = f"; at most {words.span(whole)}" if whole else ""
    return f"Pauses after {words.span(idle)} without activity{most}"


def hints(
    run: Run | None, lives: Mapping[str, RunLife], session: Session, base: str, now: datetime
) -> tuple[Hint, ...]:
    """What is to be said of a running session now; `base` is what its addresses begin with."""
    life = lives.get(run.id) if run else None
    if run is None or life is None or (run.phase, run.wish) != ("running", "run"):
        return ()
    if life.pauses_at is not None:
        extend = Action("Extend", f"{base}/keep-alive", about=session.name, post=True)
        at = words.clock_time(life.pauses_at, now)
        if life.cause == "idle":
            return (Hint(f"Pauses at {at} for want of activity", "clock", "warn", (extend,), life.pauses_at),)
        if life.cause == "time":
            text = f"Pauses at {at} by your times, if nobody uses it"
            return (Hint(text, "clock", "warn", (extend,), life.pauses_at),)
        text = f"Pauses at {at}, when it has run as long as it may"
        return (Hint(text, "clock", "warn", (), life.pauses_at),)
    if life.keep_until is not None and life.keep_until > now:
        return (Hint(f"Kept alive until {words.clock_time(life.keep_until, now)}.", "clock"),)
    return ()


def lifetime(
    run: Run,
    lives: Mapping[str, RunLife],
    session: Session,
    *,
    base: str,
    lifetimes: Lifetimes,
    now: datetime,
) -> Lifetime:
    """The part of a run's page."""
    told = promise(session, lifetimes)
    life = lives.get(run.id)
    pauses = lifetimes.idle(session) is not None or (life is not None and life.pause_from is not None)
    keeps = (run.phase, run.wish) == ("running", "run") and pauses
    hours = tuple(each for each in _HOURS if timedelta(hours=each) <= lifetimes.keep_alive)
    return Lifetime(
        f"{told}." if told and run.phase in {"queued", "launching", "running"} else "",
        hints(run, lives, session, base, now),
        Keeping(f"{base}/keep-alive", hours) if keeps and hours else None,
    )
