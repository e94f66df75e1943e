"""What may break in a simulated installation, for how long, and how it is whole again."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from datetime import timedelta

from spawner.api import SojournApi
from tests.truth.hub import TOKEN
from tests.truth.installation import Installation, Replica

Fault = Callable[[Installation, random.Random], Awaitable[None]]


async def a_replica_is_killed(installation: Installation, chance: random.Random) -> None:
    """One replica, which comes back after some seconds."""
    replica = chance.choice(installation.replicas)
    await replica.kill()
    await asyncio.sleep(chance.uniform(0, 8))
    await replica.start()


async def all_replicas_are_killed(installation: Installation, chance: random.Random) -> None:
    """Both at once, which come back one after the other."""
    for replica in installation.replicas:
        await replica.kill()
    for replica in installation.replicas:
        await asyncio.sleep(chance.uniform(0, 4))
        await replica.start()


async def a_replica_hangs(installation: Installation, chance: random.Random) -> None:
    """It takes requests and answers none; what it was about goes on."""
    replica = chance.choice(installation.replicas)
    replica.hang()
    await asyncio.sleep(chance.uniform(1, 15))
    replica.go_on()


async def the_hub_is_killed(installation: Installation, chance: random.Random) -> None:
    """Launches end with it, sessions go on; it may be away for up to a minute."""
    await installation.hub.kill()
    await asyncio.sleep(chance.choice((0, 1, 3, 10, 60)))
    await installation.hub.start()


async def the_hub_hangs(installation: Installation, chance: random.Random) -> None:
    """It does what it was asked meanwhile once it goes on."""
    installation.hub.hang()
    await asyncio.sleep(chance.choice((0.5, 2, 20, 40)))
    installation.hub.go_on()


async def launches_are_slow(installation: Installation, chance: random.Random) -> None:
    """Programs take long until they answer."""
    facts = installation.hub.facts
    facts.seconds = chance.uniform(2, 8)
    await asyncio.sleep(5)
    facts.seconds = 1.0


def _relays(replicas: list[Replica]) -> list[Replica]:
    return [replica for replica in replicas if replica.lives]


async def _without_database(replicas: list[Replica], seconds: float) -> None:
    for replica in replicas:
        assert replica.relay is not None
        await replica.relay.go()
    await asyncio.sleep(seconds)
    for replica in replicas:
        assert replica.relay is not None
        await replica.relay.come()


async def the_database_is_gone(installation: Installation, chance: random.Random) -> None:
    """All connections break, and new ones are refused, for up to ten seconds."""
    await _without_database(installation.replicas, chance.choice((0, 1, 4, 10)))


async def the_database_is_gone_for_one(installation: Installation, chance: random.Random) -> None:
    """The same for one replica, while the other has it."""
    await _without_database([chance.choice(installation.replicas)], chance.choice((0, 1, 4, 10)))


async def the_database_hangs(installation: Installation, chance: random.Random) -> None:
    """It answers nothing for some seconds, then everything."""
    relays = [replica.relay for replica in installation.replicas if replica.relay is not None]
    for relay in relays:
        relay.hang()
    await asyncio.sleep(chance.uniform(0.5, 10))
    for relay in relays:
        relay.go_on()


async def the_database_is_slow(installation: Installation, chance: random.Random) -> None:
    """Each answer takes a tenth of a second, for five."""
    relays = [replica.relay for replica in installation.replicas if replica.relay is not None]
    for relay in relays:
        relay.seconds = 0.05
    await asyncio.sleep(5)
    for relay in relays:
        relay.seconds = 0.0


async def a_program_is_killed(installation: Installation, chance: random.Random) -> None:
    """One that runs, whether it answered already or not."""
    if running := installation.hub.facts.running():
        chance.choice(running).end(-9)


async def programs_are_killed(installation: Installation, chance: random.Random) -> None:
    """Half of them at once."""
    for process in installation.hub.facts.running():
        if chance.random() < 0.5:
            process.end(-9)


async def a_server_is_ended_at_the_hub(installation: Installation, chance: random.Random) -> None:
    """By an administrator, say."""
    if installation.hub.servers:
        await installation.end_server(*chance.choice(sorted(installation.hub.servers)))


async def reports_come_again(installation: Installation, chance: random.Random) -> None:
    """Late and twice, those of earlier attempts too."""
    delivered = installation.hub.facts.delivered
    for _ in range(min(10, len(delivered))):
        run, reports = chance.choice(delivered)
        replica = chance.choice(installation.replicas)
        await SojournApi(replica.url, TOKEN).deliver(run, reports)


async def a_clock_steps(installation: Installation, chance: random.Random) -> None:
    """The clock of one computer, or of both, is an hour wrong, and then right again."""
    wrong = timedelta(hours=chance.choice((-1, 1)))
    computers = chance.choice((installation.replicas[:1], installation.replicas))
    for replica in computers:
        replica.clock.by = wrong
    await asyncio.sleep(chance.uniform(1, 20))
    for replica in computers:
        replica.clock.by = timedelta()


FAULTS: tuple[Fault, ...] = (
    a_replica_is_killed,
    all_replicas_are_killed,
    a_replica_hangs,
    the_hub_is_killed,
    the_hub_hangs,
    launches_are_slow,
    the_database_is_gone,
    the_database_is_gone_for_one,
    the_database_hangs,
    the_database_is_slow,
    a_program_is_killed,
    programs_are_killed,
    a_server_is_ended_at_the_hub,
    reports_come_again,
    a_clock_steps,
)
