"""Server-sent events: a run's own, and "something changed" for a whole project page."""

import asyncio
from collections.abc import AsyncIterator

from sse_starlette import EventSourceResponse, JSONServerSentEvent, ServerSentEvent

from sessions_api.kit.db import Database
from sessions_api.kit.errors import Invalid
from sessions_api.people.viewer import Viewer
from sessions_api.projects.service import topic as project_topic
from sessions_api.resources.editing import TOPIC as OFFERS
from sessions_api.runs import metrics, service, store
from sessions_api.runs.states import is_settled
from sessions_api.runs.tables import RunEvent

BATCH = 500
DIGITS = 18
PACE = 1.0
"""Seconds between two events about everybody's runs: on a busy platform something changes all the time."""
LOOK_AGAIN = 2.0
"""Seconds between two looks at what another process may have written."""


def position(last_event_id: str | None) -> int:
    """Where a stream goes on.

    Raises:
        Invalid: the id is none of ours.
    """
    if not last_event_id:
        return 0
    if not last_event_id.isdecimal() or len(last_event_id) > DIGITS:
        raise Invalid.field("Last-Event-ID", "This is not the id of one of our events; start without it.")
    return int(last_event_id)


def run_events(database: Database, run_id: str, after: int) -> EventSourceResponse:
    """All events of a run after one, then the new ones; ends with `end` once the run is over."""
    return EventSourceResponse(_run_events(database, run_id, after), ping=15, sep="\n")


async def _run_events(database: Database, run_id: str, after: int) -> AsyncIterator[ServerSentEvent]:
    with metrics.STREAMS.track_inprogress(), database.bus.subscribe(service.run_topic(run_id)) as changed:
        while True:
            # The phase is read before the events: an end that is seen here has its events in what follows.
            async with database.read() as db:
                run = await store.get(db, run_id)
            async with database.read() as db:
                found = await store.events(db, run_id, after, BATCH)
            for event in found:
                after = event.id
                yield _as_sse(event)
            if len(found) == BATCH:
                continue
            if run is None or is_settled(run.phase, run.wish):
                yield ServerSentEvent(event="end", data="", id=str(after))
                return
            await changed.wait(LOOK_AGAIN)


def _as_sse(event: RunEvent) -> ServerSentEvent:
    data = {"at": event.at.isoformat(), "attempt": event.attempt, **event.data}
    return JSONServerSentEvent(event=event.kind, id=str(event.id), data=data)


def project_changes(database: Database, viewer: Viewer, project_id: str) -> EventSourceResponse:
    """`changed` whenever the project, or the status of one of the viewer's own runs, did."""
    topics = (project_topic(project_id), service.person_topic(viewer.name))
    return EventSourceResponse(_changes(database, topics), ping=15, sep="\n")


async def _changes(
    database: Database, topics: tuple[str, ...], pause: float = 0
) -> AsyncIterator[ServerSentEvent]:
    """`pause`: seconds between two events at least, where much changes that one look shows."""
    with metrics.STREAMS.track_inprogress(), database.bus.subscribe(*topics) as changed:
        # The page may be older than this connection.
        yield ServerSentEvent(event="changed", data="")
        while True:
            if await changed.wait(3600):
                yield ServerSentEvent(event="changed", data="")
                await asyncio.sleep(pause)


def everybodys_changes(database: Database) -> EventSourceResponse:
    """`changed` whenever anybody's run did, or what is offered, a second after the one before at least."""
    return EventSourceResponse(_changes(database, (service.ADMINS, OFFERS), PACE), ping=15, sep="\n")


def person_changes(database: Database, viewer: Viewer) -> EventSourceResponse:
    """`changed` whenever the status of one of the viewer's own runs did."""
    return EventSourceResponse(_changes(database, (service.person_topic(viewer.name),)), ping=15, sep="\n")
