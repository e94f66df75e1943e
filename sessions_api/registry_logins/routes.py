"""Registry logins as JSON, a person's own and a project's: hosts and user names, never a password."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Response, status

from sessions_api.host_logins.dependencies import Own, ReadOwner, WriteOwner
from sessions_api.kit.errors import Conflict, Forbidden, Invalid, NotFound, Stale, Unauthenticated, responses
from sessions_api.kit.etags import IfMatch, etag
from sessions_api.kit.paging import Page, Paged
from sessions_api.kit.repeats import RepeatableRoute
from sessions_api.kit.transactions import Reading, Writing
from sessions_api.registry_logins import service
from sessions_api.registry_logins.schemas import RegistryLoginChange, RegistryLoginCreate, RegistryLoginRead
from sessions_api.registry_logins.tables import RegistryLogin
from sessions_api.secrets.dependencies import Sealing

_common: dict[str, Any] = {
    "route_class": RepeatableRoute,
    "tags": ["registry logins"],
    "responses": responses(Unauthenticated, NotFound, Invalid),
}
_own = APIRouter(prefix="/me/registry-logins", **_common)
_of_project = APIRouter(prefix="/projects/{slug}/registry-logins", **_common)

HostOrId = Annotated[str, Path(max_length=300, description="The login's registry, or its id.")]


def _read(login: RegistryLogin) -> RegistryLoginRead:
    return RegistryLoginRead.model_validate(login)


def _tagged(login: RegistryLogin, response: Response, at: str = "") -> RegistryLoginRead:
    response.headers["ETag"] = etag(login.revision)
    if at:
        response.headers["Location"] = f"/api/v1{at}/{login.id}"
    return _read(login)


@_own.get("", operation_id="list_own_registry_logins")
async def list_own(db: Reading, owner: Own, paging: Paged) -> Page[RegistryLoginRead]:
    """Your registry logins, by host."""
    return paging.cut(await service.page(db, owner, paging), lambda row: row.host, _read)


@_own.post(
    "",
    operation_id="add_own_registry_login",
    status_code=status.HTTP_201_CREATED,
    responses=responses(Forbidden, Conflict),
)
async def add_own(
    db: Writing, owner: Own, sealer: Sealing, body: RegistryLoginCreate, response: Response
) -> RegistryLoginRead:
    """Add a registry login: your checks open private images with it, and your launches as a member."""
    added = await service.add(
        db, owner, host=body.host, username=body.username, secret=body.password, sealer=sealer
    )
    return _tagged(added, response, owner.path("registry-logins"))


@_own.get("/{login}", operation_id="get_own_registry_login")
async def get_own(db: Reading, owner: Own, login: HostOrId, response: Response) -> RegistryLoginRead:
    """One of your registry logins, without its password."""
    return _tagged(await service.get(db, owner, login), response)


@_own.patch(
    "/{login}", operation_id="change_own_registry_login", responses=responses(Forbidden, Conflict, Stale)
)
async def change_own(
    db: Writing,
    owner: Own,
    *,
    sealer: Sealing,
    login: HostOrId,
    body: RegistryLoginChange,
    response: Response,
    if_match: IfMatch = None,
) -> RegistryLoginRead:
    """Change the user name or the password; launches use it from now on."""
    return _tagged(
        await service.change(
            db, owner, login, sealer=sealer, if_match=if_match, username=body.username, secret=body.password
        ),
        response,
    )


@_own.delete(
    "/{login}",
    operation_id="remove_own_registry_login",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=responses(Forbidden, Stale),
)
async def remove_own(db: Writing, owner: Own, login: HostOrId, if_match: IfMatch = None) -> None:
    """Forget a registry login; sessions that run go on."""
    await service.remove(db, owner, login, if_match=if_match)


@_of_project.get("", operation_id="list_registry_logins")
async def list_of_project(db: Reading, owner: ReadOwner, paging: Paged) -> Page[RegistryLoginRead]:
    """The registry logins of a project, by host."""
    return paging.cut(await service.page(db, owner, paging), lambda row: row.host, _read)


@_of_project.post(
    "",
    operation_id="add_registry_login",
    status_code=status.HTTP_201_CREATED,
    responses=responses(Forbidden, Conflict),
)
async def add_to_project(
    db: Writing, owner: WriteOwner, sealer: Sealing, body: RegistryLoginCreate, response: Response
) -> RegistryLoginRead:
    """Add a registry login: launches by members use it where they have none of their own for its host."""
    added = await service.add(
        db, owner, host=body.host, username=body.username, secret=body.password, sealer=sealer
    )
    return _tagged(added, response, owner.path("registry-logins"))


@_of_project.get("/{login}", operation_id="get_registry_login")
async def get_of_project(
    db: Reading, owner: ReadOwner, login: HostOrId, response: Response
) -> RegistryLoginRead:
    """One registry login of a project, without its password."""
    return _tagged(await service.get(db, owner, login), response)


@_of_project.patch(
    "/{login}", operation_id="change_registry_login", responses=responses(Forbidden, Conflict, Stale)
)
async def change_of_project(
    db: Writing,
    owner: WriteOwner,
    *,
    sealer: Sealing,
    login: HostOrId,
    body: RegistryLoginChange,
    response: Response,
    if_match: IfMatch = None,
) -> RegistryLoginRead:
    """Change the user name or the password; launches use it from now on."""
    return _tagged(
        await service.change(
            db, owner, login, sealer=sealer, if_match=if_match, username=body.username, secret=body.password
        ),
        response,
    )


@_of_project.delete(
    "/{login}",
    operation_id="remove_registry_login",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=responses(Forbidden, Stale),
)
async def remove_of_project(
    db: Writing, owner: WriteOwner, login: HostOrId, if_match: IfMatch = None
) -> None:
    """Forget a registry login of a project; sessions that run go on."""
    await service.remove(db, owner, login, if_match=if_match)


router = APIRouter()
router.include_router(_own)
router.include_router(_of_project)
