"""The catalogue of environments as JSON."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Response
from sqlalchemy.ext.asyncio import AsyncSession

from sessions_api.environments import editing, sbom, service
from sessions_api.environments.filters import Filters
from sessions_api.environments.making_schemas import (
    EnvironmentChange,
    EnvironmentCreate,
    EnvironmentDuplicate,
    VersionCreate,
)
from sessions_api.environments.packages import Ecosystem
from sessions_api.environments.proofs import service as proofs
from sessions_api.environments.schemas import (
    Details,
    DifferenceRead,
    EnvironmentDetail,
    EnvironmentRead,
    PackageRead,
    VersionDetail,
    VersionRead,
)
from sessions_api.environments.tables import Environment, EnvironmentVersion
from sessions_api.environments.watching import service as watching
from sessions_api.kit.errors import (
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    Stale,
    Unauthenticated,
    responses,
)
from sessions_api.kit.etags import IfMatch, etag
from sessions_api.kit.paging import Page, Paged
from sessions_api.kit.repeats import RepeatableRoute
from sessions_api.kit.transactions import Reading, Writing
from sessions_api.people.dependencies import CurrentViewer
from sessions_api.people.viewer import Viewer
from sessions_api.rights.policy import may_change
from sessions_api.sessions import service as sessions

router = APIRouter(
    route_class=RepeatableRoute,
    prefix="/environments",
    tags=["environments"],
    responses=responses(Unauthenticated, Invalid),
)

SlugOrId = Annotated[str, Path(max_length=80, description="The environment's slug or id.")]
Number = Annotated[int, Path(ge=1, le=1_000_000, description="The version's number.")]
Search = Annotated[
    str,
    Query(
        max_length=100,
        description="Words with which name, description, keywords, an installed package or the creator "
        "begin; all must be found, the best finds come first.",
    ),
]


def _filters(
    *,
    keyword: Annotated[str | None, Query(max_length=40, description="A keyword that it has.")] = None,
    favourite: Annotated[bool | None, Query(description="Whether it is a favourite of yours.")] = None,
    mine: Annotated[bool | None, Query(description="Whether you made it.")] = None,
    default: Annotated[bool | None, Query(description="Whether it is a default environment.")] = None,
    archived: Annotated[bool, Query(description="Archived ones, in the place of the others.")] = False,
) -> Filters:
    return Filters(keyword, favourite, mine, default, archived)


async def _answer(
    db: AsyncSession, viewer: Viewer, found: Environment, response: Response
) -> EnvironmentDetail:
    response.headers["ETag"] = etag(found.revision)
    shown, others = await service.shared_with(db, viewer, found)
    versions = await service.versions(db, found.id)
    return EnvironmentDetail.detailed(
        found,
        await service.around(db, viewer, [found]),
        Details(versions, shown, others, await watching.upstreams(db, versions)),
        editable=may_change(viewer, found),
    )


async def _created(
    db: AsyncSession, viewer: Viewer, made: Environment, response: Response
) -> EnvironmentDetail:
    response.headers["Location"] = f"/api/v1/environments/{made.slug}"
    return await _answer(db, viewer, made, response)


async def _detail(db: AsyncSession, version: EnvironmentVersion) -> VersionDetail:
    installed = await service.installed_in(db, [version.id])
    proved = await proofs.of_versions(db, [version.id])
    upstreams = await watching.upstreams(db, [version])
    return VersionDetail.made(version, installed[version.id], upstreams, proved.get(version.id))


@router.get("", operation_id="list_environments")
async def list_environments(
    db: Reading,
    viewer: CurrentViewer,
    paging: Paged,
    filters: Annotated[Filters, Depends(_filters)],
    search: Search = "",
) -> Page[EnvironmentRead]:
    """The environments that you see, default ones first; with a search the best finds first."""
    found = await service.listing(db, viewer, paging, search, filters)
    around = await service.around(db, viewer, [each.environment for each in found])
    return paging.cut(
        found,
        lambda each: each.key,
        lambda each: EnvironmentRead.made(
            each.environment, around, editable=may_change(viewer, each.environment)
        ),
    )


@router.post("", operation_id="create_environment", status_code=HTTPStatus.CREATED)
async def create_environment(
    db: Writing, viewer: CurrentViewer, body: EnvironmentCreate, response: Response
) -> EnvironmentDetail:
    """A new environment, yours, with its version 1."""
    return await _created(db, viewer, await editing.create(db, viewer, **body.given()), response)


@router.get("/{environment}", operation_id="get_environment", responses=responses(NotFound))
async def get_environment(
    db: Reading, viewer: CurrentViewer, environment: SlugOrId, response: Response
) -> EnvironmentDetail:
    """One environment with its versions; an archived one names its successor."""
    return await _answer(db, viewer, await service.get(db, viewer, environment), response)


@router.patch(
    "/{environment}",
    operation_id="change_environment",
    responses=responses(NotFound, Forbidden, Conflict, Stale),
)
async def change_environment(
    db: Writing,
    viewer: CurrentViewer,
    environment: SlugOrId,
    body: EnvironmentChange,
    response: Response,
    if_match: IfMatch = None,
) -> EnvironmentDetail:
    """Changes what is given; the slug stays."""
    changed = await editing.change(db, viewer, environment, if_match=if_match, **body.given())
    return await _answer(db, viewer, changed, response)


@router.delete(
    "/{environment}",
    operation_id="delete_environment",
    status_code=HTTPStatus.NO_CONTENT,
    responses=responses(NotFound, Forbidden, Conflict, Stale),
)
async def delete_environment(
    db: Writing, viewer: CurrentViewer, environment: SlugOrId, if_match: IfMatch = None
) -> None:
    """Deletes an environment that no session uses and nothing ever ran; any other is archived instead."""
    found = await service.get(db, viewer, environment)
    service.require_editor(viewer, found)
    await sessions.forget_unused(db, found.id)
    await editing.remove(db, viewer, found.id, if_match=if_match)


@router.post(
    "/{environment}/duplicate",
    operation_id="duplicate_environment",
    status_code=HTTPStatus.CREATED,
    responses=responses(NotFound),
)
async def duplicate_environment(
    db: Writing,
    viewer: CurrentViewer,
    environment: SlugOrId,
    response: Response,
    body: EnvironmentDuplicate | None = None,
) -> EnvironmentDetail:
    """A copy of one version as an environment of your own, which only you see."""
    wanted = body or EnvironmentDuplicate()
    source = await service.get(db, viewer, environment)
    copy = await editing.duplicate(db, viewer, source, number=wanted.version, name=wanted.name)
    return await _created(db, viewer, copy, response)


@router.put(
    "/{environment}/favourite",
    operation_id="add_favourite",
    status_code=HTTPStatus.NO_CONTENT,
    responses=responses(NotFound),
)
async def add_favourite(db: Writing, viewer: CurrentViewer, environment: SlugOrId) -> None:
    """Makes it a favourite of yours: searches show it before its equals."""
    await service.set_favourite(db, viewer, await service.get(db, viewer, environment), favourite=True)


@router.delete(
    "/{environment}/favourite",
    operation_id="remove_favourite",
    status_code=HTTPStatus.NO_CONTENT,
    responses=responses(NotFound),
)
async def remove_favourite(db: Writing, viewer: CurrentViewer, environment: SlugOrId) -> None:
    """Makes it no favourite of yours."""
    await service.set_favourite(db, viewer, await service.get(db, viewer, environment), favourite=False)


@router.get(
    "/{environment}/versions", operation_id="list_environment_versions", responses=responses(NotFound)
)
async def list_versions(
    db: Reading, viewer: CurrentViewer, environment: SlugOrId, paging: Paged
) -> Page[VersionRead]:
    """The versions of an environment, newest first."""
    found = await service.get(db, viewer, environment)
    rows = await service.versions_page(db, found, paging)
    upstreams = await watching.upstreams(db, rows)
    return paging.cut(rows, lambda row: str(row.number), lambda row: VersionRead.told(row, upstreams))


@router.post(
    "/{environment}/versions",
    operation_id="add_environment_version",
    status_code=HTTPStatus.CREATED,
    responses=responses(NotFound, Forbidden, Conflict),
)
async def add_version(
    db: Writing, viewer: CurrentViewer, environment: SlugOrId, body: VersionCreate, response: Response
) -> VersionDetail:
    """Adds the next version; sessions stay on theirs until somebody updates them."""
    made = await editing.add_version(db, viewer, environment, body.content())
    response.headers["Location"] = f"/api/v1/environments/{environment}/versions/{made.number}"
    return await _detail(db, made)


@router.get(
    "/{environment}/versions/{before}...{after}",
    operation_id="compare_environment_versions",
    responses=responses(NotFound),
)
async def compare_versions(
    db: Reading, viewer: CurrentViewer, environment: SlugOrId, before: Number, after: Number
) -> DifferenceRead:
    """What differs between two versions: packages, how it runs, image and size."""
    found = await service.get(db, viewer, environment)
    difference = await service.difference(
        db, await service.numbered(db, found, before), await service.numbered(db, found, after)
    )
    return DifferenceRead.made(
        difference, await watching.upstreams(db, [difference.before, difference.after])
    )


@router.get(
    "/{environment}/versions/{number}", operation_id="get_environment_version", responses=responses(NotFound)
)
async def get_version(
    db: Reading, viewer: CurrentViewer, environment: SlugOrId, number: Number
) -> VersionDetail:
    """One version with how it is run and what is installed in it."""
    found = await service.get(db, viewer, environment)
    version = await service.numbered(db, found, number)
    return await _detail(db, version)


@router.get(
    "/{environment}/versions/{number}/sbom",
    operation_id="get_environment_sbom",
    response_class=Response,
    responses=responses(NotFound) | {200: {"content": {sbom.MEDIA_TYPE: {"schema": {"type": "object"}}}}},
)
async def get_sbom(db: Reading, viewer: CurrentViewer, environment: SlugOrId, number: Number) -> Response:
    """What is known to be installed in a version, as a CycloneDX SBOM to download."""
    found = await service.get(db, viewer, environment)
    version = await service.numbered(db, found, number)
    installed = (await service.installed_in(db, [version.id]))[version.id]
    name = f"{found.slug}-{version.number}.cdx.json"
    return Response(
        sbom.written(found, version, installed),
        media_type=sbom.MEDIA_TYPE,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@router.get(
    "/{environment}/versions/{number}/packages",
    operation_id="list_environment_packages",
    responses=responses(NotFound),
)
async def list_packages(
    db: Reading,
    viewer: CurrentViewer,
    *,
    environment: SlugOrId,
    number: Number,
    paging: Paged,
    search: Annotated[str, Query(max_length=100, description="Part of the name.")] = "",
    ecosystem: Annotated[Ecosystem | None, Query(description="Only of this kind.")] = None,
) -> Page[PackageRead]:
    """What is known to be installed in a version, by name."""
    found = await service.get(db, viewer, environment)
    version = await service.numbered(db, found, number)
    rows = await service.packages_page(db, version, paging, search, ecosystem)
    return paging.cut(rows, lambda row: row[1], lambda row: PackageRead.model_validate(row[0]))
