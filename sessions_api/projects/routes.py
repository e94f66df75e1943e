"""Projects and their members as JSON."""

from http import HTTPStatus
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Path, Query, Response

from sessions_api.kit.errors import (
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    Stale,
    Unauthenticated,
    responses,
)
from sessions_api.kit.etags import IfMatch, etag, require
from sessions_api.kit.paging import Page, Paged
from sessions_api.kit.repeats import RepeatableRoute
from sessions_api.kit.transactions import Reading, Writing
from sessions_api.people.dependencies import CurrentViewer
from sessions_api.projects import service
from sessions_api.projects.dependencies import ReadProject, WriteProject
from sessions_api.projects.schemas import (
    MemberChange,
    MemberCreate,
    MemberRead,
    ProjectChange,
    ProjectCreate,
    ProjectRead,
)
from sessions_api.runs import wishes

router = APIRouter(
    route_class=RepeatableRoute,
    prefix="/projects",
    tags=["projects"],
    responses=responses(Unauthenticated, Invalid),
)

Person = Annotated[str, Path(max_length=255, description="The hub's user name.")]


@router.get("", operation_id="list_projects")
async def listing(
    db: Reading,
    viewer: CurrentViewer,
    paging: Paged,
    search: Annotated[str, Query(max_length=100, description="Part of the name.")] = "",
) -> Page[ProjectRead]:
    """The projects that you see, newest first."""
    found = await service.listing(db, viewer, paging, search)
    return paging.cut(found, key=lambda access: access.project.id, item=ProjectRead.of)


@router.post("", operation_id="create_project", status_code=HTTPStatus.CREATED)
async def create(db: Writing, viewer: CurrentViewer, body: ProjectCreate, response: Response) -> ProjectRead:
    """A new project, yours."""
    access = await service.create(db, viewer, **body.model_dump())
    response.headers["Location"] = f"/api/v1/projects/{access.project.slug}"
    response.headers["ETag"] = etag(access.project.revision)
    return ProjectRead.of(access)


@router.get("/{slug}", operation_id="get_project", responses=responses(NotFound))
async def get(access: ReadProject, response: Response) -> ProjectRead:
    """One project."""
    response.headers["ETag"] = etag(access.project.revision)
    return ProjectRead.of(access)


@router.patch("/{slug}", operation_id="change_project", responses=responses(NotFound, Forbidden, Stale))
async def change(
    db: Writing, access: WriteProject, body: ProjectChange, response: Response, if_match: IfMatch = None
) -> ProjectRead:
    """Changes what is given; the slug stays."""
    require(if_match, access.project.revision, access.project.name)
    changed = await service.change(db, access, **body.model_dump(exclude_unset=True))
    response.headers["ETag"] = etag(changed.project.revision)
    return ProjectRead.of(changed)


@router.delete(
    "/{slug}",
    operation_id="delete_project",
    status_code=HTTPStatus.NO_CONTENT,
    responses=responses(NotFound, Forbidden, Conflict, Stale),
)
async def delete(
    db: Writing,
    access: WriteProject,
    *,
    force: Annotated[bool, Query(description="Stop what runs first.")] = False,
    if_match: IfMatch = None,
) -> None:
    """Removes a project; refuses while sessions of it are live, unless `force` stops them."""
    require(if_match, access.project.revision, access.project.name)
    await wishes.remove_project(db, access, force=force)


@router.get("/{slug}/members", operation_id="list_members", responses=responses(NotFound))
async def members(db: Reading, access: ReadProject, paging: Paged) -> Page[MemberRead]:
    """Who belongs to the project, by name."""
    found = await service.members(db, access, paging)
    return paging.cut(found, key=lambda member: member.person, item=MemberRead.model_validate)


@router.post(
    "/{slug}/members",
    operation_id="add_member",
    status_code=HTTPStatus.CREATED,
    responses=responses(NotFound, Forbidden, Conflict),
)
async def add_member(db: Writing, access: WriteProject, body: MemberCreate, response: Response) -> MemberRead:
    """Makes a person a member."""
    member = await service.add_member(db, access, person=body.person, role=body.role)
    at = f"/api/v1/projects/{access.project.slug}/members"
    response.headers["Location"] = f"{at}/{quote(member.person, safe='')}"
    return MemberRead.model_validate(member)


@router.get("/{slug}/members/{person}", operation_id="get_member", responses=responses(NotFound))
async def get_member(db: Reading, access: ReadProject, person: Person) -> MemberRead:
    """One member."""
    return MemberRead.model_validate(await service.member(db, access, person))


@router.patch(
    "/{slug}/members/{person}",
    operation_id="change_member",
    responses=responses(NotFound, Forbidden, Conflict),
)
async def change_member(db: Writing, access: WriteProject, person: Person, body: MemberChange) -> MemberRead:
    """Gives a member another role."""
    return MemberRead.model_validate(await service.change_member(db, access, person, role=body.role))


@router.delete(
    "/{slug}/members/{person}",
    operation_id="remove_member",
    status_code=HTTPStatus.NO_CONTENT,
    responses=responses(NotFound, Forbidden, Conflict),
)
async def remove_member(db: Writing, access: WriteProject, person: Person) -> None:
    """Takes a person out of the project; anybody may leave."""
    await service.remove_member(db, access, person)
