"""Pages of environments."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import Response

from sessions_api.environments import present, service
from sessions_api.environments.views import Use
from sessions_api.kit import clock
from sessions_api.kit.paging import Paged
from sessions_api.kit.transactions import Reading
from sessions_api.people.dependencies import PageViewer
from sessions_api.projects import service as projects
from sessions_api.projects.present import pager
from sessions_api.runs.shell import SHELL
from sessions_api.sessions import service as sessions
from sessions_api.web import words
from sessions_api.web.render import page

router = APIRouter(prefix="/environments", include_in_schema=False, dependencies=SHELL)

USES = 50
"""Sessions shown below Used in."""

Search = Annotated[str, Query(max_length=100)]


@router.get("")
async def listing(request: Request, db: Reading, paging: Paged, q: Search = "") -> Response:
    """All environments, the default ones first."""
    found = await service.listing(db, paging, q)
    listed = paging.cut(found, service.sort_key, lambda row: row)
    latest = await service.latest_of(db, [each.id for each in listed.items])
    shown = tuple(present.offer(each, latest[each.id]) for each in listed.items)
    whole = listed.next is None and paging.after is None
    return page(
        request,
        "environments/list.html",
        query=q,
        title=words.count(len(shown), "environment") if whole else "Environments",
        offers=shown,
        pager=pager(len(shown), "environment", "/environments", listed.next, first=paging.after is None, q=q),
    )


@router.get("/{environment}")
async def show(
    request: Request,
    db: Reading,
    viewer: PageViewer,
    environment: Annotated[str, Path(max_length=80)],
    package: Search = "",
) -> Response:
    """What an environment is, what is installed in it, and where it is used."""
    found = await service.get(db, environment)
    versions = await service.versions(db, found.id)
    numbers = {version.id: version.number for version in versions}
    used = await sessions.uses(db, viewer, found.id, USES)
    owners = await projects.by_ids(db, [each.project_id for each in used])
    uses = [
        Use(
            each.name,
            f"/projects/{owners[each.project_id].slug}#session-{each.slug}",
            owners[each.project_id].name,
            numbers[each.version_id],
        )
        for each in used
    ]
    view = present.environment_page(found, versions, uses, package, clock.now())
    return page(request, "environments/show.html", view=view)
