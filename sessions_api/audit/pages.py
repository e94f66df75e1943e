"""Pages of the audit log: of a project for its owners, of everything for platform admins."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from datetime import date as day
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response
from pydantic import BeforeValidator, Field
from sqlalchemy.ext.asyncio import AsyncSession

from sessions_api.audit import present, service
from sessions_api.audit.dependencies import KINDS, YEARS, Person, ProjectSlug
from sessions_api.audit.filters import Filters
from sessions_api.audit.views import Activity
from sessions_api.kit import clock
from sessions_api.kit.paging import Paged, Paging
from sessions_api.kit.transactions import Reading
from sessions_api.people.dependencies import PageViewer
from sessions_api.projects import present as project_present
from sessions_api.projects import service as projects
from sessions_api.projects.dependencies import PageProject
from sessions_api.rights.policy import GOVERN, require_administrator
from sessions_api.runs.present import project_path
from sessions_api.runs.shell import SHELL
from sessions_api.web.render import page

router = APIRouter(include_in_schema=False, dependencies=SHELL)

Day = Annotated[
    Annotated[day, Field(ge=day(YEARS[0], 1, 1), lt=day(YEARS[1], 1, 1))] | None,
    BeforeValidator(lambda text: text or None),
    Query(),
]
"""Of UTC, as the log's times are kept; a form sends nothing as an empty text."""


class Asked:
    """What the form above the list says, and which entries that means."""

    def __init__(
        self,
        person: Person = "",
        what: Annotated[str, Query(max_length=40)] = "",
        since: Day = None,
        until: Day = None,
    ) -> None:
        self.query = {
            "person": person,
            "what": what,
            "since": since.isoformat() if since else "",
            "until": until.isoformat() if until else "",
        }
        self.filters = Filters(
            person=person or None,
            verb=what if what in KINDS else None,
            since=_begin(since) if since else None,
            until=_begin(until) + timedelta(days=1) if until else None,
        )


Wanted = Annotated[Asked, Depends()]


def _begin(of: day) -> datetime:
    return datetime.combine(of, time(), UTC)


async def _activity(
    db: AsyncSession, filters: Filters, paging: Paging, *, path: str, api: str, asked: dict[str, str]
) -> Activity:
    found = await service.page(db, filters, paging)
    listed = paging.cut(found, lambda entry: str(entry.id), lambda entry: entry)
    first = paging.after is None
    return present.activity(
        listed.items, listed.next, clock.now(), filters, path=path, api=api, first=first, asked=asked
    )


@router.get("/projects/{slug}/activity")
async def of_project(
    request: Request, db: Reading, access: PageProject, paging: Paged, wanted: Wanted
) -> Response:
    """Who did what in a project, newest first."""
    access.require(GOVERN)
    filters = replace(wanted.filters, project_id=access.project.id)
    path = f"{project_path(access.project)}/activity"
    api = f"/api/v1/projects/{access.project.slug}/audit"
    view = await _activity(db, filters, paging, path=path, api=api, asked=wanted.query)
    people = await projects.count_members(db, [access.project.id])
    head = project_present.head(access, people=people.get(access.project.id, 0))
    return page(request, "audit/project.html", project=head, view=view)


@router.get("/activity")
async def of_platform(
    request: Request,
    db: Reading,
    viewer: PageViewer,
    paging: Paged,
    wanted: Wanted,
    *,
    project: ProjectSlug = "",
) -> Response:
    """Who did what on the platform and in all projects, newest first."""
    require_administrator(viewer)
    filters = replace(wanted.filters, project_slug=project or None)
    asked = {**wanted.query, "project": project}
    view = await _activity(db, filters, paging, path="/activity", api="/api/v1/audit", asked=asked)
    return page(request, "audit/platform.html", view=view)
