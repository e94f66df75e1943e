"""Logins of other hosts, as models."""

from __future__ import annotations

from datetime import datetime

from sojourn.client.models import Answer


class GitLogin(Answer):
    """A login of a git host, without its token."""

    id: str
    host: str
    username: str
    created_by: str
    created_at: datetime
    updated_at: datetime


class RegistryLogin(Answer):
    """A login of an image registry, without its password."""

    id: str
    host: str
    username: str
    created_by: str
    created_at: datetime
    updated_at: datetime
