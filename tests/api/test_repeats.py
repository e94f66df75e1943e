"""`Idempotency-Key`: the same request twice is done once."""

import asyncio

from tests.api.conftest import Client

KEY = {"Idempotency-Key": "2f1c"}


async def names(client: Client) -> list[str]:
    return [project["name"] for project in (await client.get("/projects")).json()["items"]]


async def test_a_repeated_request_is_done_once_and_answered_the_same(ann: Client) -> None:
    first = await ann.post("/projects", json={"name": "Once"}, headers=KEY)
    second = await ann.post("/projects", json={"name": "Once"}, headers=KEY)

    assert first.status_code == second.status_code == 201
    assert second.json() == first.json()
    assert second.headers["Location"] == first.headers["Location"]
    assert await names(ann) == ["Once"]


async def test_the_same_key_at_the_same_moment_creates_one_project(ann: Client) -> None:
    answers = await asyncio.gather(
        *(ann.post("/projects", json={"name": "Once"}, headers=KEY) for _ in range(10))
    )

    assert len({answer.text for answer in answers}) == 1
    assert await names(ann) == ["Once"]


async def test_without_a_key_every_request_counts(ann: Client) -> None:
    for _ in range(2):
        await ann.post("/projects", json={"name": "Twice"})

    assert await names(ann) == ["Twice", "Twice"]


async def test_a_key_is_refused_for_another_request(ann: Client) -> None:
    await ann.post("/projects", json={"name": "One"}, headers=KEY)
    answer = await ann.post("/projects", json={"name": "Other"}, headers=KEY)

    assert (answer.status_code, answer.json()["code"]) == (422, "key_reused")
    assert await names(ann) == ["One"]


async def test_a_refused_request_may_be_sent_again_mended(ann: Client) -> None:
    refused = await ann.post("/projects", json={"name": ""}, headers=KEY)
    mended = await ann.post("/projects", json={"name": "Mended"}, headers=KEY)

    assert (refused.status_code, mended.status_code) == (422, 201)


async def test_a_key_is_refused_when_it_is_too_long(ann: Client) -> None:
    answer = await ann.post("/projects", json={"name": "One"}, headers={"Idempotency-Key": "x" * 201})

    assert answer.json()["errors"][0]["field"] == "Idempotency-Key"
