"""Who am I."""

from typing import Literal

from fastapi import APIRouter

from sessions_api.kit.errors import Unauthenticated, responses
from sessions_api.kit.schemas import Schema
from sessions_api.people.dependencies import CurrentViewer

router = APIRouter(tags=["people"])


class Me(Schema):
    """The person that a token or login stands for.

    Attributes:
        scope: what the token may of what they may.
    """

    name: str
    groups: list[str]
    admin: bool
    scope: Literal["read", "sessions", "everything"]


@router.get("/me", operation_id="get_me", responses=responses(Unauthenticated))
async def me(viewer: CurrentViewer) -> Me:
    """Who you are."""
    return Me(name=viewer.name, groups=sorted(viewer.groups), admin=viewer.admin, scope=viewer.reach.word)
