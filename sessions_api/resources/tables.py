"""Resource classes, and the pools that limit what is taken of them."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from sessions_api.kit.db import Base
from sessions_api.projects.tables import ID

FILE, ADMIN = "file", "admin"
"""Whose a class or pool is: what the installation's file says, nobody else changes."""


class ResourcePool(Base):
    """Classes that share a quota; its row is held while somebody is given a place in it.

    Attributes:
        position: its place among the pools, as the administrator lists them.
        quota, per_person, per_project: the most that may be taken at once by everybody, by a person, within a
            project: `cpus`, `memory_gib`, `gpus`, `sessions`; what is missing is not limited.
        groups: whose members may start sessions of its classes; empty: everybody.
        withdrawn_at: no longer there; it limits nothing.
        origin: whose it is: `file` of the installation, or `admin`.
    """

    __tablename__ = "resource_pools"

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    name: Mapped[str] = mapped_column(String(100))
    description: Mapped[str] = mapped_column(String(2000))
    position: Mapped[int]
    quota: Mapped[dict[str, Any]]
    per_person: Mapped[dict[str, Any]]
    per_project: Mapped[dict[str, Any]]
    groups: Mapped[list[Any]]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    origin: Mapped[str] = mapped_column(String(10))
    revision: Mapped[int]


class ResourceClass(Base):
    """An offer of CPU, memory, GPUs and disk on some nodes.

    Attributes:
        position: its place among the classes, as the administrator lists them.
        cpus, memory_gib, disk_gib, gpus, gpu_resource, node_selector, tolerations, affinity, priority_class:
            see `spawner.spec.ResourcesSpec`.
        is_default: whether new sessions are of this class.
        default_in_file: whether the file makes it the default, which it is unless an administrator's is.
        pool_id: the pool that its sessions are taken from; None: nothing limits them.
        withdrawn_at: no longer offered; sessions that have it keep it.
        origin: whose it is: `file` of the installation, or `admin`.
    """

    __tablename__ = "resource_classes"

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    name: Mapped[str] = mapped_column(String(100))
    description: Mapped[str] = mapped_column(String(2000))
    position: Mapped[int]
    cpus: Mapped[float]
    memory_gib: Mapped[float]
    disk_gib: Mapped[float | None]
    gpus: Mapped[int]
    gpu_resource: Mapped[str | None] = mapped_column(String(200))
    node_selector: Mapped[dict[str, Any]]
    tolerations: Mapped[list[Any]]
    affinity: Mapped[dict[str, Any] | None]
    priority_class: Mapped[str | None] = mapped_column(String(253))
    is_default: Mapped[bool]
    default_in_file: Mapped[bool]
    pool_id: Mapped[str | None] = mapped_column(ForeignKey("resource_pools.id"))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    origin: Mapped[str] = mapped_column(String(10))
    revision: Mapped[int]
