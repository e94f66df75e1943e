"""What is said of tags that move or vanish at their registries, and how seldom these are asked."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from fastapi import FastAPI

from sessions_api.environments.checks.rules import Rules
from sessions_api.environments.watching.watch import Pace, Watch, forget
from sessions_api.kit.db import Database
from tests.api import catalogue
from tests.api.conftest import Client
from tests.registry_server import RegistryServer

pytestmark = pytest.mark.usefixtures("on_cluster")

EAGER = Pace(every=timedelta(microseconds=1), registry=timedelta(0), trouble=timedelta(hours=1))
"""Everything is due at once, save a registry that does not answer well."""


@pytest.fixture
def server() -> Iterator[RegistryServer]:
    with RegistryServer() as server:
        yield server


@pytest.fixture
def rules(app: FastAPI, server: RegistryServer) -> Rules:
    """Those of an installation that may ask the tests' registry."""
    return Rules.of(
        app.state.settings.model_copy(
            update={"registry_private": server.host, "registry_insecure": server.host}
        )
    )


@pytest.fixture
async def watch(database: Database, rules: Rules) -> Watch:
    return Watch(database, rules, EAGER)


async def asked(watch: Watch) -> None:
    """A round of a watch that has just found out what to watch."""
    await watch.list()
    await watch.ask()


def body(server: RegistryServer, repository: str, tag: str = "1", **changes: Any) -> dict[str, Any]:
    """A version made from what a tag means now."""
    digest = server.repository(repository).tags[tag]
    return catalogue.image(
        image=f"{server.host}/{repository}@{digest}", reference=server.reference(repository, tag), **changes
    )


async def made(client: Client, server: RegistryServer, repository: str = "a/b", **changes: Any) -> str:
    """An environment of an image that is pushed now as `1`; its path."""
    server.push(repository, "1", layers=[b"one"])
    version = body(server, repository, **changes)
    return f"/environments/{(await catalogue.made(client, 'Tides', version=version))['slug']}"


async def upstream(client: Client, path: str) -> Any:
    """What is said of the tag of the newest version."""
    return (await client.get(path)).json()["latest"]["upstream"]


async def test_a_tag_that_stays_is_said_to_mean_the_version(
    ann: Client, server: RegistryServer, watch: Watch
) -> None:
    path = await made(ann, server)
    before = await upstream(ann, path)

    await asked(watch)

    after = await upstream(ann, path)
    assert before is None
    assert (after["digest"], after["moved"], after["problem"]) == (
        server.repository("a/b").tags["1"],
        False,
        None,
    )


async def test_a_tag_that_moved_is_said_everywhere_and_changes_nothing(
    ann: Client, server: RegistryServer, watch: Watch
) -> None:
    path = await made(ann, server)
    old = server.repository("a/b").tags["1"]
    new = server.push("a/b", "1", layers=[b"two"])

    await asked(watch)

    said = await upstream(ann, path)
    assert (said["digest"], said["moved"], said["problem"]) == (new, True, None)
    for where in (f"{path}/versions/1", path):
        read = (await ann.get(where)).json()
        assert read.get("latest", read)["upstream"] == said
    for where in ("/environments?mine=true", f"{path}/versions"):
        [listed] = (await ann.get(where)).json()["items"]
        assert listed.get("latest", listed)["upstream"] == said
    assert (await ann.get(f"{path}/versions/1...1")).json()["after"]["upstream"] == said
    assert (await ann.get(path)).json()["latest"]["digest"] == old


async def test_a_version_made_from_what_the_tag_means_now_is_up_to_date_before_anybody_asks_again(
    ann: Client, server: RegistryServer, watch: Watch
) -> None:
    path = await made(ann, server)
    await asked(watch)
    server.push("a/b", "1", layers=[b"two"])

    answer = await ann.post(f"{path}/versions", json=body(server, "a/b"))

    assert answer.json()["upstream"] is None
    await asked(watch)
    assert (await upstream(ann, path))["moved"] is False
    assert (await ann.get(f"{path}/versions/1")).json()["upstream"]["moved"] is True


async def test_a_tag_that_is_gone_is_said_with_what_still_runs(
    ann: Client, server: RegistryServer, watch: Watch
) -> None:
    path = await made(ann, server)
    await asked(watch)
    del server.repository("a/b").tags["1"]

    await asked(watch)

    said = await upstream(ann, path)
    assert said["moved"] is False
    assert said["problem"] == {
        "code": "image_not_found",
        "sentence": f"The tag 1 is gone from {server.host}; version 1 still runs while the registry keeps "
        "its digest.",
    }
    server.push("a/b", "1", layers=[b"one"])
    await asked(watch)
    assert (await upstream(ann, path))["problem"] is None


