"""Runs, their stages and their events."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from sessions_api.kit.db import Base
from sessions_api.people.tables import PERSON
from sessions_api.projects.tables import ID


class Run(Base):
    """One launch of a session by a person.

    Attributes:
        server: the hub's name of the server it runs as.
        slot: who, where, what (`person project environment`) while the run may hold it; unique, so a person
            has one live run per environment and project however many starts arrive at once.
        phase: what is so: queued, launching, running, paused, succeeded, failed, stopped.
        wish: what the person wants: run, pause, stop, resume, cancel.
        attempt: counts launches of this run; a resume is the next.
        spec: the launch spec, frozen when the first launch began.
        overrides: what this launch does differently from the session's configuration.
        asked_at: when the hub was last asked to start or end the server in this attempt.
        asked: how often it was asked to start it in this attempt.
        reporter: which spawner object reported last, and `reported` its last delivery's number.
        lease_owner: the process that acts on the run until `lease_until`.
    """

    __tablename__ = "runs"
    __table_args__ = (
        Index("ix_runs_person_session_id", "person", "session_id", "id"),
        Index("ix_runs_session_id_phase", "session_id", "phase"),
    )

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    person: Mapped[str] = mapped_column(PERSON)
    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), index=True)
    session_id: Mapped[str] = mapped_column(ForeignKey("sessions.id", ondelete="CASCADE"))
    environment_id: Mapped[str] = mapped_column(ForeignKey("environments.id"))
    version_id: Mapped[str] = mapped_column(ForeignKey("environment_versions.id"))
    server: Mapped[str] = mapped_column(String(40), index=True)
    slot: Mapped[str | None] = mapped_column(String(400), unique=True)
    phase: Mapped[str] = mapped_column(String(10), index=True)
    wish: Mapped[str] = mapped_column(String(10))
    attempt: Mapped[int]
    spec: Mapped[dict[str, Any] | None]
    overrides: Mapped[dict[str, Any]]
    reason: Mapped[dict[str, Any] | None]
    url: Mapped[str] = mapped_column(String(1000))
    created_at: Mapped[datetime]
    launched_at: Mapped[datetime]
    ready_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    asked_at: Mapped[datetime | None]
    asked: Mapped[int]
    reporter: Mapped[str] = mapped_column(String(64))
    reported: Mapped[int]
    lease_owner: Mapped[str | None] = mapped_column(String(64))
    lease_until: Mapped[datetime | None]


class RunStage(Base):
    """A stage of one attempt of a run: `state` is next, now, done, warn or fail."""

    __tablename__ = "run_stages"

    run_id: Mapped[str] = mapped_column(ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True)
    attempt: Mapped[int] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(120))
    title: Mapped[str] = mapped_column(String(250))
    state: Mapped[str] = mapped_column(String(5))
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    detail: Mapped[str] = mapped_column(Text)


class RunEvent(Base):
    """Something that happened to a run, in the order in which it became known.

    Attributes:
        kind: `log` (data: source, text), `stage` (data: key, state, detail) or `status` (data: phase, wish).
    """

    __tablename__ = "run_events"
    __table_args__ = (Index("ix_run_events_run_id_id", "run_id", "id"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    run_id: Mapped[str] = mapped_column(ForeignKey("runs.id", ondelete="CASCADE"))
    attempt: Mapped[int]
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(10))
    data: Mapped[dict[str, Any]]
