"""What is concluded from a pod's state, and what is known beside it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from spawner.reasons import Reason


@dataclass(frozen=True)
class Waiting:
    """Something is under way, or may still come right; not fatal.

    Attributes:
        text: one line for the stage's detail, without numbers that change while nothing happens.
        stage: key of the stage it belongs to; empty: the one under way.
        until: when it becomes fatal if nothing changes, so when to look again; None: not by itself.
    """

    text: str
    stage: str = ""
    until: datetime | None = None


@dataclass(frozen=True)
class Failed:
    """It will not come right.

    Attributes:
        stage: key of the stage that failed; empty: the one under way.
    """

    reason: Reason
    stage: str = ""


@dataclass(frozen=True)
class Fine:
    """Nothing to tell."""


Verdict = Waiting | Failed | Fine


@dataclass(frozen=True)
class Patience:
    """Seconds that what may still come right is waited for.

    Attributes:
        schedule: for a node, counted anew when an autoscaler says that it adds one.
        hopeless: for an autoscaler to say so, where no node is large enough or none matches.
        registry: for a registry that does not answer.
        volume: for a volume to be made, attached or mounted.
        cache: for what the scheduler does not see because it was made a moment ago.
    """

    schedule: float = 300.0
    hopeless: float = 15.0
    registry: float = 60.0
    volume: float = 180.0
    cache: float = 1.5


@dataclass(frozen=True)
class Context:
    """What the pod itself does not tell.

    Attributes:
        front_end: what people call the program.
        environment: the environment's name, for hints.
        program, clone, gate: names of the containers that are the session's program, the cloning, the gate.
        own_secret: the Secret that is made right after the pod, whose absence is no fault for a while.
        logs_in: whether the program's image is pulled with a registry login of the run's.
        ended_by_us: whether the spawner itself deletes the pod.
    """

    front_end: str
    environment: str = ""
    program: str = "notebook"
    clone: str = "clone"
    gate: str = "gate"
    own_secret: str | None = None
    logs_in: bool = False
    ended_by_us: bool = False
    patience: Patience = Patience()