async def test_a_registry_that_was_asked_too_often_is_left_alone(
    ann: Client, server: RegistryServer, watch: Watch
) -> None:
    path = await made(ann, server)
    await made(ann, server, "c/d")
    for _ in range(2):
        await asked(watch)
    server.repository("a/b").fault = server.repository("c/d").fault = "too_many"
    before = len(server.asked)

    for _ in range(3):
        await asked(watch)

    assert len(server.asked) == before + 1
    said = await upstream(ann, path), await upstream(ann, f"{path}-2")
    problems = [each["problem"]["code"] for each in said if each["problem"]]
    assert problems == ["registry_rate_limited"]
    assert all(each["digest"] for each in said)


async def test_a_private_image_is_not_logged_in_for_and_asked_for_less_and_less(
    ann: Client, server: RegistryServer, database: Database, rules: Rules
) -> None:
    path = await made(ann, server)
    server.protect("a/b", login="ann:t0ken")
    slow = Watch(database, rules, Pace(every=timedelta(hours=1), registry=timedelta(0)))

    await asked(Watch(database, rules, EAGER))
    await asked(slow)
    before = len(server.asked)
    await asked(slow)

    assert (await upstream(ann, path))["problem"]["code"] == "image_login_required"
    assert len(server.asked) == before
    assert not any("basic" in each.headers.get("authorization", "").lower() for each in server.asked)


async def test_a_registry_is_asked_for_one_tag_after_the_other(
    ann: Client, server: RegistryServer, database: Database, rules: Rules
) -> None:
    for name in ("a/b", "c/d"):
        await made(ann, server, name)
    await Watch(database, rules, EAGER).list()
    usual = Watch(database, rules, Pace.hours(6))

    taken = [await usual.ask() for _ in range(2)]

    assert taken == [1, 0]
    assert server.count("HEAD") == 1


async def test_two_replicas_ask_once(
    ann: Client, server: RegistryServer, database: Database, rules: Rules
) -> None:
    for name in ("a/b", "c/d", "e/f"):
        await made(ann, server, name)
    pace = Pace(every=timedelta(hours=1), registry=timedelta(0))
    replicas = [Watch(database, rules, pace) for _ in range(2)]
    await Watch(database, rules, EAGER).list()

    for _ in range(4):
        await asyncio.gather(*(asked(each) for each in replicas))

    assert server.count("HEAD") == 3


async def test_a_question_that_was_cut_off_is_asked_again_after_its_lease(
    ann: Client, server: RegistryServer, database: Database, rules: Rules, watch: Watch
) -> None:
    path = await made(ann, server)
    server.repository("a/b").fault = "hang"
    await watch.list()
    cut = Watch(database, rules, Pace(timedelta(hours=1), registry=timedelta(0), lease=timedelta(0)))
    killed = asyncio.create_task(cut.ask())
    while not server.asked:  # noqa: ASYNC110 - a thread of the registry says it, which sets no event
        await asyncio.sleep(0.01)
    killed.cancel()
    await asyncio.gather(killed, return_exceptions=True)
    server.repository("a/b").fault = None

    await watch.ask()

    assert (await upstream(ann, path))["problem"] is None


async def test_what_is_archived_or_pinned_by_whoever_typed_it_is_not_asked_for(
    ann: Client, server: RegistryServer, watch: Watch
) -> None:
    server.push("a/b", "1", layers=[b"one"])
    digest = server.repository("a/b").tags["1"]
    for reference in (
        f"{server.host}/a/b:1@{digest}",
        f"{server.host}/another:1",
        "what somebody wrote",
        None,
    ):
        said = {} if reference is None else {"reference": reference}
        version = catalogue.image(image=f"{server.host}/a/b@{digest}", **said)
        await catalogue.made(ann, "Pinned", version=version)
    path = await made(ann, server)
    await ann.patch(path, json={"archived": True})

    await asked(watch)

    assert server.asked == []


async def test_a_registry_that_nobody_listed_is_not_reached(
    ann: Client, server: RegistryServer, database: Database, app: FastAPI
) -> None:
    path = await made(ann, server)

    await asked(Watch(database, Rules.of(app.state.settings), EAGER))

    assert (await upstream(ann, path))["problem"]["code"] == "registry_unreachable"
    assert server.asked == []


async def test_where_nothing_is_watched_nothing_is_said_of_what_was(
    ann: Client, server: RegistryServer, database: Database, watch: Watch
) -> None:
    path = await made(ann, server)
    await asked(watch)

    await forget(database)

    assert await upstream(ann, path) is None
