"""Logins: what a browser's cookie stands for."""

from datetime import datetime
from typing import Any

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from sessions_api.kit.db import Base

PERSON = String(255)
"""A user name of the hub's."""


class Login(Base):
    """One browser that logged in.

    Attributes:
        key: SHA-256 of the cookie's value, so that this table lets nobody in.
        csrf: what this login's forms carry.
        hub_token: sealed, of who administered the platform when they logged in: by it the hub tells whether
            they still do, where a role of the hub's says so.
        groups: what the hub said when they logged in, as is `admin`; asked anew while the hub answers.
    """

    __tablename__ = "logins"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    person: Mapped[str] = mapped_column(PERSON, index=True)
    groups: Mapped[list[Any]]
    admin: Mapped[bool]
    hub_token: Mapped[str | None] = mapped_column(Text)
    csrf: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
