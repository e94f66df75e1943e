"""Resource classes as JSON."""

from fastapi import APIRouter

from sessions_api.kit.errors import Invalid, Unauthenticated, responses
from sessions_api.kit.paging import Page, Paged
from sessions_api.kit.transactions import Reading
from sessions_api.people.dependencies import CurrentViewer
from sessions_api.resources import service
from sessions_api.resources.schemas import ResourceClassRead

router = APIRouter(
    prefix="/resource-classes", tags=["resource classes"], responses=responses(Unauthenticated, Invalid)
)


@router.get("", operation_id="list_resource_classes")
async def list_resource_classes(db: Reading, viewer: CurrentViewer, paging: Paged) -> Page[ResourceClassRead]:
    """The classes that your sessions can be of, in the administrator's order; none where there are none."""
    rows = await service.page(db, viewer, paging)
    return paging.cut(rows, service.sort_key, ResourceClassRead.made)
