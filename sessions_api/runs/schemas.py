"""Runs as JSON."""

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import StringConstraints

from sessions_api.kit.schemas import Schema
from sessions_api.runs.states import Phase, Status, WishWord, status_of
from sessions_api.runs.tables import Run, RunStage
from spawner.reasons import Reason

Text = Annotated[str, StringConstraints(max_length=255)]


class Overrides(Schema):
    """What one launch does differently from the session's configuration.

    Attributes:
        without: folders of repositories and storages to leave out.
        refs: other refs, by repository folder.
    """

    without: list[Text] = []
    refs: dict[Text, Text] = {}


class StageRead(Schema):
    """One stage of the launch."""

    key: str
    title: str
    state: Literal["next", "now", "done", "warn", "fail"]
    started_at: datetime | None
    ended_at: datetime | None
    detail: str


class RunRead(Schema):
    """A run.

    Attributes:
        status: the word people read.
        wish: what the person asked for; unlike `run` it is under way.
        url: where the session answers; null until it is ready.
        events: where its events stream.
        reason: why it failed.
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
    created_at: datetime
    launched_at: datetime
    ready_at: datetime | None
    ended_at: datetime | None
    stages: list[StageRead]

    @classmethod
    def of(cls, run: Run, *, project: str, session: str, stages: list[RunStage]) -> Self:
        """The run with the slugs of its project and session, and the stages of its last attempt."""
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
                "created_at": run.created_at,
                "launched_at": run.launched_at,
                "ready_at": run.ready_at,
                "ended_at": run.ended_at,
                "stages": [StageRead.model_validate(stage) for stage in stages],
            }
        )


class LogLine(Schema):
    """One line of a run's log; `seconds` since the attempt began."""

    at: datetime
    seconds: float
    source: str
    text: str


class LogRead(Schema):
    """The last lines of a run's log, oldest first."""

    lines: list[LogLine]
