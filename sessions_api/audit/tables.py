"""The audit log."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from sessions_api.kit.db import Base
from sessions_api.people.tables import PERSON

ID = String(26)
NUMBER = BigInteger().with_variant(Integer, "sqlite")


class AuditEntry(Base):
    """One deed. The database refuses to change or delete it; it names things, and outlives them.

    Attributes:
        id: counts them, in the order in which they were written.
        by: `person`; `hub`: what JupyterHub told; `system`: Sojourn by itself.
        person: who, where it was a person.
        verb: an `audit.verbs.Verb`.
        project_id, project_slug: where; None: nowhere but on the platform.
        thing_id: what it was done to; None: that has no id, as members.
        name: what people call that: a name, a host, a user name.
        details: what more there is to say, never a value that is secret.
    """

    __tablename__ = "audit_entries"
    __table_args__ = (
        Index(None, "project_id", "id"),
        Index(None, "person", "id"),
        Index(None, "verb", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(NUMBER, primary_key=True, autoincrement=True)
    at: Mapped[datetime]
    by: Mapped[str] = mapped_column(String(10))
    person: Mapped[str | None] = mapped_column(PERSON)
    verb: Mapped[str] = mapped_column(String(40))
    project_id: Mapped[str | None] = mapped_column(ID)
    project_slug: Mapped[str | None] = mapped_column(String(80))
    thing_id: Mapped[str | None] = mapped_column(ID)
    name: Mapped[str] = mapped_column(String(300))
    details: Mapped[dict[str, Any]]

    @property
    def kind(self) -> str:
        """What kind of thing it was done to."""
        return self.verb.partition(".")[0]
