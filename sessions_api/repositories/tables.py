"""Repositories of projects."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from sessions_api.kit.db import Base
from sessions_api.projects.tables import ID


class Repository(Base):
    """A git repository that becomes a folder of /work.

    Attributes:
        ref: branch, tag or commit; None is the repository's default branch.
        shallow: whether sessions get it without its history.
    """

    __tablename__ = "repositories"

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), index=True)
    url: Mapped[str] = mapped_column(String(2000))
    ref: Mapped[str | None] = mapped_column(String(255))
    folder: Mapped[str] = mapped_column(String(100))
    shallow: Mapped[bool]
    created_by: Mapped[str] = mapped_column(String(255))
    created_at: Mapped[datetime]
    revision: Mapped[int] = mapped_column(default=1)
