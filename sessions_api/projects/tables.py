"""Projects and their members."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from sessions_api.kit.db import Base
from sessions_api.people.tables import PERSON

ID = String(26)
PRESENT = text("removed_at IS NULL")


class Project(Base):
    """A project; a removed one stays for the history of its runs and frees its slug.

    Attributes:
        visibility: `private` or `public` (everyone who can log in sees it and may launch its sessions).
        revision: counts edits; the ETag, and the row that writers of the project's parts lock.
    """

    __tablename__ = "projects"
    __table_args__ = (
        Index(
            "uq_projects_slug_present", "slug", unique=True, sqlite_where=PRESENT, postgresql_where=PRESENT
        ),
    )

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    slug: Mapped[str] = mapped_column(String(80))
    name: Mapped[str] = mapped_column(String(100))
    description: Mapped[str] = mapped_column(String(2000))
    visibility: Mapped[str] = mapped_column(String(10), index=True)
    created_by: Mapped[str] = mapped_column(PERSON)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]
    revision: Mapped[int] = mapped_column(default=1)


class Member(Base):
    """A person's role in a project: `viewer`, `editor` or `owner`."""

    __tablename__ = "members"

    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), primary_key=True)
    person: Mapped[str] = mapped_column(PERSON, primary_key=True, index=True)
    role: Mapped[str] = mapped_column(String(10))
    created_at: Mapped[datetime]


class ProjectGroup(Base):
    """A group of the hub's whose people belong to a project, with its role in it.

    Attributes:
        group: the hub's name of it.
    """

    __tablename__ = "project_groups"

    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), primary_key=True)
    group: Mapped[str] = mapped_column(PERSON, primary_key=True, index=True)
    role: Mapped[str] = mapped_column(String(10))
    created_at: Mapped[datetime]


class ProjectFolder(Base):
    """A folder of /work that a repository or storage of the project holds.

    Attributes:
        key: the folder in lower case: two names that differ only in case are one on some file systems.
    """

    __tablename__ = "project_folders"

    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), primary_key=True)
    key: Mapped[str] = mapped_column(String(100), primary_key=True)
