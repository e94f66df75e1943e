"""What pages say of a resume that a limit has taken back."""

from __future__ import annotations

from sessions_api.runs import present
from sessions_api.runs.places import refusing
from sessions_api.runs.tables import Run
from sessions_api.web.parts import Hint


def hints(run: Run | None, base: str, *, whole: bool) -> tuple[Hint, ...]:
    """What to do about it, until something else is asked for; `whole`: and why, if nothing else says so."""
    reason = present.reason_of(run) if run is not None and refusing.was_refused(run) else None
    if run is None or reason is None or run.wish != "run":
        return ()
    text = f"{reason.sentence} {reason.hint} Its /work is kept." if whole else reason.hint
    return (Hint(text, "alert", "warn", present.remedies(reason, run, base)),)
