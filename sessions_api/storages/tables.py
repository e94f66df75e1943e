"""Storages of projects."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from sessions_api.kit.db import Base
from sessions_api.projects.tables import ID


class Storage(Base):
    """A storage that becomes a folder of /work.

    Attributes:
        kind: `folder`, `claim`, `nfs`, `csi` or `files`, as in `spawner.spec`.
        details: the fields that its kind has beyond name, folder and read_only, as `spawner.spec` names them.
    """

    __tablename__ = "storages"

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(100))
    folder: Mapped[str] = mapped_column(String(100))
    kind: Mapped[str] = mapped_column(String(20))
    details: Mapped[dict[str, Any]]
    read_only: Mapped[bool]
    created_by: Mapped[str] = mapped_column(String(255))
    created_at: Mapped[datetime]
    revision: Mapped[int] = mapped_column(default=1)
