"""What a card shows of a launch: where it is, or why it failed."""

from __future__ import annotations

from collections.abc import Sequence

from sessions_api.runs import present
from sessions_api.runs.estimates import Estimate
from sessions_api.runs.tables import Run, RunStage
from sessions_api.sessions.tables import Session
from sessions_api.sessions.views import Failure, Progress, SessionCard


def progress(session: Session, run: Run, stages: Sequence[RunStage], estimate: Estimate) -> Progress | None:
    """Where a launch that goes on is."""
    if run.phase not in {"queued", "launching"} or run.wish != "run" or run.waits_since is not None:
        return None
    stage = present.current(stages)
    return Progress(
        stage.title if stage else "Queued",
        stage.detail if stage else "",
        f"Launch of {session.name}",
        present.wait(estimate, run.launched_at),
    )


def failure(run: Run, base: str) -> Failure | None:
    """Why it failed; `base` is what the session's addresses begin with."""
    reason = present.reason_of(run)
    if run.phase != "failed" or reason is None:
        return None
    offered = tuple(
        action
        for remedy, action in zip(reason.remedies, present.remedies(reason, run, base), strict=True)
        if remedy.action not in {"retry", "show_log"}
    )
    return Failure(reason.sentence, f"/runs/{run.id}#log", offered)


def say(cards: Sequence[SessionCard]) -> str:
    """What is announced when it changes: launches first, else what is not at rest."""
    launching = [card for card in cards if card.progress]
    told = launching or [card for card in cards if card.status.state != "inactive"]
    return "; ".join(
        f"{card.name}: {card.status.word.lower()}" + (f", {card.progress.title}" if card.progress else "")
        for card in told[:3]
    )
