"""Session configurations."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from sessions_api.kit.db import Base
from sessions_api.projects.tables import ID, PRESENT

DEFAULT = text("is_default AND removed_at IS NULL")


class Session(Base):
    """An environment in a project. A removed one stays for the history of its runs and frees its slug.

    Attributes:
        version_id: the environment's version it is pinned to.
        front_end: name of the one that it runs; None is the version's own.
        resource_class_id: None is of no class: then `cpus` and `memory_gib` count, where None is no limit.
        disk_gib: size of /work; None is the class's, else the installation's.
        repositories: None is all of the project's; else `{repository id: ref or None}`.
        storages: None is all of the project's; else a list of storage ids, or of
            `{"id": …, "read_only": true}`.
        variables: environment variables.
        idle_minutes: after how many minutes without activity it pauses; 0 is never, None the installation's.
        life_hours: after how many hours since its start or resume it pauses, likewise.
        is_default: whether the project's *Start session* starts it; one of a project's sessions is.
    """

    __tablename__ = "sessions"
    __table_args__ = (
        Index(
            "uq_sessions_slug_present",
            "project_id",
            "slug",
            unique=True,
            sqlite_where=PRESENT,
            postgresql_where=PRESENT,
        ),
        Index(
            "uq_sessions_one_default",
            "project_id",
            unique=True,
            sqlite_where=DEFAULT,
            postgresql_where=DEFAULT,
        ),
    )

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), index=True)
    slug: Mapped[str] = mapped_column(String(80))
    name: Mapped[str] = mapped_column(String(100))
    description: Mapped[str] = mapped_column(String(2000))
    environment_id: Mapped[str] = mapped_column(ForeignKey("environments.id"), index=True)
    version_id: Mapped[str] = mapped_column(ForeignKey("environment_versions.id"), index=True)
    front_end: Mapped[str | None] = mapped_column(String(100))
    resource_class_id: Mapped[str | None] = mapped_column(ForeignKey("resource_classes.id"), index=True)
    cpus: Mapped[float | None]
    memory_gib: Mapped[float | None]
    disk_gib: Mapped[float | None]
    repositories: Mapped[dict[str, Any] | None]
    storages: Mapped[list[Any] | None]
    variables: Mapped[dict[str, Any]]
    idle_minutes: Mapped[float | None]
    life_hours: Mapped[float | None]
    is_default: Mapped[bool]
    created_by: Mapped[str] = mapped_column(String(255))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]
    revision: Mapped[int] = mapped_column(default=1)
