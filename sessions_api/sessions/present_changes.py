"""What of a session's configuration waits for the next start, and how to have it now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessions_api.resources.specs import spec_of
from sessions_api.runs.resizing import service as resizing
from sessions_api.runs.resizing import words as resizing_words
from sessions_api.runs.tables import Run
from sessions_api.sessions import pending
from sessions_api.sessions.tables import Session
from sessions_api.web.parts import Action

if TYPE_CHECKING:
    from sessions_api.sessions.present import Around


def changed(session: Session, run: Run, around: Around) -> list[pending.Changed]:
    """What of the session's configuration the run does not have."""
    if not run.spec:
        return []
    return pending.changes(
        run.spec,
        session,
        version=around.versions[session.version_id],
        computer=around.kinds.computer,
        resources=spec_of(session, around.classes),
        repositories=around.repositories,
        storages=around.storages,
        set_once=run.overrides.get("variables"),
    )


def now(session: Session, run: Run | None, around: Around, base: str) -> tuple[Action, ...]:
    """How to have the changes now: by another size for what runs, where that is all, or by a start."""
    sizes: tuple[Action, ...] = ()
    if resizing.is_offered(run, spec_of(session, around.classes), around.cluster):
        sizes = (resizing_words.action(base, f"CPU and memory of {session.name}"),)
    return (*sizes, *again(session, run, base))


def again(session: Session, run: Run | None, base: str) -> tuple[Action, ...]:
    """Starts a paused session as it is configured now; asks whether to restart one that runs."""
    if run is None or run.wish != "run":
        return ()
    about = f"in {session.name}"
    if run.phase == "paused":
        fields = (("anew", "on"),)
        return (Action("Start with the changes", f"{base}/start", about=about, post=True, fields=fields),)
    if run.phase == "running":
        return (Action("Restart with the changes…", f"{base}/restart", about=about, ask=True),)
    return ()
