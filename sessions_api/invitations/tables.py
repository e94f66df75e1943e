"""Invitations."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from sessions_api.kit.db import Base
from sessions_api.people.tables import PERSON
from sessions_api.projects.tables import ID


class Invitation(Base):
    """A link into a project.

    Attributes:
        key: SHA-256 of what the link carries, so that this table lets nobody in.
        role: what whoever follows it becomes: `viewer` or `editor`.
        note: whom it is for, in the words of who made it.
        most_uses: how many people it takes in.
        uses: how many it has.
        revoked_at: when an owner took it back.
    """

    __tablename__ = "invitations"

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), index=True)
    key: Mapped[str] = mapped_column(String(64), unique=True)
    role: Mapped[str] = mapped_column(String(10))
    note: Mapped[str] = mapped_column(String(100))
    most_uses: Mapped[int]
    uses: Mapped[int]
    created_by: Mapped[str] = mapped_column(PERSON)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]

    @property
    def name(self) -> str:
        """What the audit log and pages call it."""
        return self.note or f"as {self.role}"
