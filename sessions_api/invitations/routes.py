"""Invitations as JSON."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Header, Path, Request

from sessions_api.invitations import service
from sessions_api.invitations.schemas import (
    InvitationCreate,
    InvitationMade,
    InvitationRead,
    Joining,
    link_of,
)
from sessions_api.kit.errors import Forbidden, Gone, Invalid, NotFound, Unauthenticated, responses
from sessions_api.kit.paging import Page, Paged
from sessions_api.kit.repeats import HEADER, MOST
from sessions_api.kit.transactions import Reading, Writing
from sessions_api.people.dependencies import CurrentViewer
from sessions_api.projects.dependencies import ReadProject, WriteProject
from sessions_api.projects.schemas import ProjectRead
from sessions_api.settings import Settings

router = APIRouter(tags=["projects"], responses=responses(Unauthenticated, NotFound, Invalid))

InvitationId = Annotated[str, Path(max_length=26, description="The invitation's id.")]
Repeated = Annotated[
    str | None,
    Header(
        alias=HEADER,
        min_length=1,
        max_length=MOST,
        description="A word of your own: sent again with the same body, it answers with the same link.",
    ),
]


@router.get("/projects/{slug}/invitations", operation_id="list_invitations", responses=responses(Forbidden))
async def listing(db: Reading, access: ReadProject, paging: Paged) -> Page[InvitationRead]:
    """The invitations that still take somebody in, newest first, without their links."""
    found = await service.listing(db, access, paging)
    return paging.cut(found, key=lambda each: each.id, item=InvitationRead.made)


@router.post(
    "/projects/{slug}/invitations",
    operation_id="create_invitation",
    status_code=HTTPStatus.CREATED,
    responses=responses(Forbidden),
)
async def create(
    request: Request, db: Writing, access: WriteProject, body: InvitationCreate, repeated: Repeated = None
) -> InvitationMade:
    """A link that makes whoever follows it and agrees a member; it is told this once."""
    settings: Settings = request.app.state.settings
    # Answers to repeated requests are kept as they are, and a link is not to be kept.
    parts = (access.viewer.name, access.project.id, repeated, body.model_dump_json()) if repeated else ()
    token = service.token_of(settings.cookie_secret.get_secret_value(), *parts)
    made = await service.add(
        db, access, token, role=body.role, note=body.note, days=body.days, uses=body.people
    )
    return InvitationMade.made(made, link=link_of(settings.public_url, token))


@router.delete(
    "/projects/{slug}/invitations/{invitation}",
    operation_id="revoke_invitation",
    status_code=HTTPStatus.NO_CONTENT,
    responses=responses(Forbidden),
)
async def revoke(db: Writing, access: WriteProject, invitation: InvitationId) -> None:
    """Takes an invitation back; who came by it stays a member."""
    await service.revoke(db, access, invitation)


@router.post("/join", operation_id="join_project", responses=responses(Gone))
async def join(db: Writing, viewer: CurrentViewer, body: Joining) -> ProjectRead:
    """Makes you a member of the project that an invitation is of; a higher role that you have stays."""
    return ProjectRead.of(await service.join(db, viewer, body.invitation))
