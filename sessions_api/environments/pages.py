"""Pages of environments: the list, an environment, its versions and what differs between them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import Response
from sqlalchemy.ext.asyncio import AsyncSession

from sessions_api.environments import (
    differences,
    pages_checking,
    pages_editing,
    pages_files,
    present,
    present_page,
    present_versions,
    service,
)
from sessions_api.environments.dependencies import KindsHere
from sessions_api.environments.differences import PackageChange
from sessions_api.environments.packages import Ecosystem
from sessions_api.environments.present import Wanted
from sessions_api.environments.proofs import service as proofs
from sessions_api.environments.tables import Environment, EnvironmentVersion
from sessions_api.environments.views import Packages, VersionPage
from sessions_api.environments.watching import service as watching
from sessions_api.kit import clock
from sessions_api.kit.paging import Paged, Paging, encode
from sessions_api.kit.transactions import Reading, Writing
from sessions_api.people.dependencies import PageViewer
from sessions_api.projects import service as projects
from sessions_api.runs.shell import SHELL
from sessions_api.sessions import service as sessions
from sessions_api.web import forms
from sessions_api.web.parts import Crumb
from sessions_api.web.render import page, see_other

router = APIRouter(prefix="/environments", include_in_schema=False, dependencies=SHELL)
router.include_router(pages_checking.router)
router.include_router(pages_files.router)
router.include_router(pages_editing.router)

USES = 50
"""Sessions shown below Used in."""
PROJECTS = 50
"""Projects that are looked through for those that the viewer may add to."""
PACKAGES = 50
VERSIONS = 20

Search = Annotated[str, Query(max_length=100)]
Keyword = Annotated[str, Query(max_length=40)]
SlugOrId = Annotated[str, Path(max_length=80)]
Number = Annotated[int, Path(ge=1, le=1_000_000)]
Chosen = Annotated[int, Query(ge=1, le=1_000_000)]
Kind = Annotated[Ecosystem | None, Query()]
Before = tuple[EnvironmentVersion, tuple[PackageChange, ...]]


@router.get("")
async def listing(
    request: Request,
    db: Reading,
    viewer: PageViewer,
    paging: Paged,
    *,
    q: Search = "",
    keyword: Keyword = "",
    default: bool = False,
    favourite: bool = False,
    mine: bool = False,
    archived: bool = False,
) -> Response:
    """The environments that the viewer sees, the default ones first; of a search, the best finds."""
    wanted = Wanted(q.strip(), keyword, default, favourite, mine, archived)
    found = await service.listing(db, viewer, paging, wanted.q, wanted.filters())
    listed = paging.cut(found, lambda row: row.key, lambda row: row.environment)
    view = present.catalogue(
        listed.items,
        listed.next,
        await service.around(db, viewer, listed.items),
        wanted=wanted,
        viewer=viewer,
        cursor=None if paging.after is None else encode(paging.after),
        now=clock.now(),
    )
    return page(request, "environments/list.html", view=view)


@router.get("/{environment}")
async def show(
    request: Request,
    db: Reading,
    viewer: PageViewer,
    kinds: KindsHere,
    *,
    environment: SlugOrId,
    paging: Paged,
    package: Search = "",
    kind: Kind = None,
    before: Annotated[int | None, Query(ge=1, le=1_000_000)] = None,
) -> Response:
    """What an environment is, what is installed in it, its versions, and where it is used."""
    found = await service.get(db, viewer, environment)
    around = await service.around(db, viewer, [found])
    newest = around.latest[found.id]
    packages, older = await _packages(
        db, found, newest, paging, path=present.path_of(found), query=package, kind=kind
    )
    after = None if before is None else str(before)
    versions = (await service.versions_page(db, found, Paging(limit=VERSIONS, after=after)))[:VERSIONS]
    used = await sessions.uses(db, viewer, found.id, USES)
    owners = await projects.by_ids(db, [each.project_id for each in used])
    pinned = await service.versions_by_ids(db, {each.version_id for each in used})
    addable = found.archived_at is None and service.runs_here(newest, kinds=kinds)
    accesses = await projects.listing(db, viewer, Paging(limit=PROJECTS)) if addable else []
    now = clock.now()
    view = present_page.environment_page(
        found,
        around,
        viewer,
        version=present_versions.shown(
            newest,
            now,
            newest=True,
            upstream=around.upstreams.get(newest.id),
            proof=(await proofs.of_versions(db, [newest.id])).get(newest.id),
            trial=f"{present.path_of(found)}/versions/{newest.number}/trial" if addable else "",
        ),
        packages=packages,
        versions=present_versions.version_rows(
            found, versions or [newest], newest=newest, before=older, now=now
        ),
        uses=present_page.uses(used, owners, pinned),
        add=present_page.add_menu(found, accesses) if addable else (),
        now=now,
    )
    return page(request, "environments/show.html", view=view)


async def _packages(
    db: AsyncSession,
    environment: Environment,
    version: EnvironmentVersion,
    paging: Paging,
    *,
    path: str,
    query: str,
    kind: Ecosystem | None,
) -> tuple[Packages, Before | None]:
    """A page of what is installed in a version; and the version before, with what differs from it."""
    earlier = await service.versions_page(db, environment, Paging(limit=1, after=str(version.number)))
    known = await service.installed_in(db, {version.id, *(each.id for each in earlier[:1])})
    before: Before | None = None
    if earlier:
        before = (earlier[0], differences.of_packages(known[earlier[0].id], known[version.id]))
    shown = Paging(limit=PACKAGES, after=paging.after)
    rows = await service.packages_page(db, version, shown, query, kind)
    listed = shown.cut(rows, lambda row: row[1], lambda row: row[0])
    packages = present_versions.packages(
        version,
        listed.items,
        path=path,
        total=known[version.id],
        before=before,
        query=query,
        kind=kind or "",
        first=paging.after is None,
        following=listed.next,
    )
    return packages, before


@router.post("/{environment}/favourite")
async def favourite(request: Request, db: Writing, viewer: PageViewer, environment: SlugOrId) -> Response:
    """Makes it a favourite of the viewer's, or none; then leads back to the page that it was pressed on."""
    form = await forms.read(request)
    found = await service.get(db, viewer, environment)
    await service.set_favourite(db, viewer, found, favourite=form.value("favourite") == "on")
    back = form.value("back")
    return see_other(back if back.startswith(present.PATH) else present.path_of(found))


