"""A copy of a session in another project."""

from __future__ import annotations

from sojourn.client.models import Session


class CopiedSession(Session):
    """A session that was copied.

    Attributes:
        project: slug of the project that it is in.
        left_out: what did not come along, a sentence each.
    """

    project: str
    left_out: tuple[str, ...]
