"""Reads a run's event stream."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from typing import NamedTuple

from httpx_sse import connect_sse

from tests.stack import Stack


class Event(NamedTuple):
    """A server-sent event."""

    id: str
    kind: str
    data: str


def events(
    stack: Stack,
    url: str,
    *,
    person: str | None = None,
    after: str | None = None,
    enough: Callable[[Event], bool] = lambda _: False,
) -> list[Event]:
    """The events until the stream ends or one is `enough`; `after` is the id of the last one seen before."""
    headers = {"Last-Event-ID": after} if after else {}
    seen = []
    with closing(stack.client(person)) as http, connect_sse(http, "GET", url, headers=headers) as stream:
        stream.response.raise_for_status()
        for sent in stream.iter_sse():
            event = Event(sent.id, sent.event, sent.data)
            seen.append(event)
            if event.kind == "end" or enough(event):
                break
    return seen
