"""Repositories of a project as JSON."""

from typing import Annotated, cast

from fastapi import APIRouter, Path, Response, status

from sessions_api.kit.errors import Conflict, Forbidden, Invalid, NotFound, Stale, Unauthenticated, responses
from sessions_api.kit.etags import IfMatch, etag
from sessions_api.kit.paging import Page, Paged
from sessions_api.kit.repeats import RepeatableRoute
from sessions_api.kit.transactions import Reading, Writing
from sessions_api.projects.dependencies import ReadProject, WriteProject
from sessions_api.repositories import service
from sessions_api.repositories.dependencies import RepositoryRules
from sessions_api.repositories.schemas import RepositoryChange, RepositoryCreate, RepositoryRead
from sessions_api.repositories.service import Changes
from sessions_api.repositories.tables import Repository

router = APIRouter(
    route_class=RepeatableRoute,
    prefix="/projects/{slug}/repositories",
    tags=["repositories"],
    responses=responses(Unauthenticated, NotFound, Invalid),
)

FolderOrId = Annotated[str, Path(max_length=100, description="The repository's folder of /work, or its id.")]


def _read(repository: Repository) -> RepositoryRead:
    return RepositoryRead.model_validate(repository)


@router.get("", operation_id="list_repositories")
async def list_repositories(db: Reading, access: ReadProject, paging: Paged) -> Page[RepositoryRead]:
    """The repositories of a project, in the order in which they were added."""
    rows = await service.page(db, access, paging)
    return paging.cut(rows, lambda row: row.id, _read)


@router.post(
    "",
    operation_id="add_repository",
    status_code=status.HTTP_201_CREATED,
    responses=responses(Forbidden, Conflict),
)
async def add_repository(
    db: Writing, access: WriteProject, rules: RepositoryRules, body: RepositoryCreate, response: Response
) -> RepositoryRead:
    """Add a repository; sessions have it from their next start on."""
    added = await service.add(db, access, **body.model_dump(), rules=rules)
    response.headers["Location"] = f"/api/v1/projects/{access.project.slug}/repositories/{added.folder}"
    response.headers["ETag"] = etag(added.revision)
    return _read(added)


@router.get("/{repository}", operation_id="get_repository")
async def get_repository(
    db: Reading, access: ReadProject, repository: FolderOrId, response: Response
) -> RepositoryRead:
    """One repository."""
    found = await service.get(db, access, repository)
    response.headers["ETag"] = etag(found.revision)
    return _read(found)


@router.patch("/{repository}", operation_id="change_repository", responses=responses(Forbidden, Stale))
async def change_repository(
    db: Writing,
    access: WriteProject,
    *,
    rules: RepositoryRules,
    repository: FolderOrId,
    body: RepositoryChange,
    response: Response,
    if_match: IfMatch = None,
) -> RepositoryRead:
    """Change a repository; sessions have the change from their next start on."""
    given = {
        name: value
        for name, value in body.model_dump(exclude_unset=True).items()
        if value is not None or name == "ref"
    }
    changed = await service.change(
        db, access, repository, rules=rules, if_match=if_match, **cast("Changes", given)
    )
    response.headers["ETag"] = etag(changed.revision)
    return _read(changed)


@router.delete(
    "/{repository}",
    operation_id="remove_repository",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=responses(Forbidden, Stale),
)
async def remove_repository(
    db: Writing, access: WriteProject, repository: FolderOrId, if_match: IfMatch = None
) -> None:
    """Remove a repository from the project; what sessions have cloned stays where it is."""
    await service.remove(db, access, repository, if_match=if_match)
