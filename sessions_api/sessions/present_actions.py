"""What can be done with a session: the one action that leads its card, and its menu."""

from __future__ import annotations

from datetime import datetime

from sessions_api.runs import present
from sessions_api.runs.tables import Run
from sessions_api.sessions.tables import Session
from sessions_api.web.parts import Action

STARTS = {"inactive": ("Start", "play"), "paused": ("Resume", "play"), "failed": ("Retry", "retry")}
"""What the leading button of a card says when it starts the session."""


def primary(session: Session, run: Run | None, base: str, now: datetime) -> Action:
    """The one action that leads a card."""
    state = present.status(run, now).state
    if run is not None and not present.settled(run):
        return Action("Show", f"/runs/{run.id}", "right", about=session.name)
    if state == "launching":
        return Action("Cancel", f"{base}/cancel", about=f"launch of {session.name}", post=True)
    if run is not None and state == "running":
        return Action("Open", run.url, "open", about=session.name)
    label, icon = STARTS[state]
    return Action(label, f"{base}/start", icon, about=session.name, post=True)


def menu(
    session: Session, run: Run | None, base: str, *, editor: bool, back: Action | None = None
) -> tuple[tuple[Action, ...], ...]:
    """Everything else that can be done, the same order everywhere; `back` leads to an earlier version."""
    phase = run.phase if run and present.settled(run) else ""
    first: tuple[Action, ...] = ()
    if phase == "running":
        pause = Action(
            "Pause…", f"{base}/pause", "pause", small="Keeps /work, gives back CPU and memory", ask=True
        )
        first = (pause, Action("Stop…", f"{base}/stop", "stop", ask=True, danger=True))
    elif phase == "paused":
        first = (Action("Stop…", f"{base}/stop", "stop", ask=True, danger=True),)
    elif phase == "failed" and run is not None and run.spec:
        first = (Action("Delete /work…", f"{base}/stop", "trash", ask=True, danger=True),)
    log: tuple[Action, ...] = (Action("Log", f"/runs/{run.id}#log", "log"),) if run else ()
    log += (Action("Launch link", f"{base}/start", "open", small="A page that asks and starts it"),)
    log += (Action("Times", f"{base}/times", "clock", small="When it starts and pauses by itself"),)
    copy = Action("Copy to a project…", f"{base}/copy", "copy")
    if not editor:
        return tuple(group for group in (first, (*log, copy)) if group)
    default = (
        () if session.is_default else (Action("Make default", f"{base}/default", "bookmark", post=True),)
    )
    second = (
        *log,
        Action("Configure", f"{base}/configure", "sliders"),
        *default,
        Action("Duplicate", f"{base}/duplicate", "copy", post=True),
        copy,
        *((back,) if back else ()),
    )
    remove = (Action("Remove…", f"{base}/remove", "trash", ask=True, danger=True),)
    return tuple(group for group in (first, second, remove) if group)
