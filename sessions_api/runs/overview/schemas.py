"""Everybody's runs as JSON, without what only their person may see: no address, no log."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from sessions_api.kit.schemas import Schema
from sessions_api.runs.overview.service import Named
from sessions_api.runs.overview.store import Failed, Taken
from sessions_api.runs.places.schemas import AmountsRead
from sessions_api.runs.schemas import QueueRead, queue_of
from sessions_api.runs.states import Phase, WishWord


class Thing(Schema):
    """What a run belongs to: what addresses and people call it."""

    slug: str
    name: str


class OverviewRun(Schema):
    """Anybody's run.

    Attributes:
        wish: what is wished of it; unlike `run` it is under way.
        version: the number of its environment's version.
        resource_class: the slug of its class; null: it is of none, or not launched yet.
        pool: the slug of the pool that it is taken from; null: nothing limits it.
        cpus, memory_gib, gpus: what it may take; null: no limit.
        node: the cluster's node that it was seen on.
        queue: where it waits; else null.
        shared_with: who else is let into the session.
        failed_at, failed_code: when it failed, and the code of the reason.
    """

    id: str
    person: str
    project: Thing
    session: Thing
    environment: Thing
    version: int
    attempt: int
    phase: Phase
    wish: WishWord
    resource_class: str | None
    pool: str | None
    cpus: float | None
    memory_gib: float | None
    gpus: int | None
    node: str | None
    queue: QueueRead | None
    shared_with: list[str]
    created_at: datetime
    launched_at: datetime
    ready_at: datetime | None
    failed_at: datetime | None
    failed_code: str | None

    @classmethod
    def made(cls, found: Named) -> Self:
        """The run as administrators are told of it."""
        run = found.run
        return cls.model_validate(
            {
                "id": run.id,
                "person": run.person,
                "project": Thing(slug=found.project.slug, name=found.project.name),
                "session": Thing(slug=found.session.slug, name=found.session.name),
                "environment": Thing(slug=found.environment.slug, name=found.environment.name),
                "version": found.version.number,
                "attempt": run.attempt,
                "phase": run.phase,
                "wish": run.wish,
                "resource_class": found.resource_class.slug if found.resource_class else None,
                "pool": found.pool.slug if found.pool else None,
                "cpus": run.cpus,
                "memory_gib": run.memory_gib,
                "gpus": run.gpus,
                "node": run.node,
                "queue": queue_of(run),
                "shared_with": found.shared_with,
                "created_at": run.created_at,
                "launched_at": run.launched_at,
                "ready_at": run.ready_at,
                "failed_at": run.failed_at,
                "failed_code": run.failed_code,
            }
        )


class FailureCount(Schema):
    """How often runs failed of one reason.

    Attributes:
        people: how many it met.
        last_at: when it last did.
    """

    code: str
    count: int
    people: int
    last_at: datetime

    @classmethod
    def made(cls, failed: Failed) -> Self:
        """The reason as it is counted."""
        return cls(code=failed.code, count=failed.count, people=failed.people, last_at=failed.last)


class NodeUse(Schema):
    """What live runs take on a node of the cluster."""

    node: str
    taken: AmountsRead

    @classmethod
    def made(cls, taken: Taken) -> Self:
        """The node as it is used."""
        return cls(node=taken.of, taken=AmountsRead.made(taken.amounts))
