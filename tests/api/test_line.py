"""Who waits for a full pool: in which order they are let in, and what they are told."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from sessions_api.kit import clock
from sessions_api.kit.db import Database
from sessions_api.resources.amounts import Amounts
from sessions_api.runs import service, store
from sessions_api.runs.places import line
from sessions_api.runs.places.line import Waiting
from sessions_api.runs.places.loop import Line
from tests.api.conftest import Client
from tests.api.test_limits import add, becomes, seed, started
from tests.api.test_statements import statements

CLASSES = """
- {slug: small, name: Small, cpus: 1, memoryGib: 1, default: true}
- {slug: large, name: Large, cpus: 2, memoryGib: 1}
"""
POOLS = "- {slug: desk, name: Desk, classes: [small, large], quota: {cpus: 2}, perPerson: {cpus: 99}}"
START = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
async def project(project: str, database: Database, tmp_path: Path) -> str:
    """Ann's project where there is a pool for two."""
    await seed(database, tmp_path, CLASSES, POOLS)
    return project


async def place(client: Client, name: str) -> str:
    """A public project of a test's own."""
    return f"/projects/{(await client.made('/projects', name=name, visibility='public'))['slug']}"


async def run_of(client: Client, run: str) -> dict[str, Any]:
    return dict((await client.get(f"/runs/{run}")).json())


async def ends(database: Database, run: str, *, after: timedelta = timedelta(seconds=1)) -> None:
    """Ends a run that has had its place for so long, as a pause does."""
    now = clock.now()
    await becomes(database, run, "running", launched_at=now - after, ready_at=now - after)
    async with database.write() as db:
        found = await store.hold(db, run)
        assert found is not None
        found.wish = "pause"
        await service.ended(db, found, None, now)


async def filled(client: Client) -> list[str]:
    """Two runs that take all there is."""
    sessions = [await add(client, await place(client, name), "Exploration") for name in ("One", "Two")]
    return [(await started(client, session))["id"] for session in sessions]


async def test_a_start_beyond_the_pool_waits_and_is_let_in_when_a_place_is_given_back(
    ann: Client, bob: Client, project: str, database: Database
) -> None:
    holders = await filled(ann)
    waiting = await started(bob, await add(ann, project, "Exploration"))
    assert (waiting["phase"], waiting["queue"]) == ("queued", {"position": 1, "estimate_seconds": None})
    assert waiting["status"] == "launching"

    await Line(database).review()
    assert (await run_of(bob, waiting["id"]))["queue"]["position"] == 1

    await ends(database, holders[0])
    await Line(database).review()
    let_in = await run_of(bob, waiting["id"])
    assert (let_in["phase"], let_in["queue"]) == ("queued", None)
    assert let_in["launched_at"] > waiting["launched_at"], "its launch is measured from now"


async def test_what_waits_is_not_launched(ann: Client, project: str, database: Database) -> None:
    holders = await filled(ann)
    waiting = await started(ann, await add(ann, project, "Exploration"))

    async with database.read() as db:
        unsettled = set(await store.unsettled(db, "a driver", now=clock.now(), until=clock.now()))

    assert unsettled == set(holders)
    assert waiting["id"] not in unsettled


async def test_whoever_has_least_is_let_in_first(
    ann: Client, bob: Client, project: str, database: Database
) -> None:
    holders = await filled(ann)
    anns = [await started(ann, await add(ann, await place(ann, name), "More")) for name in ("Three", "Four")]
    bobs = await started(bob, await add(ann, project, "Exploration"))
    assert bobs["queue"]["position"] == 1
    assert [(await run_of(ann, run["id"]))["queue"]["position"] for run in anns] == [2, 3]

    await ends(database, holders[0])
    await Line(database).review()

    assert (await run_of(bob, bobs["id"]))["queue"] is None
    assert [(await run_of(ann, run["id"]))["queue"]["position"] for run in anns] == [1, 2]


async def test_whoever_waits_for_much_is_passed_by_nobody(
    ann: Client, bob: Client, project: str, database: Database
) -> None:
    holders = await filled(ann)
    large = await started(bob, await add(ann, project, "Large", resource_class="large"))
    small = await started(bob, await add(ann, await place(ann, "Three"), "Small"))

    await ends(database, holders[0])
    await Line(database).review()
    assert [(await run_of(bob, run["id"]))["queue"]["position"] for run in (large, small)] == [1, 2]

    await ends(database, holders[1])
    await Line(database).review()
    assert (await run_of(bob, large["id"]))["queue"] is None
    assert (await run_of(bob, small["id"]))["queue"]["position"] == 1


