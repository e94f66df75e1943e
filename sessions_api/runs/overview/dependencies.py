"""Which of everybody's runs a request asks for."""

from typing import Annotated, Literal

from fastapi import Depends, Query

from sessions_api.audit.dependencies import NO_NUL
from sessions_api.runs.overview import service
from sessions_api.runs.overview.filters import Failures, Filters

MOST_DAYS = 90

Who = Annotated[str | None, Query(max_length=255, pattern=NO_NUL, description="Only this person's.")]
Slug = Annotated[str | None, Query(max_length=80, pattern=NO_NUL, description="Only of this one.")]
Days = Annotated[int, Query(ge=1, le=MOST_DAYS, description="Only of the last days, this many.")]


def filters(
    *,
    person: Who = None,
    project: Slug = None,
    environment: Slug = None,
    resource_class: Slug = None,
    pool: Slug = None,
    node: Annotated[str | None, Query(max_length=253, pattern=NO_NUL, description="Only on this.")] = None,
    phase: Annotated[Literal["queued", "launching", "running"] | None, Query()] = None,
) -> Filters:
    """Which live runs are wanted."""
    return Filters(person, project, environment, resource_class, pool, node, phase)


def failures(
    days: Days = 7,
    code: Annotated[str | None, Query(max_length=60, pattern=NO_NUL, description="Of this reason.")] = None,
    person: Who = None,
    project: Slug = None,
) -> Failures:
    """Which failures are wanted."""
    return Failures(service.since(days), code, person, project)


Wanted = Annotated[Filters, Depends(filters)]
WantedFailures = Annotated[Failures, Depends(failures)]
