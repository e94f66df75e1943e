"""Checks of images over HTTP, as a stream of their steps."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import asdict

from fastapi import APIRouter, Request
from sse_starlette import EventSourceResponse, JSONServerSentEvent

from sessions_api.environments.checks.check import Checked, Refused, Step
from sessions_api.environments.checks.keeping import checked_for
from sessions_api.environments.checks.schemas import CheckCreate, CheckRead
from sessions_api.environments.checks.telling import BODY_READ_SECONDS
from sessions_api.environments.dependencies import ImageRules
from sessions_api.kit.errors import Invalid, Unauthenticated, responses
from sessions_api.kit.transactions import database
from sessions_api.people.dependencies import CurrentViewer
from sessions_api.registry.references import parse
from sessions_api.secrets.dependencies import Sealing

router = APIRouter(
    prefix="/environments", tags=["environments"], responses=responses(Unauthenticated, Invalid)
)


@router.post("/check", operation_id="check_image", response_class=EventSourceResponse)
async def check_image(
    request: Request,
    viewer: CurrentViewer,
    body: CheckCreate,
    rules: ImageRules,
    sealer: Sealing,
) -> EventSourceResponse:
    """Looks at an image where it is: `step` events, then `checked` with the verdict, or `refused`.

    `checked` carries the version that an environment can be made from. Of the image only what is in it is
    kept, by its digest. Without `login` your own registry login for the image's registry is used, if you
    have one.
    """
    login = None if body.login is None else body.login.given()
    steps = checked_for(database(request), viewer, parse(body.image), rules=rules, sealer=sealer, login=login)
    await asyncio.sleep(BODY_READ_SECONDS)
    return EventSourceResponse(_events(steps), ping=15, sep="\n")


async def _events(steps: AsyncIterator[Step | Checked | Refused]) -> AsyncIterator[JSONServerSentEvent]:
    async for said in steps:
        match said:
            case Step():
                yield JSONServerSentEvent(event="step", data=asdict(said))
            case Checked():
                yield JSONServerSentEvent(event="checked", data=CheckRead.made(said).model_dump(mode="json"))
            case Refused(reason):
                yield JSONServerSentEvent(event="refused", data=reason.model_dump(mode="json"))
