"""What can be asked of the API about invitations: their links are told once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sojourn.client.call import Call, Pages, nothing, path_of
from sojourn.client.models import Answer


class Invitation(Answer):
    """A link that makes whoever follows it and agrees a member.

    Attributes:
        role: `viewer` or `editor`.
        note: whom it is for.
        people: how many it takes in at most.
        joined: how many came by it.
        link: what is sent to them; None but where it has just been made.
    """

    id: str
    role: str
    note: str
    people: int
    joined: int
    created_by: str
    created_at: datetime
    expires_at: datetime
    link: str | None = None


@dataclass(frozen=True, slots=True)
class InvitationCalls:
    """Invitations into one project."""

    project: str

    def list(self) -> Pages[Invitation]:
        """Those that still take somebody in, newest first, without their links."""
        return Pages(self._at(), Invitation)

    def create(
        self, *, role: str = "viewer", note: str = "", days: int = 7, people: int = 1
    ) -> Call[Invitation]:
        """A new one, with its link.

        Args:
            role: what whoever follows it becomes: `viewer` or `editor`.
            note: whom it is for.
            days: how long it takes people in.
            people: how many it takes in at most.
        """
        body = {"role": role, "note": note, "days": days, "people": people}
        return Call("POST", self._at(), Invitation.read, body)

    def revoke(self, invitation: str) -> Call[None]:
        """Takes one back, by its id; who came by it stays a member."""
        return Call("DELETE", self._at(invitation), nothing)

    def _at(self, *parts: str) -> str:
        return path_of("projects", self.project, "invitations", *parts)
