"""What pages show of invitations."""

from __future__ import annotations

from dataclasses import dataclass

from sessions_api.web.parts import Crumb


@dataclass(frozen=True, slots=True)
class InvitationForm:
    """The form of a new invitation."""

    crumbs: tuple[Crumb, ...]
    project: str
    back: str
    most_days: int
    most_people: int


@dataclass(frozen=True, slots=True)
class MadeInvitation:
    """A link that is shown once.

    Attributes:
        facts: sentences on whom it takes in, and until when.
    """

    crumbs: tuple[Crumb, ...]
    link: str
    facts: tuple[str, ...]
    back: str
