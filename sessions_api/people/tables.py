"""Logins: what a browser's cookie stands for."""

from datetime import datetime
from typing import Any

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from sessions_api.kit.db import Base

PERSON = String(255)
"""A user name of the hub's."""


class Login(Base):
    """One browser that logged in.

    Attributes:
        key: SHA-256 of the cookie's value, so that this table lets nobody in.
        csrf: what this login's forms carry.
        groups: what the hub said when they logged in, as is `admin`; asked anew while the hub answers.
    """

    __tablename__ = "logins"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    person: Mapped[str] = mapped_column(PERSON, index=True)
    groups: Mapped[list[Any]]
    admin: Mapped[bool]
    csrf: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
