"""The catalogue of environments as JSON."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from sessions_api.environments import service
from sessions_api.environments.schemas import EnvironmentDetail, EnvironmentRead, VersionDetail
from sessions_api.kit.errors import Invalid, NotFound, Unauthenticated, responses
from sessions_api.kit.etags import etag
from sessions_api.kit.paging import Page, Paged
from sessions_api.kit.transactions import Reading
from sessions_api.people.dependencies import CurrentViewer

router = APIRouter(
    prefix="/environments", tags=["environments"], responses=responses(Unauthenticated, Invalid)
)

SlugOrId = Annotated[str, Path(max_length=80, description="The environment's slug or id.")]
Search = Annotated[
    str, Query(max_length=100, description="Words that name, description and keywords must all have.")
]


@router.get("", operation_id="list_environments")
async def list_environments(
    db: Reading, _viewer: CurrentViewer, paging: Paged, search: Search = ""
) -> Page[EnvironmentRead]:
    """The environments that sessions can be made from, default ones first."""
    rows = await service.listing(db, paging, search)
    latest = await service.latest_of(db, [row.id for row in rows])
    return paging.cut(rows, service.sort_key, lambda row: EnvironmentRead.made(row, latest[row.id]))


@router.get("/{environment}", operation_id="get_environment", responses=responses(NotFound))
async def get_environment(
    db: Reading, _viewer: CurrentViewer, environment: SlugOrId, response: Response
) -> EnvironmentDetail:
    """One environment with its versions."""
    found = await service.get(db, environment)
    versions = await service.versions(db, found.id)
    response.headers["ETag"] = etag(found.revision)
    return EnvironmentDetail.with_versions(found, list(versions))


@router.get(
    "/{environment}/versions/{number}", operation_id="get_environment_version", responses=responses(NotFound)
)
async def get_version(
    db: Reading,
    _viewer: CurrentViewer,
    environment: SlugOrId,
    number: Annotated[int, Path(ge=1, le=1_000_000, description="The version's number.")],
) -> VersionDetail:
    """One version with what is installed in it."""
    found = await service.get(db, environment)
    version = await service.numbered(db, found, number)
    return VersionDetail.made(version, service.installed(version))
