"""Runs, their stages and their events."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from sessions_api.kit.db import Base
from sessions_api.people.tables import PERSON
from sessions_api.projects.tables import ID

TAKING = text("(phase IN ('queued', 'launching', 'running') OR wish = 'resume')")
WAITING = text("waits_since IS NOT NULL")
FAILED = text("failed_at IS NOT NULL")
"""Few of all runs: what is taken of a pool is asked with every start, who waits whenever a run changes."""


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
        groups: the hub's groups that the person was in when they started or resumed it.
        resource_class_id: the class it was started with.
        pool_id: the pool that it is taken from; None: nothing limits it.
        cpus, memory_gib, gpus: what it takes, of the pool while it holds a place in it. Without a pool it is
            known from the first launch on.
        waits_since: when it began to wait for a place; None: it holds one while it is live.
        position: its place in the line, as it was last told; the first is 1.
        expected_at: when a place may be free, as it was last told; None: nobody knows.
        failed_at, failed_code: when it failed and the code of the reason, also when it was stopped since.
        node: the cluster's node that its last attempt ran on, as it was last seen there.
        peak_cpus, peak_memory, peak_disk, peak_gpus: the most it ever used, in all of its attempts; bytes.
        resize: another size that is wished for what runs, and what became of that (`resizing.wish.Resize`).
        reporter: which spawner object reported last, and `reported` its last delivery's number.
        lease_owner: the process that acts on the run until `lease_until`.
    """

    __tablename__ = "runs"
    __table_args__ = (
        Index("ix_runs_person_session_id", "person", "session_id", "id"),
        Index("ix_runs_session_id_phase", "session_id", "phase"),
        Index("ix_runs_taking", "pool_id", sqlite_where=TAKING, postgresql_where=TAKING),
        Index("ix_runs_pool_id_ended_at", "pool_id", "ended_at"),
        Index("ix_runs_waiting", "pool_id", sqlite_where=WAITING, postgresql_where=WAITING),
        Index("ix_runs_failed_at", "failed_at", sqlite_where=FAILED, postgresql_where=FAILED),
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
    groups: Mapped[list[Any]] = mapped_column(default=list)
    resource_class_id: Mapped[str | None] = mapped_column(ForeignKey("resource_classes.id"))
    pool_id: Mapped[str | None] = mapped_column(ForeignKey("resource_pools.id"))
    cpus: Mapped[float | None]
    memory_gib: Mapped[float | None]
    gpus: Mapped[int | None]
    waits_since: Mapped[datetime | None]
    position: Mapped[int | None]
    expected_at: Mapped[datetime | None]
    failed_at: Mapped[datetime | None]
    failed_code: Mapped[str | None] = mapped_column(String(60))
    node: Mapped[str | None] = mapped_column(String(253))
    peak_cpus: Mapped[float | None]
    peak_memory: Mapped[int | None] = mapped_column(BigInteger)
    peak_disk: Mapped[int | None] = mapped_column(BigInteger)
    peak_gpus: Mapped[float | None]
    resize: Mapped[dict[str, Any] | None]
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


class RunSample(Base):
    """What a run uses at one moment; a ring of fixed size for each run that runs.

    Attributes:
        slot: the place in the ring, which the time names.
        cpus, memory_bytes, disk_bytes, gpus: see `usage.samples.Sample`.
    """

    __tablename__ = "run_samples"

    run_id: Mapped[str] = mapped_column(ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True)
    slot: Mapped[int] = mapped_column(primary_key=True)
    attempt: Mapped[int]
    at: Mapped[datetime]
    cpus: Mapped[float | None]
    memory_bytes: Mapped[int | None] = mapped_column(BigInteger)
    disk_bytes: Mapped[int | None] = mapped_column(BigInteger)
    gpus: Mapped[float | None]


class RunEvent(Base):
    """Something that happened to a run, in the order in which it became known.

    Attributes:
        kind: `log` (data: source, text), `stage` (data: key, state, detail), `status` (data: phase, wish),
            `queue` (data: position, estimate_seconds) or `warning` (data: pauses_at, pauses_for).
    """

    __tablename__ = "run_events"
    __table_args__ = (Index("ix_run_events_run_id_id", "run_id", "id"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    run_id: Mapped[str] = mapped_column(ForeignKey("runs.id", ondelete="CASCADE"))
    attempt: Mapped[int]
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(10))
    data: Mapped[dict[str, Any]]


class RunLife(Base):
    """What is known of a running session's activity, and when it pauses by itself; of one attempt of a run.

    Attributes:
        active_at: when it was last active, as JupyterHub says, and `learned_at` when it said so.
        keep_until: until when the person wants it alive, active or not.
        pause_from: from when on its person's timetable has it pause, once nobody uses it; None: it does not.
        pauses_at: when it pauses, as people were told; None: not within the time of a warning.
        cause: why it pauses then: `idle`, `life` or `time`.
    """

    __tablename__ = "run_lives"

    run_id: Mapped[str] = mapped_column(ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True)
    attempt: Mapped[int] = mapped_column(primary_key=True)
    active_at: Mapped[datetime]
    learned_at: Mapped[datetime]
    keep_until: Mapped[datetime | None]
    pause_from: Mapped[datetime | None]
    pauses_at: Mapped[datetime | None]
    cause: Mapped[str | None] = mapped_column(String(10))


class KeptWork(Base):
    """What was in /work when its person stopped a session, kept as a snapshot of the volume.

    Attributes:
        run_id: the run that was stopped.
        state: `wanted`, `ready`, or `failed`: then /work is still there, and `sentence` says why.
        size_gib: the least size of a volume that is made from it.
        asked_at: when it was stopped.
        expires_at: until when it is kept.
    """

    __tablename__ = "kept_works"
    __table_args__ = (Index("ix_kept_works_session_id_person", "session_id", "person"),)

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    person: Mapped[str] = mapped_column(PERSON, index=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"))
    session_id: Mapped[str] = mapped_column(ForeignKey("sessions.id", ondelete="CASCADE"))
    run_id: Mapped[str] = mapped_column(ForeignKey("runs.id", ondelete="CASCADE"), unique=True)
    state: Mapped[str] = mapped_column(String(7))
    sentence: Mapped[str] = mapped_column(String(1000))
    size_gib: Mapped[float | None]
    asked_at: Mapped[datetime]
    expires_at: Mapped[datetime]
