"""Storages of a project as JSON."""

from typing import Annotated, cast

from fastapi import APIRouter, Path, Response, status

from sessions_api.kit.errors import Conflict, Forbidden, Invalid, NotFound, Stale, Unauthenticated, responses
from sessions_api.kit.etags import IfMatch, etag
from sessions_api.kit.paging import Page, Paged
from sessions_api.kit.repeats import RepeatableRoute
from sessions_api.kit.transactions import Reading, Writing
from sessions_api.projects.dependencies import ReadProject, WriteProject
from sessions_api.storages import service
from sessions_api.storages.dependencies import StorageRoots
from sessions_api.storages.schemas import StorageChange, StorageCreate, StorageRead
from sessions_api.storages.service import Changes
from sessions_api.storages.tables import Storage

router = APIRouter(
    route_class=RepeatableRoute,
    prefix="/projects/{slug}/storages",
    tags=["storages"],
    responses=responses(Unauthenticated, NotFound, Invalid),
)

FolderOrId = Annotated[str, Path(max_length=100, description="The storage's folder of /work, or its id.")]


def _read(storage: Storage) -> StorageRead:
    return StorageRead.model_validate(storage)


@router.get("", operation_id="list_storages")
async def list_storages(db: Reading, access: ReadProject, paging: Paged) -> Page[StorageRead]:
    """The storages of a project, in the order in which they were added."""
    rows = await service.page(db, access, paging)
    return paging.cut(rows, lambda row: row.id, _read)


@router.post(
    "",
    operation_id="add_storage",
    status_code=status.HTTP_201_CREATED,
    responses=responses(Forbidden, Conflict),
)
async def add_storage(
    db: Writing, access: WriteProject, roots: StorageRoots, body: StorageCreate, response: Response
) -> StorageRead:
    """Add a storage; sessions have it from their next start on."""
    added = await service.add(
        db, access, name=body.name, kind=body.kind, path=body.path, folder=body.folder, roots=roots
    )
    response.headers["Location"] = f"/api/v1/projects/{access.project.slug}/storages/{added.folder}"
    response.headers["ETag"] = etag(added.revision)
    return _read(added)


@router.get("/{storage}", operation_id="get_storage")
async def get_storage(
    db: Reading, access: ReadProject, storage: FolderOrId, response: Response
) -> StorageRead:
    """One storage."""
    found = await service.get(db, access, storage)
    response.headers["ETag"] = etag(found.revision)
    return _read(found)


@router.patch("/{storage}", operation_id="change_storage", responses=responses(Forbidden, Stale))
async def change_storage(
    db: Writing,
    access: WriteProject,
    *,
    roots: StorageRoots,
    storage: FolderOrId,
    body: StorageChange,
    response: Response,
    if_match: IfMatch = None,
) -> StorageRead:
    """Change a storage; sessions have the change from their next start on."""
    given = cast("Changes", body.model_dump(exclude_unset=True, exclude_none=True))
    changed = await service.change(db, access, storage, roots=roots, if_match=if_match, **given)
    response.headers["ETag"] = etag(changed.revision)
    return _read(changed)


@router.delete(
    "/{storage}",
    operation_id="remove_storage",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=responses(Forbidden, Stale),
)
async def remove_storage(
    db: Writing, access: WriteProject, storage: FolderOrId, if_match: IfMatch = None
) -> None:
    """Remove a storage from the project; its files stay where they are."""
    await service.remove(db, access, storage, if_match=if_match)
