"""Pools as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

from sessions_api.kit.schemas import Description, Name, Schema
from sessions_api.resources.amounts import Amounts
from sessions_api.resources.tables import ResourceClass
from sessions_api.runs.places.free import Use


class LimitRead(Schema):
    """How much may be taken at once; null is not limited."""

    cpus: float | None = None
    memory_gib: float | None = None
    gpus: int | None = None
    sessions: int | None = None


class AmountsRead(Schema):
    """How much is taken; memory in GiB."""

    cpus: float
    memory_gib: float
    gpus: int
    sessions: int

    @classmethod
    def made(cls, amounts: Amounts) -> Self:
        """The amounts, sums of fractions rounded to a millionth."""
        return cls(
            cpus=round(amounts.cpus, 6),
            memory_gib=round(amounts.memory_gib, 6),
            gpus=amounts.gpus,
            sessions=amounts.sessions,
        )


class ResourcePoolRead(Schema):
    """Classes that share a quota, and how it is used now.

    Attributes:
        classes: slugs of its classes.
        quota: what everybody together may take; a start beyond it waits.
        per_person, per_project: what one of them may take; a start beyond it is refused.
        taken: by everybody who has a place.
        own: by you, what waits too.
        waiting: how many starts wait for a place.
    """

    slug: str
    name: Name
    description: Description
    classes: list[str]
    quota: LimitRead
    per_person: LimitRead
    per_project: LimitRead
    taken: AmountsRead
    own: AmountsRead
    waiting: int

    @classmethod
    def made(cls, use: Use, classes: Sequence[ResourceClass]) -> Self:
        """The pool as it is used, out of all classes that are offered."""
        pool = use.pool
        return cls(
            slug=pool.slug,
            name=pool.name,
            description=pool.description,
            classes=[one.slug for one in classes if one.pool_id == pool.id],
            quota=LimitRead(**pool.quota),
            per_person=LimitRead(**pool.per_person),
            per_project=LimitRead(**pool.per_project),
            taken=AmountsRead.made(use.taken),
            own=AmountsRead.made(use.own),
            waiting=use.waiting,
        )
