"""Two hundred faults in half an hour, with twenty sessions that people start, pause and stop meanwhile.

The time is simulated and the service is not: two replicas of the real application, their real loops and
PostgreSQL, in one process whose clock jumps ahead whenever everybody waits (`virtual_time`). With processes
of their own two hundred faults would take hours of two cores, and the same seed would never do the same
again; what only real processes show is in `tests/e2e/test_kill_matrix.py` and `tests/cluster/test_faults.py`.
What is pretended: people's programs, and the hub around the real spawner (`hub`). A kill cuts the program's
connections first, so that nothing it still does is seen by anybody.

A fault may last a minute. Once it is over, everything that is said has to be true within ten seconds. Answers
count only from the service itself: a broken connection, or that it cannot now, is asked again.

`SOJOURN_TEST_CHAOS_SEED` names another seed than CI's; a failure prints the seed and the last faults.
"""

from __future__ import annotations

import asyncio
import os
import random
from collections.abc import Sequence

import pytest

from tests.truth.faults import FAULTS
from tests.truth.installation import Installation
from tests.truth.truths import Run, doubled, missteps, untrue_now, untruths

pytestmark = [pytest.mark.slow, pytest.mark.postgres, pytest.mark.timeout(900)]

SEED = int(os.environ.get("SOJOURN_TEST_CHAOS_SEED", "2026"))
MANY = int(os.environ.get("SOJOURN_TEST_CHAOS_FAULTS", "200"))
SECONDS = 1800.0
TRUE_WITHIN = 10.0
PEOPLE = ("ann", "bob", "cleo", "dora")
SESSIONS_EACH = 5
WISHES = ("start", "start", "start", "pause", "stop", "cancel")


class Chaos:
    """The sessions, what people were promised, and what broke so far."""

    def __init__(self, installation: Installation, seed: int) -> None:
        self.installation = installation
        self.chance = random.Random(seed)  # noqa: S311 - the same again is what is wanted
        self.sessions: list[tuple[str, str]] = []
        self.promised: set[str] = set()
        self.told: list[str] = []

    def tell(self, what: str) -> None:
        self.told.append(f"{self.installation.loop.time():8.1f} s  {what}")

    async def prepare(self) -> None:
        """Twenty sessions, all started."""
        for person in PEOPLE:
            for _ in range(SESSIONS_EACH):
                self.sessions.append((person, await self.installation.new_session(person)))
        for person, session in self.sessions:
            await self.wish(person, session, "start")

    async def wish(self, person: str, session: str, verb: str) -> None:
        """Asks until the service answers; what it accepts is a promise."""
        answer = await self.installation.insist(person, "POST", f"{session}/{verb}")
        assert answer.status_code in {202, 409}, f"{verb}: {answer.status_code} {answer.text}"
        if answer.status_code == 202:
            self.promised.add(answer.json()["id"])

    async def wishes(self, wanted: Sequence[tuple[float, str, str, str]]) -> None:
        """What some people want while something is broken, each after some seconds."""
        for seconds, person, session, verb in wanted:
            await asyncio.sleep(seconds)
            self.tell(f"{person} wants {verb} of {session}")
            await self.wish(person, session, verb)

    async def fault(self) -> None:
        """Breaks something, lets people wish things, and waits until everything said is true again."""
        fault = self.chance.choice(FAULTS)
        self.tell(fault.__name__)
        wanted = [
            (self.chance.uniform(0, 2), *self.chance.choice(self.sessions), self.chance.choice(WISHES))
            for _ in range(self.chance.randint(0, 4))
        ]
        wishing = asyncio.create_task(self.wishes(wanted))
        await asyncio.sleep(self.chance.uniform(0, 1))
        await fault(self.installation, self.chance)
        self.tell("it is over")
        await wishing
        await self.becomes_true()

    async def all_runs(self) -> list[Run]:
        return [run for person in PEOPLE for run in await self.installation.runs(person)]

    async def becomes_true(self) -> None:
        wrong: Sequence[str] = ()

        async def is_true() -> bool:
            nonlocal wrong
            runs = await self.installation.latest_runs(PEOPLE)
            assert doubled(runs, self.installation.hub) == []
            wrong = untrue_now(runs, self.installation.hub)
            return not wrong

        try:
            await self.installation.until(is_true, "everything said is true", seconds=TRUE_WITHIN, pause=1)
        except TimeoutError as error:
            error.add_note("\n".join(wrong))
            raise

    async def end(self) -> None:
        """Lets everything come to rest, and looks for what is lost or left."""
        await asyncio.sleep(max(0.0, SECONDS - self.installation.loop.time()))
        await self.becomes_true()
        await self.installation.until(self.rests, "rest", seconds=30)
        runs = await self.all_runs()
        assert self.promised <= {run["id"] for run in runs}, "a run that was accepted is lost"
        for person, session in self.sessions:
            await self.wish(person, session, "stop")
        await self.installation.until(self.rests, "rest with nothing left", seconds=30)
        assert self.installation.hub.facts.running() == []
        for run in await self.all_runs():
            assert await missteps(self.installation, run) == []

    async def rests(self) -> bool:
        return not untruths(await self.all_runs(), self.installation.hub)


async def _chaos(chaos: Chaos) -> None:
    await chaos.prepare()
    for _ in range(MANY):
        await chaos.fault()
    await chaos.end()


def test_two_hundred_faults_lose_nothing_double_nothing_and_leave_no_lie(fresh: Installation) -> None:
    chaos = Chaos(fresh, SEED)
    try:
        fresh.loop.do(_chaos(chaos))
    except BaseException as error:
        error.add_note("\n".join([f"SOJOURN_TEST_CHAOS_SEED={SEED}", *chaos.told[-30:]]))
        raise
