"""Who am I."""

from fastapi import APIRouter

from sessions_api.kit.errors import Unauthenticated, responses
from sessions_api.kit.schemas import Schema
from sessions_api.people.dependencies import CurrentViewer

router = APIRouter(tags=["people"])


class Me(Schema):
    """The person that a token or login stands for."""

    name: str
    groups: list[str]
    admin: bool


@router.get("/me", operation_id="get_me", responses=responses(Unauthenticated))
async def me(viewer: CurrentViewer) -> Me:
    """Who you are."""
    return Me(name=viewer.name, groups=sorted(viewer.groups), admin=viewer.admin)
