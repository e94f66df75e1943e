"""What a row of a login is; each kind of login has a table of its own."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from sessions_api.kit.db import Base
from sessions_api.people.tables import PERSON
from sessions_api.projects.tables import ID


class HostLogin(Base):
    """What opens something at one host.

    Attributes:
        person: whose it is; None where it is the project's (`project_id`): one of the two is set.
        sealed: the token or password, encrypted with the installation's key.
    """

    __abstract__ = True

    @declared_attr.directive
    @classmethod
    def __table_args__(cls) -> tuple[Any, ...]:
        """One login for a host, of one owner."""
        return (
            UniqueConstraint("project_id", "host"),
            UniqueConstraint("person", "host"),
            CheckConstraint("(project_id IS NULL) <> (person IS NULL)", name="owner"),
        )

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    project_id: Mapped[str | None] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), index=True)
    person: Mapped[str | None] = mapped_column(PERSON, index=True)
    host: Mapped[str] = mapped_column(String(300))
    username: Mapped[str] = mapped_column(String(200))
    sealed: Mapped[str] = mapped_column(Text)
    created_by: Mapped[str] = mapped_column(PERSON)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    revision: Mapped[int] = mapped_column(default=1)
