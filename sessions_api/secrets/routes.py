"""Secrets of a project as JSON: names and variables, never a value."""

from typing import Annotated, cast

from fastapi import APIRouter, Path, Response, status

from sessions_api.kit.errors import Conflict, Forbidden, Invalid, NotFound, Stale, Unauthenticated, responses
from sessions_api.kit.etags import IfMatch, etag
from sessions_api.kit.paging import Page, Paged
from sessions_api.kit.repeats import RepeatableRoute
from sessions_api.kit.transactions import Reading, Writing
from sessions_api.projects.dependencies import ReadProject, WriteProject
from sessions_api.secrets import service
from sessions_api.secrets.dependencies import Sealing
from sessions_api.secrets.schemas import SecretChange, SecretCreate, SecretRead
from sessions_api.secrets.service import Changes
from sessions_api.secrets.tables import Secret

router = APIRouter(
    route_class=RepeatableRoute,
    prefix="/projects/{slug}/secrets",
    tags=["secrets"],
    responses=responses(Unauthenticated, NotFound, Invalid),
)

NameOrId = Annotated[str, Path(max_length=100, description="The secret's name, or its id.")]


def _read(secret: Secret) -> SecretRead:
    return SecretRead.model_validate(secret)


@router.get("", operation_id="list_secrets")
async def list_secrets(db: Reading, access: ReadProject, paging: Paged) -> Page[SecretRead]:
    """The secrets of a project, in the order in which they were added."""
    rows = await service.page(db, access, paging)
    return paging.cut(rows, lambda row: row.id, _read)


@router.post(
    "",
    operation_id="add_secret",
    status_code=status.HTTP_201_CREATED,
    responses=responses(Forbidden, Conflict),
)
async def add_secret(
    db: Writing, access: WriteProject, sealer: Sealing, body: SecretCreate, response: Response
) -> SecretRead:
    """Add a secret; sessions that members of the project start have it from their next start on."""
    added = await service.add(
        db, access, name=body.name, value=body.value, variable=body.variable, sealer=sealer
    )
    response.headers["Location"] = f"/api/v1/projects/{access.project.slug}/secrets/{added.name}"
    response.headers["ETag"] = etag(added.revision)
    return _read(added)


@router.get("/{secret}", operation_id="get_secret")
async def get_secret(db: Reading, access: ReadProject, secret: NameOrId, response: Response) -> SecretRead:
    """One secret, without its value."""
    found = await service.get(db, access, secret)
    response.headers["ETag"] = etag(found.revision)
    return _read(found)


@router.patch("/{secret}", operation_id="change_secret", responses=responses(Forbidden, Conflict, Stale))
async def change_secret(
    db: Writing,
    access: WriteProject,
    *,
    sealer: Sealing,
    secret: NameOrId,
    body: SecretChange,
    response: Response,
    if_match: IfMatch = None,
) -> SecretRead:
    """Change a secret; sessions have the change from their next start on."""
    given = {
        name: value
        for name, value in body.model_dump(exclude_unset=True).items()
        if value is not None or name == "variable"
    }
    changed = await service.change(
        db, access, secret, sealer=sealer, if_match=if_match, **cast("Changes", given)
    )
    response.headers["ETag"] = etag(changed.revision)
    return _read(changed)


@router.delete(
    "/{secret}",
    operation_id="remove_secret",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=responses(Forbidden, Stale),
)
async def remove_secret(
    db: Writing, access: WriteProject, secret: NameOrId, if_match: IfMatch = None
) -> None:
    """Remove a secret; sessions that run keep what they were started with."""
    await service.remove(db, access, secret, if_match=if_match)
