"""Resource classes and pools as JSON, for who administers them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import Field

from sessions_api.kit.schemas import Description, Name, Schema
from sessions_api.resources.amounts import Amounts
from sessions_api.resources.editing import Offers
from sessions_api.resources.offers import (
    MOST,
    Affinity,
    ClassFields,
    Cpus,
    DiskGib,
    GpuResource,
    Gpus,
    MemoryGib,
    NodeSelector,
    PriorityClass,
    Slug,
    Tolerations,
)
from sessions_api.resources.rows import LIMITS, class_fields
from sessions_api.resources.rules import Audience, Classes, Limit, PoolFields
from sessions_api.resources.tables import ResourceClass, ResourcePool
from sessions_api.runs.places.free import Use
from sessions_api.runs.places.schemas import AmountsRead, LimitRead

Position = Annotated[int, Field(ge=1, le=MOST)]
Origin = Literal["file", "admin"]


class OfferedClassCreate(ClassFields):
    """A new class; without a slug, that derives from its name."""

    slug: Slug | None = None

    def fields(self) -> ClassFields:
        """What it says."""
        return ClassFields.model_validate(self.model_dump(exclude={"slug"}))


class OfferedClassChange(Schema):
    """What may be changed of a class; what is left out stays.

    Attributes:
        position: its place among the classes that were made here, from 1.
    """

    name: Name | None = None
    description: Description | None = None
    cpus: Cpus | None = None
    memory_gib: MemoryGib | None = None
    disk_gib: DiskGib | None = None
    gpus: Gpus | None = None
    gpu_resource: GpuResource | None = None
    node_selector: NodeSelector | None = None
    tolerations: Tolerations | None = None
    affinity: Affinity | None = None
    priority_class: PriorityClass | None = None
    default: bool | None = None
    position: Position | None = None


class OfferedPoolCreate(PoolFields):
    """A new pool; without a slug, that derives from its name."""

    slug: Slug | None = None

    def fields(self) -> PoolFields:
        """What it says."""
        return PoolFields.model_validate(self.model_dump(exclude={"slug"}))


class OfferedPoolChange(Schema):
    """What may be changed of a pool; what is left out stays.

    Attributes:
        classes: all that are in it.
        position: its place among the pools that were made here, from 1.
    """

    name: Name | None = None
    description: Description | None = None
    classes: Classes | None = None
    quota: Limit | None = None
    per_person: Limit | None = None
    per_project: Limit | None = None
    audience: Audience | None = None
    position: Position | None = None


class OfferedClassRead(Schema):
    """A class, and what live runs take of it.

    Attributes:
        pool: the slug of its pool; null: it is in none.
        origin: `file`: what the installation's file says, which is changed there; `admin`: made here.
        withdrawn_at: null: it is offered.
        taken: by live runs; what waits takes nothing.
    """

    id: str
    slug: str
    name: str
    description: str
    cpus: float
    memory_gib: float
    disk_gib: float | None
    gpus: int
    gpu_resource: str | None
    node_selector: dict[str, str]
    tolerations: list[dict[str, str]]
    affinity: dict[str, Any] | None
    priority_class: str | None
    default: bool
    pool: str | None
    origin: Origin
    withdrawn_at: datetime | None
    taken: AmountsRead

    @classmethod
    def made(cls, one: ResourceClass, offers: Offers, taken: Amounts) -> Self:
        """The class as it is used."""
        pool = next((pool.slug for pool in offers.pools if pool.id == one.pool_id), None)
        return cls.model_validate(
            {
                **class_fields(one),
                "id": one.id,
                "slug": one.slug,
                "pool": pool,
                "origin": one.origin,
                "withdrawn_at": one.withdrawn_at,
                "taken": AmountsRead.made(taken),
            }
        )


class OfferedPoolRead(Schema):
    """A pool, and how it is used now.

    Attributes:
        classes: slugs of its classes, of withdrawn ones too.
        quota: what everybody together may take; a start beyond it waits.
        per_person, per_project: what one of them may take; a start beyond it is refused.
        groups: whose members may start sessions of its classes; none: everybody.
        origin: `file`: what the installation's file says, which is changed there; `admin`: made here.
        withdrawn_at: null: it is there; otherwise it limits nothing.
        taken: by everybody who has a place; may be more than a quota that was made smaller.
        waiting: how many starts wait for a place.
    """

    id: str
    slug: str
    name: str
    description: str
    classes: list[str]
    quota: LimitRead
    per_person: LimitRead
    per_project: LimitRead
    groups: list[str]
    origin: Origin
    withdrawn_at: datetime | None
    taken: AmountsRead
    waiting: int

    @classmethod
    def made(cls, use: Use, offers: Offers) -> Self:
        """The pool as it is used."""
        pool: ResourcePool = use.pool
        return cls.model_validate(
            {
                **{name: LimitRead(**getattr(pool, name)) for name in LIMITS},
                "id": pool.id,
                "slug": pool.slug,
                "name": pool.name,
                "description": pool.description,
                "classes": [one.slug for one in offers.classes_in(pool)],
                "groups": pool.groups,
                "origin": pool.origin,
                "withdrawn_at": pool.withdrawn_at,
                "taken": AmountsRead.made(use.taken),
                "waiting": use.waiting,
            }
        )