async def test_a_start_that_waits_can_be_cancelled_and_the_others_move_up(
    ann: Client, bob: Client, project: str, database: Database
) -> None:
    await filled(ann)
    session = await add(ann, project, "Exploration")
    first, second = await started(bob, session), await started(ann, session)

    assert (await bob.post(f"{session}/cancel")).json()["queue"] is None
    await Line(database).review()

    assert (await run_of(ann, second["id"]))["queue"]["position"] == 1
    async with database.read() as db:
        assert first["id"] in await store.unsettled(db, "a driver", now=clock.now(), until=clock.now()), (
            "the driver drops it"
        )


async def test_a_resume_waits_as_a_start_does_and_can_be_taken_back(
    ann: Client, bob: Client, project: str, database: Database
) -> None:
    session = await add(ann, project, "Exploration")
    paused = await started(bob, session)
    spec = {"resources": {"resource_class": "small", "cpus": 1, "memory_gib": 1}}
    await becomes(database, paused["id"], "paused", spec=spec)
    holders = await filled(ann)

    resumed = await started(bob, session)
    assert (resumed["id"], resumed["wish"], resumed["queue"]["position"]) == (paused["id"], "resume", 1)
    async with database.read() as db:
        assert paused["id"] not in await store.unsettled(db, "a driver", now=clock.now(), until=clock.now())

    cancelled = (await bob.post(f"{session}/cancel")).json()
    assert (cancelled["phase"], cancelled["wish"], cancelled["queue"]) == ("paused", "run", None)

    await started(bob, session)
    await ends(database, holders[0])
    await Line(database).review()
    async with database.read() as db:
        assert paused["id"] in await store.unsettled(db, "a driver", now=clock.now(), until=clock.now())


async def test_a_pool_that_is_withdrawn_lets_everybody_in(
    ann: Client, project: str, database: Database, tmp_path: Path
) -> None:
    await filled(ann)
    waiting = await started(ann, await add(ann, project, "Exploration"))

    await seed(database, tmp_path, CLASSES, "[]")
    await Line(database).review()

    assert (await run_of(ann, waiting["id"]))["queue"] is None


async def lowered(database: Database, folder: Path, limits: str) -> None:
    """Makes the pool's limits others, smaller than its large class, which is withdrawn."""
    only_small = CLASSES.splitlines()[1]
    await seed(database, folder, only_small, f"- {{slug: desk, name: Desk, classes: [small], {limits}}}")
    await Line(database).review()


async def test_a_start_that_became_larger_than_its_pool_fails_and_holds_nobody_up(
    ann: Client, bob: Client, project: str, database: Database, tmp_path: Path
) -> None:
    holders = await filled(ann)
    large = await started(bob, await add(ann, project, "Large", resource_class="large"))
    small = await started(bob, await add(ann, await place(ann, "Three"), "Small"))

    await lowered(database, tmp_path, "quota: {cpus: 1}")

    refused = await run_of(bob, large["id"])
    assert (refused["status"], refused["queue"]) == ("failed", None)
    assert refused["reason"]["code"] == "beyond_limit"
    assert refused["reason"]["sentence"] == "It takes 2 CPUs, and the pool Desk has 1 CPU by now."
    assert refused["reason"]["hint"] == (
        "Have a smaller class chosen in its configuration, or ask an administrator to raise the limit."
    )
    for holder in holders:
        await ends(database, holder)
    await Line(database).review()
    assert (await run_of(bob, small["id"]))["queue"] is None


