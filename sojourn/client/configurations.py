"""What a session is made like, as programs say it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypedDict


class RepositoryChoice(TypedDict):
    """A repository that a session is to get, by folder; `ref` None is the project's."""

    repository: str
    ref: str | None


class StorageChoice(TypedDict):
    """A storage that a session is to get, by folder."""

    storage: str
    read_only: bool


class Minimum(TypedDict, total=False):
    """What a session needs at least; memory in GiB."""

    cpus: float
    memory_gib: float
    gpus: int


class Configuration(TypedDict, total=False):
    """A session's configuration.

    `minimum`, in the place of a class, chooses the smallest class that has as much. None is "the
    environment's own" for `front_end`, "of none" for `resource_class`, "no limit" for `cpus` and `memory_gib`
    (in GiB), the class's or the installation's for `disk_gib`, "all" for `repositories` and `storages`, the
    installation's for `idle_minutes` and `life_hours`, of which 0 is never.
    """

    name: str
    version: int
    description: str
    default: bool
    front_end: str | None
    resource_class: str | None
    minimum: Minimum
    cpus: float | None
    memory_gib: float | None
    disk_gib: float | None
    repositories: Sequence[RepositoryChoice] | None
    storages: Sequence[str | StorageChoice] | None
    variables: Mapping[str, str]
    idle_minutes: float | None
    life_hours: float | None
