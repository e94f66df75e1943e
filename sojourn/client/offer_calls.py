"""Resource classes and pools, which platform administrators make and change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, TypedDict, Unpack

from sojourn.client.call import Call, Pages, given, match, path_of
from sojourn.client.models import Amounts, Answer, Limit, ResourceClass, ResourcePool


class OfferedClass(Answer):
    """A resource class as administrators see it.

    Attributes:
        pool: the slug of its pool; None: it is in none.
        origin: `file`: what the installation's file says, which is changed there; `admin`: made here.
        withdrawn_at: None: it is offered.
        taken: by live runs.
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
    node_selector: Mapping[str, str]
    tolerations: tuple[Mapping[str, str], ...]
    affinity: Mapping[str, Any] | None
    priority_class: str | None
    default: bool
    pool: str | None
    origin: str
    withdrawn_at: datetime | None
    taken: Amounts


class OfferedPool(Answer):
    """A pool as administrators see it.

    Attributes:
        groups: whose members may start sessions of its classes; none: everybody.
        origin, withdrawn_at: as of a class.
        taken: by everybody who has a place; may be more than a quota that was made smaller.
        waiting: how many starts wait for a place.
    """

    id: str
    slug: str
    name: str
    description: str
    classes: tuple[str, ...]
    quota: Limit
    per_person: Limit
    per_project: Limit
    groups: tuple[str, ...]
    origin: str
    withdrawn_at: datetime | None
    taken: Amounts
    waiting: int


class ClassDetails(TypedDict, total=False):
    """What a class says besides its name; `disk_gib` None is the installation's own."""

    description: str
    cpus: float
    memory_gib: float
    disk_gib: float | None
    gpus: int
    gpu_resource: str | None
    node_selector: Mapping[str, str]
    tolerations: Sequence[Mapping[str, str]]
    affinity: Mapping[str, Any] | None
    priority_class: str | None
    default: bool


class ClassChanges(ClassDetails, total=False):
    """What may be changed of a class; `position` counts from 1."""

    name: str
    position: int


class PoolDetails(TypedDict, total=False):
    """What a pool says besides its name.

    Limits are of `cpus`, `memory_gib`, `gpus` and `sessions`; `audience` is `{"groups": […]}`.
    """

    description: str
    classes: Sequence[str]
    quota: Mapping[str, float]
    per_person: Mapping[str, float]
    per_project: Mapping[str, float]
    audience: Mapping[str, Sequence[str]]


class PoolChanges(PoolDetails, total=False):
    """What may be changed of a pool; `position` counts from 1."""

    name: str
    position: int


class ResourceClassCalls:
    """Resource classes; all but `list` is for platform administrators."""

    def list(self) -> Pages[ResourceClass]:
        """The classes that sessions can be of, in the administrator's order."""
        return Pages("/resource-classes", ResourceClass)

    def every(self, *, withdrawn: bool = False) -> Pages[OfferedClass]:
        """All classes with what is taken of them, or all that were withdrawn."""
        return Pages("/admin/resource-classes", OfferedClass, given(withdrawn="true" if withdrawn else None))

    def get(self, slug: str) -> Call[OfferedClass]:
        """One class, offered or withdrawn."""
        return Call("GET", path_of("admin", "resource-classes", slug), OfferedClass.read)

    def create(
        self, name: str, /, *, slug: str | None = None, **fields: Unpack[ClassDetails]
    ) -> Call[OfferedClass]:
        """A new class; its slug derives from its name unless it is given."""
        body = {"name": name, **given(slug=slug), **fields}
        return Call("POST", "/admin/resource-classes", OfferedClass.read, body)

    def change(
        self, slug: str, /, *, if_match: str | None = None, **changes: Unpack[ClassChanges]
    ) -> Call[OfferedClass]:
        """Changes what is given, for starts from now on."""
        path = path_of("admin", "resource-classes", slug)
        return Call("PATCH", path, OfferedClass.read, {**changes}, headers=match(if_match))

    def withdraw(self, slug: str) -> Call[OfferedClass]:
        """Offers a class no longer; sessions that have it keep it."""
        return Call("POST", path_of("admin", "resource-classes", slug, "withdraw"), OfferedClass.read)

    def offer(self, slug: str) -> Call[OfferedClass]:
        """Offers a withdrawn class again."""
        return Call("POST", path_of("admin", "resource-classes", slug, "offer"), OfferedClass.read)


class ResourcePoolCalls:
    """Pools of resource classes; all but `list` is for platform administrators."""

    def list(self) -> Pages[ResourcePool]:
        """The pools that are for you and how they are used now, in the administrator's order."""
        return Pages("/resource-pools", ResourcePool)

    def every(self, *, withdrawn: bool = False) -> Pages[OfferedPool]:
        """All pools with what is taken of them, or all that were withdrawn."""
        return Pages("/admin/resource-pools", OfferedPool, given(withdrawn="true" if withdrawn else None))

    def get(self, slug: str) -> Call[OfferedPool]:
        """One pool, there or withdrawn."""
        return Call("GET", path_of("admin", "resource-pools", slug), OfferedPool.read)

    def create(
        self, name: str, /, *, slug: str | None = None, **fields: Unpack[PoolDetails]
    ) -> Call[OfferedPool]:
        """A new pool of classes that were made here."""
        body = {"name": name, **given(slug=slug), **fields}
        return Call("POST", "/admin/resource-pools", OfferedPool.read, body)

    def change(
        self, slug: str, /, *, if_match: str | None = None, **changes: Unpack[PoolChanges]
    ) -> Call[OfferedPool]:
        """Changes what is given; smaller limits end nothing that runs."""
        path = path_of("admin", "resource-pools", slug)
        return Call("PATCH", path, OfferedPool.read, {**changes}, headers=match(if_match))

    def withdraw(self, slug: str) -> Call[OfferedPool]:
        """Takes a pool away; its classes are limited by nothing then, and who waits is let in."""
        return Call("POST", path_of("admin", "resource-pools", slug, "withdraw"), OfferedPool.read)

    def offer(self, slug: str) -> Call[OfferedPool]:
        """Brings a withdrawn pool back."""
        return Call("POST", path_of("admin", "resource-pools", slug, "offer"), OfferedPool.read)
