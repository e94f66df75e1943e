"""What a person does × when it fails × what fails: each ends in a true status, with nothing left over.

The ids of the tests are the table; `docs/failures.md` shows it, with what shows the same of real processes
and of a cluster. PostgreSQL is gone for ten seconds, the hub for a minute, a session's program for ever.
"""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.truth.installation import Installation
from tests.truth.truths import Run, doubled, missteps, untruths

pytestmark = [pytest.mark.slow, pytest.mark.postgres, pytest.mark.timeout(900)]

VERBS = ("start", "run", "pause", "resume", "stop", "delete")
WHEN = ("before", "during", "after")
WHAT = ("database", "hub", "session")
AWAY = {"database": 10.0, "hub": 60.0}
"""Seconds."""

ENDS = {
    "start": {"running"},
    "run": {"running"},
    "pause": {"paused"},
    "resume": {"running"},
    "stop": {"stopped"},
    "delete": {"stopped"},
}
"""How it ends when it was the database or the hub that failed: as if it had not."""
ENDS_WITHOUT_SESSION = {
    ("start", "during"): {"failed"},
    ("start", "after"): {"failed"},
    ("run", "before"): {"failed"},
    ("run", "during"): {"failed"},
    ("run", "after"): {"failed"},
    # Whichever is known first: that it ended, or that it is to be paused.
    ("pause", "before"): {"paused", "failed"},
    ("resume", "during"): {"failed"},
    ("resume", "after"): {"failed"},
}
"""How it ends when the program failed, where that is not as if it had not."""


class Cell:
    """One session of Ann's, and what fails."""

    def __init__(self, installation: Installation, session: str, what: str) -> None:
        self.installation = installation
        self.session = session
        self.what = what
        self.run = ""

    async def ask(self, verb: str) -> None:
        """Asks once, however long no answer comes; what is not there any more cannot be paused."""
        answer = await self.installation.insist("ann", "POST", f"{self.session}/{verb}")
        assert answer.status_code == 202 or answer.json()["code"] == f"nothing_to_{verb}", answer.text
        self.run = answer.json().get("id", self.run)

    async def delete(self) -> None:
        gone = await self.installation.insist("ann", "DELETE", f"{self.session}?force=true")
        assert gone.status_code in {204, 404}, gone.text

    async def read(self) -> Run:
        return await self.installation.run("ann", self.run)

    async def until(self, *phases: str) -> None:
        """Waits until the run is in one of the phases, and nothing else is wished of it."""

        async def is_so() -> bool:
            run = await self.read()
            return run["phase"] in phases and run["wish"] == "run"

        try:
            await self.installation.until(is_so, " or ".join(phases), seconds=90)
        except TimeoutError as error:
            error.add_note(str(await self.read()))
            raise

    async def bring_to(self, verb: str) -> None:
        """Makes everything as it is when a person does that."""
        if verb != "start":
            await self.ask("start")
            await self.until("running")
        if verb == "resume":
            await self.ask("pause")
            await self.until("paused")

    async def do(self, verb: str) -> None:
        match verb:
            case "start" | "resume":
                await self.ask("start")
            case "pause" | "stop":
                await self.ask(verb)
            case "delete":
                await self.delete()

    async def fail(self) -> None:
        """Breaks it, until it is whole again; a program that is to be killed may be there in a moment."""
        if self.what == "database":
            for replica in self.installation.replicas:
                assert replica.relay is not None
                await replica.relay.go()
            await asyncio.sleep(AWAY["database"])
            for replica in self.installation.replicas:
                assert replica.relay is not None
                await replica.relay.come()
        elif self.what == "hub":
            await self.installation.hub.kill()
            await asyncio.sleep(AWAY["hub"])
            await self.installation.hub.start()
        else:
            for process in self.installation.hub.facts.running():
                process.end(-9)

    async def play(self, verb: str, when: str) -> None:
        """Does it, with the failure at its time."""
        await self.bring_to(verb)
        if when == "before":
            failing = asyncio.create_task(self.fail())
            await asyncio.sleep(0)
            await self.do(verb)
        else:
            await self.do(verb)
            if when == "after":
                await self.until(*ENDS[verb])
            else:
                # A launch has its program after a fifth of a second; everything else is under way at once.
                await asyncio.sleep(0.6 if verb in {"start", "resume", "run"} else 0.05)
            failing = asyncio.create_task(self.fail())
        await failing


def expected(verb: str, when: str, what: str) -> set[str]:
    usual = ENDS[verb]
    return ENDS_WITHOUT_SESSION.get((verb, when), usual) if what == "session" else usual


@pytest.mark.parametrize("what", WHAT)
@pytest.mark.parametrize("when", WHEN)
@pytest.mark.parametrize("verb", VERBS)
def test_ends_in_a_true_status_with_nothing_left(
    replicated: Installation, verb: str, when: str, what: str
) -> None:
    async def story() -> None:
        cell = Cell(replicated, await replicated.new_session("ann"), what)
        await cell.play(verb, when)
        await cell.until(*expected(verb, when, what))
        runs = await of_session(cell)
        assert doubled(runs, replicated.hub) == []
        assert untruths(runs, replicated.hub) == []
        if verb == "delete":
            gone = await replicated.insist("ann", "GET", cell.session)
            assert gone.status_code == 404
        elif verb != "stop":
            await cell.ask("stop")
        await cell.until("stopped")
        await leaves_nothing(cell)

    replicated.loop.do(story())


async def of_session(cell: Cell) -> list[Run]:
    run = await cell.read()
    found = await cell.installation.runs("ann")
    return [each for each in found if each["project"] == run["project"]]


async def leaves_nothing(cell: Cell) -> None:
    hub: Any = cell.installation.hub

    async def is_so() -> bool:
        return not (untruths(await of_session(cell), hub) or hub.facts.running() or hub.facts.works)

    await cell.installation.until(is_so, "the end of everything, /work too", seconds=20)
    assert await missteps(cell.installation, await cell.read()) == []
