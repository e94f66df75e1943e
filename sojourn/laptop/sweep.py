"""Ends processes of sessions whose run is over: nothing runs that the database does not know."""

from __future__ import annotations

import asyncio

import httpx

from sojourn.laptop.data import DataFolder
from sojourn.laptop.internal_api import InternalApi
from spawner.processes import ProcessRecord, end_record

EVERY_SECONDS = 5.0
_GRACE_SECONDS = 5.0


def session_processes(data: DataFolder) -> list[ProcessRecord]:
    """The records of all processes that the data folder's sessions have, or had."""
    records = (ProcessRecord.read(path) for path in data.runs.glob("*/process.json"))
    return [record for record in records if record is not None]


async def sweep_forever(data: DataFolder, api: InternalApi) -> None:
    """Sweeps every few seconds until it is cancelled."""
    while True:
        await asyncio.sleep(EVERY_SECONDS)
        try:
            await sweep(data, api)
        except httpx.HTTPError:
            continue  # who cannot be asked has not said that a run is over


async def sweep(data: DataFolder, api: InternalApi) -> None:
    """Ends what belongs to runs that are not live.

    Raises:
        httpx.HTTPError: the API gave no good answer, and nothing was ended.
    """
    records = session_processes(data)
    if not records:
        return
    live = await api.live([record.run for record in records])
    await end_sessions(data, [record for record in records if record.run not in live])


async def end_sessions(data: DataFolder, records: list[ProcessRecord]) -> None:
    """Ends these processes with all that belongs to them, and forgets them."""
    await asyncio.gather(*(end_record(record, _GRACE_SECONDS) for record in records))
    for record in records:
        record.remove(data.runs / record.run)
