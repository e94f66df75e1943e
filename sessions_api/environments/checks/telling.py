"""Routes of pages that look at an image: their answer, or for the script its steps and then the answer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import asdict
from typing import Any

from fastapi import Request
from fastapi.responses import Response
from fastapi.routing import APIRoute
from sse_starlette import EventSourceResponse, JSONServerSentEvent

from sessions_api.environments.checks.check import Step
from sessions_api.kit.errors import Problem

BODY_READ_SECONDS = 0.05
"""Until a proxy has seen the end of what it forwards.

One that is written in Go closes a request's body when the answer begins, also while it still reads it to
its end (`net/http`, see `ResponseController.EnableFullDuplex`), and then gives up the answer. One that
streams is cut by that: Traefik did so to one of a hundred, and to none of six hundred that waited.
"""

_STREAM = "text/event-stream"


def tell(request: Request, step: Step) -> None:
    """Tells a step of a check to whoever watches it."""
    watched: asyncio.Queue[Step | None] | None = getattr(request.state, "steps", None)
    if watched is not None:
        watched.put_nowait(step)


class WatchedRoute(APIRoute):
    """A page's route: of a request for `text/event-stream` the answer is `step` events and then the `page`.

    The page is whatever the route would have answered else, as HTML. An answer that is no page (a refusal by
    another part of Sojourn) ends the stream without one: then the form is sent as without a script.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The route's handler behind a look at what is asked for."""
        handler = super().get_route_handler()

        async def handle(request: Request) -> Response:
            if _STREAM not in request.headers.get("Accept", ""):
                return await handler(request)
            # The answer listens for the end of the connection, and would take what is left of the body.
            await request.body()
            request.state.steps = asyncio.Queue()
            await asyncio.sleep(BODY_READ_SECONDS)
            return EventSourceResponse(_events(request, handler), ping=15, sep="\n")

        return handle


async def _events(
    request: Request, handler: Callable[[Request], Coroutine[Any, Any, Response]]
) -> AsyncIterator[JSONServerSentEvent]:
    steps: asyncio.Queue[Step | None] = request.state.steps
    answering = asyncio.create_task(handler(request))
    answering.add_done_callback(lambda _: steps.put_nowait(None))
    try:
        while (step := await steps.get()) is not None:
            yield JSONServerSentEvent(event="step", data=asdict(step))
    finally:
        answering.cancel()
    try:
        answer = await answering
    except Problem:
        return
    if answer.media_type == "text/html":
        yield JSONServerSentEvent(event="page", data=bytes(answer.body).decode())
