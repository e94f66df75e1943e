"""One request of the API, before it is sent: a `Call`, `Pages` of a list, or a `Stream` of events."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar
from urllib.parse import quote

from httpx_sse import ServerSentEvent

from sojourn.client.errors import Invalid
from sojourn.client.models import Answer

T = TypeVar("T")
Model = TypeVar("Model", bound=Answer)

Body = Mapping[str, Any] | None
Read = Callable[[Mapping[str, Any], str | None], T]


@dataclass(frozen=True, slots=True)
class Call(Generic[T]):
    """One request; `read` makes the answer of its JSON body and ETag.

    Attributes:
        seconds: for the answer, where it may take longer than others do.
    """

    method: str
    path: str
    read: Read[T]
    body: Body = None
    params: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Pages(Generic[Model]):
    """A list that comes in pages."""

    path: str
    item: type[Model]
    params: Mapping[str, Any] = field(default_factory=dict)

    def page(self, cursor: str | None) -> Call[tuple[list[Model], str | None]]:
        """The request of one page; answers with its items and the cursor of the next page."""
        params = {**self.params, "cursor": cursor} if cursor else self.params
        return Call("GET", self.path, self._read, params=params)

    def _read(self, body: Mapping[str, Any], _etag: str | None) -> tuple[list[Model], str | None]:
        return [self.item.read(item) for item in body["items"]], body.get("next")


@dataclass(frozen=True, slots=True)
class Stream(Generic[T]):
    """A request that is answered with events; `read` makes what is told of one, None of what is not."""

    method: str
    path: str
    read: Callable[[ServerSentEvent], T | None]
    body: Body = None
    headers: Mapping[str, str] = field(default_factory=dict)


def path_of(*parts: str) -> str:
    """The path of a thing, by the names on the way to it.

    Raises:
        Invalid: one of them is the name of nothing.
    """
    for part in parts:
        if part in {"", ".", ".."}:  # a path would lose them, and mean something else
            raise Invalid(f"{part!r} is the name of nothing.", code="not_a_name")
    return "/".join(["", *(quote(part, safe="") for part in parts)])


def given(**values: Any) -> dict[str, Any]:
    """What is not None."""
    return {name: value for name, value in values.items() if value is not None}


def match(etag: str | None) -> Mapping[str, str]:
    """Headers of an edit that is based on a state."""
    return {"If-Match": etag} if etag else {}


def nothing(_body: Mapping[str, Any], _etag: str | None) -> None:
    """Reads an answer without content."""
