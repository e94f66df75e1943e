"""What the spawner and the laptop's supervisor ask, with a token of their own."""

import asyncio
import hmac
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import JSONResponse
from pydantic import Field

from sessions_api.kit.errors import Unauthenticated
from sessions_api.kit.schemas import Schema
from sessions_api.kit.transactions import Reading, Writing, database, identified
from sessions_api.repositories.dependencies import RepositoryRules
from sessions_api.runs import handout, intake, service, wishes
from sessions_api.runs.usage import service as usage
from sessions_api.runs.usage.samples import Sample
from spawner.part import lean
from spawner.reports import Reports, Usage, Wish

LOOK_AGAIN = 2.0
"""Seconds between two looks at what another process may have written."""


async def _spawner_only(request: Request) -> None:
    token = request.app.state.settings.spawner_token.get_secret_value()
    given = request.headers.get("Authorization", "")
    if not hmac.compare_digest(given.encode(), f"token {token}".encode()):
        raise Unauthenticated("This is for the spawner.")
    identified(request)


router = APIRouter(prefix="/internal", include_in_schema=False, dependencies=[Depends(_spawner_only)])


class RunIds(Schema):
    """Ids of runs."""

    runs: Annotated[list[str], Field(max_length=10_000)]


@router.get("/runs/{run_id}/launch-spec")
async def launch_spec(db: Reading, run_id: str) -> JSONResponse:
    """The frozen spec of a run that is to be launched."""
    _, spec = await intake.launching(db, run_id)
    return JSONResponse(lean(spec))


@router.get("/runs/{run_id}/secrets")
async def secrets(request: Request, db: Reading, rules: RepositoryRules, run_id: str) -> JSONResponse:
    """What is secret of a run that is to be launched."""
    found = await handout.run_secrets(db, run_id, rules, request.app.state.settings.sealer)
    return JSONResponse(lean(found))


@router.post("/runs/{run_id}/reports", status_code=HTTPStatus.NO_CONTENT)
async def reports(db: Writing, run_id: str, body: Reports) -> None:
    """What happened to a launch."""
    await intake.take(db, run_id, body)


@router.post("/runs/{run_id}/usage", status_code=HTTPStatus.NO_CONTENT)
async def used(db: Writing, run_id: str, body: Usage) -> None:
    """What a session on this computer uses; what does not run uses nothing."""
    await usage.take(db, [Sample(run_id, body.attempt, body.cpus, body.memory_bytes, body.disk_bytes)])


@router.get("/runs/{run_id}/wish")
async def wish(request: Request, run_id: str, wait: Annotated[float, Query(ge=0, le=60)] = 25) -> Wish:
    """What is wished of a run: answers when that is not `run`, or after `wait` seconds."""
    data = database(request)
    until = asyncio.get_running_loop().time() + wait
    with data.bus.subscribe(service.run_topic(run_id)) as changed:
        while True:
            async with data.read() as db:
                wished = await service.wish_of(db, run_id)
            left = until - asyncio.get_running_loop().time()
            if wished.wish != "run" or left <= 0:
                return wished
            await changed.wait(min(left, LOOK_AGAIN))


@router.post("/runs/live")
async def live(db: Reading, body: RunIds) -> dict[str, list[str]]:
    """Those of the runs that are live."""
    return {"live": sorted(await service.live_ids(db, body.runs))}


@router.post("/pause-all")
async def pause_all(db: Writing) -> dict[str, int]:
    """Asks for the pause of everything that is live: Sojourn on this computer is about to end."""
    return {"runs": await wishes.pause_all(db)}
