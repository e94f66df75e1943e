"""Shares of running sessions."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from sessions_api.kit.db import Base
from sessions_api.people.tables import PERSON
from sessions_api.projects.tables import ID

OPEN = text("ended_at IS NULL")


class RunShare(Base):
    """What somebody wishes of one attempt of their run: that a person is let in.

    Attributes:
        person: who is let in.
        expires_at: until when.
        ended_at: when it was over: taken back, or found to be out of time or without its run or member.
        granted_at: when JupyterHub was first seen to let them in.
        withdrawn_at: when JupyterHub was seen to let them in no more, after it had ended.
    """

    __tablename__ = "run_shares"
    __table_args__ = (
        Index(
            "uq_run_shares_open",
            *("run_id", "attempt", "person"),
            unique=True,
            sqlite_where=OPEN,
            postgresql_where=OPEN,
        ),
    )

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    run_id: Mapped[str] = mapped_column(ForeignKey("runs.id", ondelete="CASCADE"), index=True)
    attempt: Mapped[int]
    person: Mapped[str] = mapped_column(PERSON, index=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    granted_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None] = mapped_column(index=True)
