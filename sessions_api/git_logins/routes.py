"""Git logins as JSON, a person's own and a project's: hosts and user names, never a token."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Response, status

from sessions_api.git_logins import service
from sessions_api.git_logins.schemas import GitLoginChange, GitLoginCreate, GitLoginRead
from sessions_api.git_logins.tables import GitLogin
from sessions_api.host_logins.dependencies import Own, ReadOwner, WriteOwner
from sessions_api.kit.errors import Conflict, Forbidden, Invalid, NotFound, Stale, Unauthenticated, responses
from sessions_api.kit.etags import IfMatch, etag
from sessions_api.kit.paging import Page, Paged
from sessions_api.kit.repeats import RepeatableRoute
from sessions_api.kit.transactions import Reading, Writing
from sessions_api.secrets.dependencies import Sealing

_common: dict[str, Any] = {
    "route_class": RepeatableRoute,
    "tags": ["git logins"],
    "responses": responses(Unauthenticated, NotFound, Invalid),
}
_own = APIRouter(prefix="/me/git-logins", **_common)
_of_project = APIRouter(prefix="/projects/{slug}/git-logins", **_common)

HostOrId = Annotated[str, Path(max_length=300, description="The login's host, or its id.")]


def _read(login: GitLogin) -> GitLoginRead:
    return GitLoginRead.model_validate(login)


def _tagged(login: GitLogin, response: Response, at: str = "") -> GitLoginRead:
    response.headers["ETag"] = etag(login.revision)
    if at:
        response.headers["Location"] = f"/api/v1{at}/{login.id}"
    return _read(login)


@_own.get("", operation_id="list_own_git_logins")
async def list_own(db: Reading, owner: Own, paging: Paged) -> Page[GitLoginRead]:
    """Your git logins, by host."""
    return paging.cut(await service.page(db, owner, paging), lambda row: row.host, _read)


@_own.post(
    "",
    operation_id="add_own_git_login",
    status_code=status.HTTP_201_CREATED,
    responses=responses(Forbidden, Conflict),
)
async def add_own(
    db: Writing, owner: Own, sealer: Sealing, body: GitLoginCreate, response: Response
) -> GitLoginRead:
    """Add a git login: your launches open private repositories with it, in projects you are a member of."""
    added = await service.add(
        db, owner, host=body.host, username=body.username, secret=body.token, sealer=sealer
    )
    return _tagged(added, response, owner.path("git-logins"))


@_own.get("/{login}", operation_id="get_own_git_login")
async def get_own(db: Reading, owner: Own, login: HostOrId, response: Response) -> GitLoginRead:
    """One of your git logins, without its token."""
    return _tagged(await service.get(db, owner, login), response)


@_own.patch("/{login}", operation_id="change_own_git_login", responses=responses(Forbidden, Conflict, Stale))
async def change_own(
    db: Writing,
    owner: Own,
    *,
    sealer: Sealing,
    login: HostOrId,
    body: GitLoginChange,
    response: Response,
    if_match: IfMatch = None,
) -> GitLoginRead:
    """Change the user name or the token; launches use it from now on."""
    return _tagged(
        await service.change(
            db, owner, login, sealer=sealer, if_match=if_match, username=body.username, secret=body.token
        ),
        response,
    )


@_own.delete(
    "/{login}",
    operation_id="remove_own_git_login",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=responses(Forbidden, Stale),
)
async def remove_own(db: Writing, owner: Own, login: HostOrId, if_match: IfMatch = None) -> None:
    """Forget a git login; sessions that run have it until they end."""
    await service.remove(db, owner, login, if_match=if_match)


@_of_project.get("", operation_id="list_git_logins")
async def list_of_project(db: Reading, owner: ReadOwner, paging: Paged) -> Page[GitLoginRead]:
    """The git logins of a project, by host."""
    return paging.cut(await service.page(db, owner, paging), lambda row: row.host, _read)


@_of_project.post(
    "",
    operation_id="add_git_login",
    status_code=status.HTTP_201_CREATED,
    responses=responses(Forbidden, Conflict),
)
async def add_to_project(
    db: Writing, owner: WriteOwner, sealer: Sealing, body: GitLoginCreate, response: Response
) -> GitLoginRead:
    """Add a git login: launches by members use it where they have none of their own for its host."""
    added = await service.add(
        db, owner, host=body.host, username=body.username, secret=body.token, sealer=sealer
    )
    return _tagged(added, response, owner.path("git-logins"))


@_of_project.get("/{login}", operation_id="get_git_login")
async def get_of_project(db: Reading, owner: ReadOwner, login: HostOrId, response: Response) -> GitLoginRead:
    """One git login of a project, without its token."""
    return _tagged(await service.get(db, owner, login), response)


@_of_project.patch(
    "/{login}", operation_id="change_git_login", responses=responses(Forbidden, Conflict, Stale)
)
async def change_of_project(
    db: Writing,
    owner: WriteOwner,
    *,
    sealer: Sealing,
    login: HostOrId,
    body: GitLoginChange,
    response: Response,
    if_match: IfMatch = None,
) -> GitLoginRead:
    """Change the user name or the token; launches use it from now on."""
    return _tagged(
        await service.change(
            db, owner, login, sealer=sealer, if_match=if_match, username=body.username, secret=body.token
        ),
        response,
    )


@_of_project.delete(
    "/{login}",
    operation_id="remove_git_login",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=responses(Forbidden, Stale),
)
async def remove_of_project(
    db: Writing, owner: WriteOwner, login: HostOrId, if_match: IfMatch = None
) -> None:
    """Forget a git login of a project; sessions that run have it until they end."""
    await service.remove(db, owner, login, if_match=if_match)


router = APIRouter()
router.include_router(_own)
router.include_router(_of_project)
