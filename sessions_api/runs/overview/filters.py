"""Which runs an administrator asks for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Filters:
    """Which live runs are wanted; None is all.

    Attributes:
        project, environment, resource_class, pool: slugs.
        phase: `queued`, `launching` or `running`.
    """

    person: str | None = None
    project: str | None = None
    environment: str | None = None
    resource_class: str | None = None
    pool: str | None = None
    node: str | None = None
    phase: str | None = None


@dataclass(frozen=True, slots=True)
class Failures:
    """Which failures are wanted: those since a time; None is all.

    Attributes:
        code: of the reason.
        project: its slug.
    """

    since: datetime
    code: str | None = None
    person: str | None = None
    project: str | None = None
