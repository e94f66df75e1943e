"""ETags: who edits something says which state of it they saw."""

from typing import Annotated

from fastapi import Header

from sessions_api.kit.errors import Stale

IfMatch = Annotated[
    str | None, Header(alias="If-Match", max_length=200, description="The ETag that the edit is based on.")
]


def etag(revision: int) -> str:
    """The ETag of a thing's revision."""
    return f'"{revision}"'


def require(if_match: str | None, revision: int, thing: str) -> None:
    """Lets an edit through that is based on the present revision, or says nothing about it.

    Raises:
        Stale: the edit is based on an older revision.
    """
    if if_match is not None and if_match != "*" and etag(revision) not in if_match.split(", "):
        raise Stale(
            f"{thing} was changed since you opened it.", hint="Reload it and make the change again on top."
        )
