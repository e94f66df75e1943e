"""Pools as JSON, with what is free of them now."""

from fastapi import APIRouter

from sessions_api.kit.errors import Invalid, Unauthenticated, responses
from sessions_api.kit.paging import Page, Paged
from sessions_api.kit.transactions import Reading
from sessions_api.people.dependencies import CurrentViewer
from sessions_api.resources import service as resources
from sessions_api.runs.places import free
from sessions_api.runs.places.schemas import ResourcePoolRead

router = APIRouter(
    prefix="/resource-pools", tags=["resource classes"], responses=responses(Unauthenticated, Invalid)
)


@router.get("", operation_id="list_resource_pools")
async def list_resource_pools(db: Reading, viewer: CurrentViewer, paging: Paged) -> Page[ResourcePoolRead]:
    """The pools that are for you, in the administrator's order, and how they are used now."""
    found = await resources.page_of_pools(db, viewer, paging)
    uses = await free.of_pools(db, viewer, found)
    classes = await resources.offered(db, viewer)
    return paging.cut(
        uses, lambda use: resources.sort_key(use.pool), lambda use: ResourcePoolRead.made(use, classes)
    )
