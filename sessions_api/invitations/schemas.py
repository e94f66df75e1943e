"""Invitations as JSON."""

from datetime import datetime
from typing import Annotated, Literal, Self
from urllib.parse import parse_qs, quote

from pydantic import AfterValidator, Field, StringConstraints

from sessions_api.invitations.tables import Invitation
from sessions_api.kit.schemas import Note, Schema

PATH = "/join"
PARAMETER = "invitation"
MOST_DAYS = 90
MOST_PEOPLE = 1000


def link_of(public_url: str, token: str) -> str:
    """What is sent to whom it invites. Paths are written into logs, so the token is none of its path."""
    return f"{public_url}{PATH}?{PARAMETER}={quote(token)}"


def token_in(given: str) -> str:
    """The token of a link, or what may be one by itself."""
    asked = parse_qs(given.partition("?")[2]).get(PARAMETER)
    return asked[0] if asked else given


Token = Annotated[
    str,
    StringConstraints(min_length=1, max_length=1000, strip_whitespace=True),
    AfterValidator(token_in),
    Field(description="The link of an invitation, or what it carries."),
]
InvitedRole = Literal["viewer", "editor"]


class InvitationCreate(Schema):
    """A new invitation.

    Attributes:
        note: whom it is for; its owners read it, whoever has the link does not.
        days: how long it takes people in.
        people: how many it takes in at most.
    """

    role: InvitedRole = "viewer"
    note: Note = ""
    days: Annotated[int, Field(ge=1, le=MOST_DAYS)] = 7
    people: Annotated[int, Field(ge=1, le=MOST_PEOPLE)] = 1


class InvitationRead(Schema):
    """An invitation, without what its link carries.

    Attributes:
        people: how many it takes in at most.
        joined: how many came by it.
    """

    id: str
    role: InvitedRole
    note: str
    people: int
    joined: int
    created_by: str
    created_at: datetime
    expires_at: datetime

    @classmethod
    def made(cls, invitation: Invitation, **more: str) -> Self:
        """The invitation; `more` is what is told once."""
        return cls(
            id=invitation.id,
            role="editor" if invitation.role == "editor" else "viewer",
            note=invitation.note,
            people=invitation.most_uses,
            joined=invitation.uses,
            created_by=invitation.created_by,
            created_at=invitation.created_at,
            expires_at=invitation.expires_at,
            **more,
        )


class InvitationMade(InvitationRead):
    """A new invitation with its link, which is told this once."""

    link: str


class Joining(Schema):
    """What somebody joins a project with."""

    invitation: Token
