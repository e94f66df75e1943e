"""Groups of the hub's that belong to a project, as JSON."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path

from sessions_api.kit.errors import Forbidden, Invalid, NotFound, Unauthenticated, responses
from sessions_api.kit.paging import Page, Paged
from sessions_api.kit.transactions import Reading, Writing
from sessions_api.projects import groups
from sessions_api.projects.dependencies import ReadProject, WriteProject
from sessions_api.projects.schemas import GroupName, GroupPut, GroupRead

router = APIRouter(
    prefix="/projects/{slug}/groups",
    tags=["projects"],
    responses=responses(Unauthenticated, NotFound, Invalid),
)

Group = Annotated[GroupName, Path(description="The hub's name of the group.")]


@router.get("", operation_id="list_project_groups")
async def listing(db: Reading, access: ReadProject, paging: Paged) -> Page[GroupRead]:
    """The groups of the hub's whose people belong to the project, by name."""
    found = await groups.listing(db, access, paging)
    return paging.cut(found, key=lambda each: each.group, item=GroupRead.model_validate)


@router.put("/{group}", operation_id="put_project_group", responses=responses(Forbidden))
async def put(db: Writing, access: WriteProject, group: Group, body: GroupPut) -> GroupRead:
    """Makes a group's people members of the project, or gives them another role."""
    return GroupRead.model_validate(await groups.put(db, access, group, role=body.role))


@router.delete(
    "/{group}",
    operation_id="remove_project_group",
    status_code=HTTPStatus.NO_CONTENT,
    responses=responses(Forbidden),
)
async def remove(db: Writing, access: WriteProject, group: Group) -> None:
    """Takes a group out of the project; who is a member without it stays one."""
    await groups.remove(db, access, group)
