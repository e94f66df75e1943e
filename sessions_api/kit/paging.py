"""Cursor paging: a page of rows, and where the next one starts."""

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import Annotated, Generic, TypeVar

from fastapi import Depends, Query
from pydantic import BaseModel

from sessions_api.kit.errors import Invalid

LIMIT = 100
MOST = 500
_DIGITS = 9
"""Of a number that every database can hold."""

Item = TypeVar("Item")
Row = TypeVar("Row")


class Page(BaseModel, Generic[Item]):
    """Some items of a list.

    Attributes:
        next: cursor of the next page; null on the last one.
    """

    items: list[Item]
    next: str | None = None


class Paging(BaseModel):
    """What part of a list is asked for; `after` is the sort key of the last row of the page before."""

    limit: int = LIMIT
    after: str | None = None

    @property
    def number(self) -> int | None:
        """`after` of a list that is sorted by a number.

        Raises:
            Invalid: the cursor is of another list.
        """
        if self.after is None:
            return None
        if not (self.after.isascii() and self.after.isdecimal() and len(self.after) <= _DIGITS):
            raise foreign()
        return int(self.after)

    def cut(
        self, rows: Sequence[Row], key: Callable[[Row], str], item: Callable[[Row], Item]
    ) -> "Page[Item]":
        """The page made of `rows`, which were read with `limit + 1`."""
        more = len(rows) > self.limit
        kept = rows[: self.limit]
        return Page(items=[item(row) for row in kept], next=encode(key(kept[-1])) if more else None)


def encode(key: str) -> str:
    """A sort key as a cursor; callers treat it as opaque."""
    return base64.urlsafe_b64encode(key.encode()).decode().rstrip("=")


def paging(
    limit: Annotated[int, Query(ge=1, le=MOST, description="How many items at most.")] = LIMIT,
    cursor: Annotated[
        str | None, Query(min_length=1, max_length=500, description="`next` of the page before.")
    ] = None,
) -> Paging:
    """The paging of a request.

    Raises:
        Invalid: the cursor is none of ours.
    """
    if cursor is None:
        return Paging(limit=limit)
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        after = base64.b64decode(padded, altchars=b"-_", validate=True).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError) as error:
        raise _unknown() from error
    if "\0" in after:
        raise _unknown()
    return Paging(limit=limit, after=after)


def _unknown() -> Invalid:
    return Invalid.field("cursor", "This cursor is not one of ours; start again without it.")


def foreign() -> Invalid:
    """What a cursor is refused with that belongs to a list sorted by something else."""
    return Invalid.field("cursor", "This cursor is of another list; start again without it.")


Paged = Annotated[Paging, Depends(paging)]
