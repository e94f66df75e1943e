"""Environments and their versions."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from sessions_api.kit.db import Base
from sessions_api.projects.tables import ID


class Environment(Base):
    """What people choose: a name for a line of versions. It belongs to no project.

    Attributes:
        default: whether it is offered first when a session is added.
    """

    __tablename__ = "environments"

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    name: Mapped[str] = mapped_column(String(100))
    description: Mapped[str] = mapped_column(String(2000))
    keywords: Mapped[list[Any]]
    default: Mapped[bool]
    created_by: Mapped[str] = mapped_column(String(255))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    revision: Mapped[int] = mapped_column(default=1)


class EnvironmentVersion(Base):
    """One immutable version: what it is made of and how to run it.

    Attributes:
        digest: `sha256:…` of what it is made of.
        requirements: pinned requirements, as in a requirements file.
        front_end: the program people land in.
        command: program and arguments.
        default_url: path below a session's URL that opens first.
    """

    __tablename__ = "environment_versions"
    __table_args__ = (UniqueConstraint("environment_id", "number"),)

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    environment_id: Mapped[str] = mapped_column(ForeignKey("environments.id", ondelete="CASCADE"), index=True)
    number: Mapped[int]
    digest: Mapped[str] = mapped_column(String(80))
    requirements: Mapped[str] = mapped_column(Text)
    front_end: Mapped[str] = mapped_column(String(100))
    command: Mapped[list[Any]]
    default_url: Mapped[str] = mapped_column(String(500))
    created_by: Mapped[str] = mapped_column(String(255))
    created_at: Mapped[datetime]