@router.get("/{environment}/compare")
async def compare(
    db: Reading, viewer: PageViewer, environment: SlugOrId, before: Chosen, after: Chosen
) -> Response:
    """Leads from a choice of two versions to what differs between them."""
    found = await service.get(db, viewer, environment)
    return see_other(f"{present.path_of(found)}/versions/{before}...{after}")


@router.get("/{environment}/versions/{before}...{after}")
async def difference(
    request: Request,
    db: Reading,
    viewer: PageViewer,
    *,
    environment: SlugOrId,
    before: Number,
    after: Number,
) -> Response:
    """Everything that differs between two versions."""
    found = await service.get(db, viewer, environment)
    differing = await service.difference(
        db, await service.numbered(db, found, before), await service.numbered(db, found, after)
    )
    newest = await service.latest(db, found.id)
    view = present_versions.difference_page(found, differing, newest.number)
    return page(request, "environments/difference.html", view=view)


@router.get("/{environment}/versions/{number}")
async def version(
    request: Request,
    db: Reading,
    viewer: PageViewer,
    kinds: KindsHere,
    *,
    environment: SlugOrId,
    number: Number,
    paging: Paged,
    package: Search = "",
    kind: Kind = None,
) -> Response:
    """One version: what it is, how it runs, what is installed in it."""
    found = await service.get(db, viewer, environment)
    chosen = await service.numbered(db, found, number)
    newest = await service.latest(db, found.id)
    path = f"{present.path_of(found)}/versions/{number}"
    packages, before = await _packages(db, found, chosen, paging, path=path, query=package, kind=kind)
    upstreams = await watching.upstreams(db, [chosen])
    proved = await proofs.of_versions(db, [chosen.id])
    startable = found.archived_at is None and service.runs_here(chosen, kinds=kinds)
    view = VersionPage(
        title=f"{found.name}, version {number}",
        crumbs=present.crumbs(Crumb(found.name, present.path_of(found)), Crumb(f"Version {number}")),
        version=present_versions.shown(
            chosen,
            clock.now(),
            newest=chosen.id == newest.id,
            upstream=upstreams.get(chosen.id),
            proof=proved.get(chosen.id),
            trial=f"{path}/trial" if startable else "",
        ),
        packages=packages,
        difference=present_versions.difference_of(found, chosen) if before else "",
    )
    return page(request, "environments/version.html", view=view)