@pytest.mark.parametrize(
    ("limits", "said"),
    [
        ("quota: {cpus: 1}", "the pool Desk has 1 CPU"),
        ("perPerson: {cpus: 1}", "a person may take 1 CPU of the pool Desk"),
        ("perProject: {cpus: 1}", "a project may take 1 CPU of the pool Desk"),
    ],
)
async def test_a_resume_that_became_larger_than_a_limit_is_taken_back_and_says_why(
    ann: Client,
    bob: Client,
    *,
    root: Client,
    project: str,
    database: Database,
    tmp_path: Path,
    limits: str,
    said: str,
) -> None:
    session = await add(ann, project, "Large", resource_class="large")
    paused = await started(bob, session)
    spec = {"resources": {"resource_class": "large", "cpus": 2, "memory_gib": 1}}
    await becomes(database, paused["id"], "paused", spec=spec)
    await filled(ann)
    assert (await started(bob, session))["queue"] is not None

    await lowered(database, tmp_path, limits)

    refused = await run_of(bob, paused["id"])
    assert (refused["phase"], refused["wish"], refused["queue"]) == ("paused", "run", None)
    assert refused["reason"]["sentence"] == f"It was not resumed: it takes 2 CPUs, and {said} by now."
    assert refused["reason"]["hint"] == (
        "Have a smaller class chosen in its configuration and start it with the changes, "
        "or ask an administrator to raise the limit."
    )
    told = (await root.get("/audit?verb=run.cancel")).json()["items"]
    assert [(one["by"], one["details"]["reason"]) for one in told] == [("system", "beyond_limit")]
    await ann.patch(session, json={"resource_class": "small"})
    anew = await bob.post(f"{session}/start", json={"anew": True})
    assert anew.status_code == 202, anew.text


async def test_the_estimate_comes_from_how_long_earlier_runs_took(
    ann: Client, bob: Client, project: str, database: Database
) -> None:
    session = await add(ann, project, "Exploration")
    for _ in range(line.FEWEST):
        run = await started(bob, session)
        await ends(database, run["id"], after=timedelta(minutes=10))
        await becomes(database, run["id"], "stopped")
    await filled(ann)

    first = await started(bob, session)
    second = await started(ann, session)

    assert 590 <= first["queue"]["estimate_seconds"] <= 600
    assert 590 <= second["queue"]["estimate_seconds"] <= 600, "two places are given back at once"


async def test_those_who_wait_are_told_by_events(
    ann: Client, bob: Client, project: str, database: Database
) -> None:
    await filled(ann)
    session = await add(ann, project, "Exploration")
    await started(bob, session)
    second = await started(ann, session)
    await bob.post(f"{session}/cancel")
    await Line(database).review()

    async with database.read() as db:
        told = [event.data for event in await store.events(db, second["id"], 0, 100) if event.kind == "queue"]

    assert told == [{"position": 2, "estimate_seconds": None}, {"position": 1, "estimate_seconds": None}]


async def test_starts_and_reviews_take_as_many_statements_however_many_wait(
    ann: Client, project: str, database: Database
) -> None:
    await filled(ann)
    few = await _statements_of_a_start(ann, database, "Few")
    for number in range(20):
        await started(ann, await add(ann, await place(ann, f"Waiting {number}"), "Exploration"))

    assert await _statements_of_a_start(ann, database, "Many") == few


async def _statements_of_a_start(client: Client, database: Database, name: str) -> int:
    session = await add(client, await place(client, name), "Exploration")
    with statements(database) as said:
        await started(client, session)
    return len(said)


def waiting(name: str, person: str, minute: int, cpus: float = 1) -> Waiting:
    return Waiting(name, person, START + timedelta(minutes=minute), Amounts(cpus, 0, 0, 1))


def test_turns_go_round_between_people() -> None:
    several = [waiting(f"ann {number}", "ann", number) for number in range(3)]
    others = [waiting("bob 0", "bob", 10), waiting("bob 1", "bob", 11), waiting("cleo 0", "cleo", 12)]

    ordered = [each.id for each in line.in_turn([*others, *several], {"cleo": 1})]

    assert ordered == ["ann 0", "bob 0", "ann 1", "bob 1", "cleo 0", "ann 2"]


def test_a_place_is_expected_when_as_much_as_is_needed_was_usually_given_back() -> None:
    one = Amounts(1, 0, 0, 1)
    begun = [(one, 60.0), (one, 300.0)]
    ahead, behind = waiting("large", "ann", 0, cpus=2), waiting("small", "bob", 1)

    expected = line.expected([ahead, behind], {"cpus": 2}, begun, [600.0, 600.0, 600.0])

    assert expected == {"large": 540.0, "small": 1140.0}


@pytest.mark.parametrize("lengths", [[], [600.0, 600.0], [10.0, 20.0, 30.0]])
def test_nothing_is_said_of_what_nobody_knows(lengths: list[float]) -> None:
    """There is no history, too little of it, or everything goes on for longer than anything before."""
    begun = [(Amounts(1, 0, 0, 1), 300.0)]

    assert line.expected([waiting("one", "ann", 0)], {"cpus": 1}, begun, lengths) == {}
