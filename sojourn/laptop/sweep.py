"""Ends sessions whose run is over: nothing runs that the database does not know."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterable

import httpx

from sojourn.laptop.data import DataFolder
from sojourn.laptop.internal_api import InternalApi
from spawner.containers import records
from spawner.containers.engine import Engine, EngineError, remove
from spawner.left import RECORDS, Left
from spawner.processes import ProcessRecord

EVERY_SECONDS = 5.0
_LOST_EVERY = 12
"""Of so many sweeps one looks for containers that nothing is written down of: asking an engine takes long."""

_GRACE_SECONDS = 5.0


def session_processes(data: DataFolder) -> list[ProcessRecord]:
    """The records of all processes that the data folder's sessions have, or had."""
    return [left.process for left in left_of_sessions(data) if left.process is not None]


def left_of_sessions(data: DataFolder) -> list[Left]:
    """What the data folder's sessions have, or had, on this computer."""
    folders = {path.parent for name in RECORDS for path in data.runs.glob(f"*/{name}")}
    return [left for folder in sorted(folders) if (left := Left.read(folder))]


async def sweep_forever(data: DataFolder, api: InternalApi, engine: Engine | None) -> None:
    """Sweeps every few seconds until it is cancelled."""
    count = 0
    while True:
        await asyncio.sleep(EVERY_SECONDS)
        with contextlib.suppress(httpx.HTTPError):  # who cannot be asked has not said that a run is over
            await sweep(data, api)
            if engine is not None and count % _LOST_EVERY == 0:
                await sweep_containers(data, api, engine)
            count += 1


async def sweep(data: DataFolder, api: InternalApi) -> None:
    """Ends what belongs to runs that are not live.

    Raises:
        httpx.HTTPError: the API gave no good answer, and nothing was ended.
    """
    found = left_of_sessions(data)
    if found:
        live = await api.live([left.run for left in found])
        await end_sessions(left for left in found if left.run not in live)


async def sweep_containers(data: DataFolder, api: InternalApi, engine: Engine) -> None:
    """Ends containers that carry this data folder's label and belong to runs that are not live.

    Raises:
        httpx.HTTPError: the API gave no good answer, and nothing was ended.
    """
    # An engine that does not answer now is asked again.
    with contextlib.suppress(EngineError):
        containers = await records.runs_of(engine, data.installation)
        live = await api.live(containers) if containers else set()
        for run, names in containers.items():
            if run not in live:
                await remove(engine.command, names, _GRACE_SECONDS)


async def end_sessions(sessions: Iterable[Left]) -> None:
    """Ends what these runs have, and forgets it; what an engine does not end now is the next sweep's."""
    ended = await asyncio.gather(*(left.end(_GRACE_SECONDS) for left in sessions), return_exceptions=True)
    for trouble in ended:
        if isinstance(trouble, BaseException) and not isinstance(trouble, EngineError):
            raise trouble
