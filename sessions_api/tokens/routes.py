"""Your tokens as JSON."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path, Request

from sessions_api.kit.errors import Forbidden, Invalid, NotFound, Unauthenticated, Unavailable, responses
from sessions_api.kit.paging import Page
from sessions_api.kit.transactions import database
from sessions_api.people.dependencies import CurrentViewer
from sessions_api.tokens import service
from sessions_api.tokens.schemas import TokenCreate, TokenMade, TokenRead

router = APIRouter(
    prefix="/me/tokens",
    tags=["people"],
    responses=responses(Unauthenticated, Forbidden, Invalid, Unavailable),
)

TokenId = Annotated[str, Path(max_length=40, description="The token's id.")]


@router.get("", operation_id="list_tokens")
async def listing(request: Request, viewer: CurrentViewer) -> Page[TokenRead]:
    """Your tokens, newest first, without themselves; on one page however many there are."""
    found = await service.listing(request.app.state.hub, viewer)
    return Page(items=[TokenRead.made(token) for token in found])


@router.post("", operation_id="create_token", status_code=HTTPStatus.CREATED)
async def create(request: Request, viewer: CurrentViewer, body: TokenCreate) -> TokenMade:
    """A token for a program; it is told this once."""
    token, itself = await service.make(
        database(request),
        request.app.state.hub,
        viewer,
        note=body.note,
        reach=service.REACHES[body.scope],
        days=body.days,
        most=request.app.state.settings.token_days,
    )
    return TokenMade.made(token, token=itself)


@router.delete(
    "/{token}",
    operation_id="revoke_token",
    status_code=HTTPStatus.NO_CONTENT,
    responses=responses(NotFound),
)
async def revoke(request: Request, viewer: CurrentViewer, token: TokenId) -> None:
    """Ends a token; it is known nowhere a minute later at the latest."""
    await service.revoke(database(request), request.app.state.hub, viewer, token)
