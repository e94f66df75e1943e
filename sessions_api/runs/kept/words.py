"""What pages say of what is kept."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sessions_api.runs.tables import KeptWork, Run
from sessions_api.web import words
from sessions_api.web.parts import Action, Hint


def hints(run: Run | None, kept: Sequence[KeptWork], base: str, now: datetime) -> tuple[Hint, ...]:
    """What is kept of a session, what is being kept, and what could not be."""
    can_start = run is None or run.phase == "stopped"
    said = []
    for each in kept:
        match each.state:
            case "wanted":
                said.append(Hint(_being_kept(run), "storage", "note"))
            case "failed" if run is not None and run.id == each.run_id and run.phase != "stopped":
                text = f"/work could not be kept, so it was not deleted. The cluster says: {each.sentence}"
                stop = Action("Stop…", f"{base}/stop", "stop", ask=True, danger=True)
                said.append(Hint(text, "storage", "warn", (stop,)))
            case "ready" if each.expires_at > now:
                begin = Action("Start from it", f"{base}/start", post=True, fields=(("kept", each.id),))
                remove = Action("Delete…", f"/kept/{each.id}/delete", ask=True, danger=True)
                at, until = words.minute(each.asked_at, now), words.minute(each.expires_at, now)
                text = f"/work of {at} is kept until {until}."
                said.append(Hint(text, "storage", "", (*((begin,) if can_start else ()), remove)))
    return tuple(said)


def until(kept: KeptWork, card: str, now: datetime) -> Action:
    """`/work is kept until 12 Dec, 06:11`, leading to its session's card, which starts from it."""
    return Action(f"/work is kept until {words.minute(kept.expires_at, now)}", card)


def _being_kept(run: Run | None) -> str:
    if run is not None and (run.phase, run.wish) == ("queued", "run"):
        return "/work of the run before is being kept, and then deleted. The start goes on after that."
    return "/work is being kept before it is deleted."
