"""Secrets of projects. Values are encrypted here and leave only towards a launch."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from sessions_api.kit.db import Base
from sessions_api.people.tables import PERSON
from sessions_api.projects.tables import ID


class Secret(Base):
    """A secret that sessions of the project's members get as a file, and as a variable if asked.

    Attributes:
        name: of the file.
        variable: of the environment; None: the file only.
        sealed: the value, encrypted with the installation's key.
    """

    __tablename__ = "secrets"
    __table_args__ = (UniqueConstraint("project_id", "name"), UniqueConstraint("project_id", "variable"))

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(100))
    variable: Mapped[str | None] = mapped_column(String(100))
    sealed: Mapped[str] = mapped_column(Text)
    created_by: Mapped[str] = mapped_column(PERSON)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    revision: Mapped[int] = mapped_column(default=1)
