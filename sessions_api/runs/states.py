"""The state machine of runs: phases, the steps between them, what people may wish, and what follows.

A run is made queued, and goes from phase to phase by these steps alone (`step`):

| from      | to                                  | when                                                     |
| --------- | ----------------------------------- | -------------------------------------------------------- |
| queued    | launching                           | its spec is frozen                                       |
| queued    | failed                              | it cannot be frozen                                      |
| queued    | stopped                             | its end was wished for before it began                   |
| launching | running                             | the session answers, and has its route                   |
| launching | paused                              | its end was wished for, and its /work is there           |
| launching | failed                              | a step failed, or the hub refused or lost it             |
| launching | stopped                             | it was cancelled, and there is no /work from before      |
| running   | paused                              | its server ended, as wished or in order                  |
| running   | failed                              | its server ended, and nobody wished it                   |
| paused    | launching                           | it was resumed: the next attempt                         |
| paused    | stopped                             | it was stopped: what it kept is gone                     |
| paused    | succeeded                           | the next run of its session began, and has its /work     |
| failed    | stopped                             | it was stopped: what it kept is gone                     |

What the driver does about a run follows from phase and wish:

| phase     | wish                | what the driver does next                                  |
| --------- | ------------------- | ---------------------------------------------------------- |
| queued    | run                 | freezes the spec, asks the hub: launching                  |
| queued    | pause, cancel       | ends it: stopped                                           |
| queued    | stop                | has the run stopped that has the /work, if any: stopped    |
| launching | run                 | asks the hub again if the hub lost it                      |
| launching | anything else       | asks the hub to end the server; its end is reported        |
| running   | run                 | nothing                                                    |
| running   | anything else       | asks the hub to end the server; its end is reported        |
| paused    | stop                | asks the hub to remove what it kept: stopped               |
| paused    | resume              | the next attempt: launching                                |
| failed    | stop                | asks the hub to remove what it kept: stopped               |

A server's end becomes `paused` (its /work is there), `stopped` when a launch was cancelled before which there
was no /work, or `failed` when nobody wished it and there is a reason.

A run that is dropped before it began left nothing, and the one before it is its person's latest again: failed
or paused, as it was.
"""

from typing import Literal

Phase = Literal["queued", "launching", "running", "paused", "succeeded", "failed", "stopped"]
WishWord = Literal["run", "pause", "stop", "resume", "cancel"]
Status = Literal["inactive", "launching", "running", "paused", "failed"]

LIVE: frozenset[str] = frozenset({"queued", "launching", "running"})
"""Something of the run may exist at the hub, and it holds its slot while nobody wished its end."""

STEPS: dict[Phase, frozenset[Phase]] = {
    "queued": frozenset({"launching", "failed", "stopped"}),
    "launching": frozenset({"running", "paused", "failed", "stopped"}),
    "running": frozenset({"paused", "failed"}),
    "paused": frozenset({"launching", "stopped", "succeeded"}),
    "failed": frozenset({"stopped"}),
    "succeeded": frozenset(),
    "stopped": frozenset(),
}
"""Where a run may go from each phase; the only place that says so."""

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


class ImpossibleStepError(Exception):
    """A run was about to go where no step leads. The transaction is undone, so nothing of it is so."""


def step(before: str, after: Phase) -> Phase:
    """The phase after a step.

    Raises:
        ImpossibleStepError: no step leads there.
    """
    if not any(phase == before and after in following for phase, following in STEPS.items()):
        raise ImpossibleStepError(f"no step leads from {before} to {after}")
    return after


def status_of(phase: str | None) -> Status:
    """The word for a session whose viewer's latest run is in `phase`; None is no run at all."""
    return _STATUS.get(phase or "", "inactive")


def may_wish(phase: str, wish: str) -> bool:
    """Whether the wish means anything in this phase."""
    return wish in _WISHES.get(phase, frozenset())


def is_settled(phase: str, wish: str) -> bool:
    """Whether nothing more happens to a run until somebody asks for something."""
    return phase not in LIVE and wish == "run"


def phase_after_end(phase: str, wish: str, *, has_work: bool, has_reason: bool) -> Phase:
    """What a run becomes when its server has ended; `has_work`: there was a /work before it was launched."""
    if has_reason and wish == "run":
        return "failed"
    if phase == "queued":
        return "stopped"
    if wish == "cancel" and not has_work and phase != "running":
        return "stopped"
    return "paused"
