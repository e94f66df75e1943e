"""Phases of a run, what people may wish of it, and what follows from both.

| phase     | wish                | what the driver does next                                  |
| --------- | ------------------- | ---------------------------------------------------------- |
| queued    | run                 | freezes the spec, asks the hub: launching                  |
| queued    | pause, stop, cancel | ends it: stopped                                           |
| launching | run                 | asks the hub again if the hub lost it                      |
| launching | anything else       | asks the hub to end the server; its end is reported        |
| running   | run                 | nothing                                                    |
| running   | anything else       | asks the hub to end the server; its end is reported        |
| paused    | stop                | asks the hub to remove what it kept: stopped               |
| paused    | resume              | the next attempt: launching                                |
| failed    | stop                | asks the hub to remove what it kept: stopped               |

A server's end becomes `paused` (its /work is there), `stopped` when a first launch was cancelled, or
`failed` when nobody wished it and there is a reason.
"""

from typing import Literal

Phase = Literal["queued", "launching", "running", "paused", "succeeded", "failed", "stopped"]
WishWord = Literal["run", "pause", "stop", "resume", "cancel"]
Status = Literal["inactive", "launching", "running", "paused", "failed"]

LIVE: frozenset[str] = frozenset({"queued", "launching", "running"})
"""Something of the run may exist at the hub, and it holds its slot while nobody wished its end."""

_STATUS: dict[str, Status] = {
    "queued": "launching",
    "launching": "launching",
    "running": "running",
    "paused": "paused",
    "failed": "failed",
}

_WISHES: dict[str, frozenset[str]] = {
    "queued": frozenset({"pause", "stop", "cancel"}),
    "launching": frozenset({"pause", "stop", "cancel"}),
    "running": frozenset({"pause", "stop"}),
    "paused": frozenset({"stop", "resume"}),
    "failed": frozenset({"stop"}),
}


def status_of(phase: str | None) -> Status:
    """The word for a session whose viewer's latest run is in `phase`; None is no run at all."""
    return _STATUS.get(phase or "", "inactive")


def may_wish(phase: str, wish: str) -> bool:
    """Whether the wish means anything in this phase."""
    return wish in _WISHES.get(phase, frozenset())


def is_settled(phase: str, wish: str) -> bool:
    """Whether nothing more happens to a run until somebody asks for something."""
    return phase not in LIVE and wish == "run"


def phase_after_end(phase: str, wish: str, attempt: int, *, has_reason: bool) -> Phase:
    """What a run becomes when its server has ended."""
    if has_reason and wish == "run":
        return "failed"
    if wish == "cancel" and attempt == 1 and phase != "running":
        return "stopped"
    return "paused"
