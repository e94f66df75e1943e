"""Runs as JSON."""

from datetime import datetime, timedelta
from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, ConfigDict, Field, StringConstraints, model_validator

from sessions_api.kit import clock
from sessions_api.kit.schemas import Schema
from sessions_api.runs.resizing import wish
from sessions_api.runs.states import Phase, Status, WishWord, status_of
from sessions_api.runs.tables import KeptWork, Run, RunLife, RunStage
from sessions_api.sessions.variables import Variables
from spawner.reasons import Reason

Text = Annotated[str, StringConstraints(max_length=255, strip_whitespace=True)]


class Overrides(Schema):
    """What one launch does differently from the session's configuration.

    Attributes:
        without: folders of repositories and storages to leave out.
        refs: other refs, by repository folder.
        variables: other values of variables that the session's configuration has.
        kept: the id of what is kept of the session: its /work begins with that.
        anew: a paused session is started as it is configured now, and not resumed as it was; /work is kept.
    """

    # Blanks at the ends of a variable's value are the person's.
    model_config = ConfigDict(str_strip_whitespace=False)

    without: list[Text] = []
    refs: dict[Text, Text] = {}
    variables: Variables = {}
    anew: bool = False
    kept: Text | None = None


class KeepAlive(Schema):
    """How long a running session is not to pause for want of activity.

    Attributes:
        hours: for so many hours from now.
        until: until then; without both it may be idle from now on for as long as it may be anyway.
    """

    hours: Annotated[float, Field(gt=0, le=8784, allow_inf_nan=False)] | None = None
    until: AwareDatetime | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if self.hours is not None and self.until is not None:
            raise ValueError("Say hours or until, not both.")
        return self

    def end(self) -> datetime | None:
        """The time that is meant; None: another span."""
        return self.until if self.hours is None else clock.now() + timedelta(hours=self.hours)


class StageRead(Schema):
    """One stage of the launch."""

    key: str
    title: str
    state: Literal["next", "now", "done", "warn", "fail"]
    started_at: datetime | None
    ended_at: datetime | None
    detail: str


class QueueRead(Schema):
    """Where a run is in the line before its pool.

    Attributes:
        position: the first to be let in is 1.
        estimate_seconds: in how long that may be, from how long runs in the pool take; null: nobody knows.
    """

    position: int
    estimate_seconds: int | None


class ResizeRead(Schema):
    """Another CPU and memory that is wished for a running session.

    Attributes:
        state: `wanted` until the cluster has done it; `undoing` and then `refused` when it cannot, and
            `sentence` and `hint` say why.
    """

    cpus: float | None
    memory_gib: float | None
    state: Literal["wanted", "undoing", "refused"]
    sentence: str
    hint: str


class KeptOfRunRead(Schema):
    """That /work of a run that was stopped is kept; a start of its session takes the id as `kept`."""

    id: str
    expires_at: datetime


class RunRead(Schema):
    """A run.

    Attributes:
        status: the word people read.
        wish: what the person asked for; unlike `run` it is under way.
        url: where the session answers; null until it is ready.
        events: where its events stream.
        reason: why it failed, why it was paused when nobody asked for that, or why its resume was taken back.
        active_at: when it was last active, as far as that is known; null while it does not run.
        keep_until: until when it was asked for to be kept alive.
        pauses_at: when it pauses by itself, once that is announced.
        pauses_for: why it does: `idle`, `life`, or `time` for a time of its person's timetable.
        queue: where it waits, when the pool of its class is full; else null.
        resize: the size that it is to have, while that is under way or was refused; else null.
        kept: what is kept of its /work since it was stopped; else null.
    """

    id: str
    project: str
    session: str
    person: str
    attempt: int
    phase: Phase
    wish: WishWord
    status: Status
    url: str | None
    page: str
    events: str
    reason: Reason | None
    active_at: datetime | None
    keep_until: datetime | None
    pauses_at: datetime | None
    pauses_for: Literal["idle", "life", "time"] | None
    queue: QueueRead | None
    resize: ResizeRead | None
    kept: KeptOfRunRead | None
    created_at: datetime
    launched_at: datetime
    ready_at: datetime | None
    ended_at: datetime | None
    stages: list[StageRead]

    @classmethod
    def of(
        cls,
        run: Run,
        *,
        project: str,
        session: str,
        stages: list[RunStage],
        life: RunLife | None = None,
        kept: KeptWork | None = None,
    ) -> Self:
        """The run with the slugs of its project and session, and the stages of its last attempt.

        `life` is what is known of its activity while it runs, `kept` what is kept of it.
        """
        return cls.model_validate(
            {
                "id": run.id,
                "project": project,
                "session": session,
                "person": run.person,
                "attempt": run.attempt,
                "phase": run.phase,
                "wish": run.wish,
                "status": status_of(run.phase),
                "url": run.url or None if run.phase == "running" else None,
                "page": f"/runs/{run.id}",
                "events": f"/api/v1/runs/{run.id}/events",
                "reason": run.reason,
                "active_at": life.active_at if life else None,
                "keep_until": life.keep_until if life else None,
                "pauses_at": life.pauses_at if life else None,
                "pauses_for": life.cause if life else None,
                "queue": queue_of(run),
                "resize": wish.of(run),
                "kept": kept and {"id": kept.id, "expires_at": kept.expires_at},
                "created_at": run.created_at,
                "launched_at": run.launched_at,
                "ready_at": run.ready_at,
                "ended_at": run.ended_at,
                "stages": [StageRead.model_validate(stage) for stage in stages],
            }
        )


def queue_of(run: Run) -> dict[str, int | None] | None:
    """Where a run waits, as `QueueRead` has it; None: it does not."""
    if run.position is None:
        return None
    left = (run.expected_at - clock.now()).total_seconds() if run.expected_at else None
    return {"position": run.position, "estimate_seconds": None if left is None else max(0, round(left))}
