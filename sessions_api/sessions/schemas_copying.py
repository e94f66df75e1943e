"""Copies of sessions in other projects, as JSON."""

from typing import Annotated

from pydantic import Field

from sessions_api.kit.schemas import Name, Schema
from sessions_api.sessions.schemas import SessionRead


class SessionCopy(Schema):
    """Where a copy goes, by the project's slug, and its name; without one, that of the session."""

    project: Annotated[str, Field(min_length=1, max_length=80)]
    name: Name | None = None


class CopyPlan(Schema):
    """What a copy in another project would be.

    Attributes:
        name: a free one.
        left_out: what does not come along, a sentence each.
    """

    project: str
    name: Name
    left_out: list[str]


class SessionCopied(SessionRead):
    """A copy of a session in another project.

    Attributes:
        project: slug of that project.
        left_out: what did not come along, a sentence each.
    """

    project: str
    left_out: list[str]
