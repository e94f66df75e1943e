"""A session that starts at a time of its person's is started once, whoever is killed meanwhile."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from tests.truth.installation import Installation

pytestmark = pytest.mark.postgres

DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


@pytest.mark.parametrize("seconds", [-1.0, 0.2, 4.0])
def test_a_start_at_its_time_happens_once_though_all_replicas_are_killed(
    replicated: Installation, seconds: float
) -> None:
    async def started() -> list[str]:
        return [run["session"] for run in await replicated.runs("ann") if run["project"] == project]

    async def once() -> bool:
        return len(await started()) == 1

    async def story() -> None:
        nonlocal project
        session = await replicated.new_session("ann")
        project = session.split("/")[2]
        due = (replicated.loop.now() + timedelta(minutes=2)).replace(second=0, microsecond=0)
        body = {"zone": "UTC", "start": {"at": f"{due:%H:%M}", "days": DAYS}}
        assert (await replicated.insist("ann", "PUT", f"{session}/timetable", body)).status_code == 200
        await asyncio.sleep((due - replicated.loop.now()).total_seconds() + seconds)
        for replica in replicated.replicas:
            await replica.kill()
        await asyncio.sleep(3)
        for replica in replicated.replicas:
            await replica.start()
        await replicated.until(once, "it is started", seconds=30)
        await asyncio.sleep(20)
        assert len(await started()) == 1

    project = ""
    replicated.loop.do(story())
