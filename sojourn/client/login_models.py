"""Logins of other hosts, as models."""

from __future__ import annotations

from datetime import datetime

from sojourn.client.models import Answer


class HostLogin(Answer):
    """A login of a host, without what is secret of it."""

    id: str
    host: str
    username: str
    created_by: str
    created_at: datetime
    updated_at: datetime


class GitLogin(HostLogin):
    """A login of a git host, without its token."""


class RegistryLogin(HostLogin):
    """A login of an image registry, without its password."""
