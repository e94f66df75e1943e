"""What the spawner tells the API about a launch: stages, log lines, readiness, the end."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from spawner.part import Part
from spawner.reasons import Reason

StageState = Literal["now", "done", "warn", "fail"]


class StageReport(Part):
    """A stage began (`now`) or ended; `detail` is one line below it, for instance what was reused."""

    kind: Literal["stage"] = "stage"
    at: AwareDatetime
    stage: str
    state: StageState
    detail: str = ""


class LogReport(Part):
    """One line of a log. `source` is a short word: `clone`, `build`, `session`."""

    kind: Literal["log"] = "log"
    at: AwareDatetime
    source: str
    text: str


class ReadyReport(Part):
    """The session answers at `url`, a path of the public origin."""

    kind: Literal["ready"] = "ready"
    at: AwareDatetime
    url: str


class EndedReport(Part):
    """Nothing of the launch runs any more. Without a reason it ended because it was asked to."""

    kind: Literal["ended"] = "ended"
    at: AwareDatetime
    reason: Reason | None


Report = Annotated[StageReport | LogReport | ReadyReport | EndedReport, Field(discriminator="kind")]


class Reports(Part):
    """Reports in order.

    Attributes:
        attempt: the attempt of the spec they belong to; older attempts are history and change nothing.
        reporter: names the sending object, so that `seq` can start again when the hub does.
        seq: counts this reporter's deliveries from 1; one that was seen already is ignored.
    """

    attempt: int
    reporter: str
    seq: int
    events: tuple[Report, ...]


class Usage(Part):
    """What a session uses now.

    Attributes:
        attempt: the attempt that it is of.
        cpus: CPUs that were busy since the look before; None: it is the first.
        memory_bytes: of all of its processes.
        disk_bytes: of /work; None: too many files to look at.
    """

    attempt: int
    cpus: Annotated[float, Field(ge=0, le=100_000)] | None
    memory_bytes: Annotated[int, Field(ge=0, lt=2**60)]
    disk_bytes: Annotated[int, Field(ge=0, lt=2**60)] | None


class Wish(Part):
    """What the person wants of the run now; anything but `run` ends a launch."""

    wish: Literal["run", "pause", "stop", "resume", "cancel"]


__all__ = [
    "EndedReport",
    "LogReport",
    "ReadyReport",
    "Report",
    "Reports",
    "StageReport",
    "StageState",
    "Usage",
    "Wish",
]
