"""Storages of a project as JSON."""

from typing import Annotated, cast

from fastapi import APIRouter, Path, Response, status

from sessions_api.kit.errors import (
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    Stale,
    Unauthenticated,
    Unavailable,
    responses,
)
from sessions_api.kit.etags import IfMatch, etag
from sessions_api.kit.paging import Page, Paged
from sessions_api.kit.repeats import RepeatableRoute
from sessions_api.kit.transactions import Reading, Writing
from sessions_api.projects.dependencies import ReadProject, WriteProject
from sessions_api.storages import service
from sessions_api.storages.dependencies import Offered
from sessions_api.storages.schemas import StorageChange, StorageCreate, StorageRead, read
from sessions_api.storages.service import Changes

router = APIRouter(
    route_class=RepeatableRoute,
    prefix="/projects/{slug}/storages",
    tags=["storages"],
    responses=responses(Unauthenticated, NotFound, Invalid),
)

FolderOrId = Annotated[str, Path(max_length=100, description="The storage's folder of /work, or its id.")]


@router.get("", operation_id="list_storages")
async def list_storages(db: Reading, access: ReadProject, paging: Paged) -> Page[StorageRead]:
    """The storages of a project, in the order in which they were added."""
    rows = await service.page(db, access, paging)
    return paging.cut(rows, lambda row: row.id, read)


@router.post(
    "",
    operation_id="add_storage",
    status_code=status.HTTP_201_CREATED,
    responses=responses(Forbidden, Conflict, Unavailable),
)
async def add_storage(
    db: Writing, access: WriteProject, offer: Offered, body: StorageCreate, response: Response
) -> StorageRead:
    """Add a storage; sessions have it from their next start on."""
    added = await service.add(
        db,
        access,
        offer=offer,
        kind=body.kind,
        name=body.name,
        folder=body.folder,
        read_only=body.read_only,
        details=body.details(),
    )
    response.headers["Location"] = f"/api/v1/projects/{access.project.slug}/storages/{added.folder}"
    response.headers["ETag"] = etag(added.revision)
    return read(added)


@router.get("/{storage}", operation_id="get_storage")
async def get_storage(
    db: Reading, access: ReadProject, storage: FolderOrId, response: Response
) -> StorageRead:
    """One storage."""
    found = await service.get(db, access, storage)
    response.headers["ETag"] = etag(found.revision)
    return read(found)


@router.patch("/{storage}", operation_id="change_storage", responses=responses(Forbidden, Stale, Unavailable))
async def change_storage(
    db: Writing,
    access: WriteProject,
    *,
    offer: Offered,
    storage: FolderOrId,
    body: StorageChange,
    response: Response,
    if_match: IfMatch = None,
) -> StorageRead:
    """Change a storage; sessions have the change from their next start on."""
    given = cast("Changes", body.model_dump(include={"name", "folder", "read_only"}, exclude_none=True))
    changed = await service.change(
        db, access, storage, offer=offer, if_match=if_match, details=body.details(), **given
    )
    response.headers["ETag"] = etag(changed.revision)
    return read(changed)


@router.delete(
    "/{storage}",
    operation_id="remove_storage",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=responses(Forbidden, Stale),
)
async def remove_storage(
    db: Writing, access: WriteProject, storage: FolderOrId, if_match: IfMatch = None
) -> None:
    """Remove a storage from the project.

    What lies in it stays where it is. The claim of a volume that Sojourn made stays too, until an
    administrator deletes it; files that an administrator handed out are gone.
    """
    await service.remove(db, access, storage, if_match=if_match)
