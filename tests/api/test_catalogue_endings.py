"""Environments that people put away, delete, or keep in mind."""

from __future__ import annotations

import asyncio

from tests.api.catalogue import made, packages, slugs
from tests.api.conftest import Client


async def test_an_archived_environment_gets_no_new_sessions_and_names_its_successor(
    ann: Client, project: str
) -> None:
    await made(ann, "Old")
    await made(ann, "Better")
    await ann.made(f"{project}/sessions", environment="old")

    archived = await ann.patch("/environments/old", json={"archived": True, "successor": "better"})

    assert archived.json()["successor"] == {"slug": "better", "name": "Better"}
    assert (await ann.get("/environments/old")).json()["archived_at"] is not None
    assert "old" not in await slugs(ann)
    assert await slugs(ann, archived=True) == ["old"]
    problem = await ann.refused(f"{project}/sessions", environment="old")
    assert problem["code"] == "environment_archived"
    assert problem["detail"].endswith("Use Better instead.")
    assert problem["links"] == {"successor": "/environments/better"}
    problem = await ann.refused(f"{project}/sessions/old/duplicate", 409)
    assert problem["code"] == "environment_archived"
    assert (await ann.post(f"{project}/sessions/old/start", json={})).status_code == 202
    problem = await ann.refused("/environments/old/versions", 409, **packages("scipy==1.0"))
    assert problem["code"] == "environment_archived"


async def test_a_successor_that_one_does_not_see_is_not_named(ann: Client, bob: Client) -> None:
    await made(ann, "Old", visibility="everyone")
    await made(ann, "Hidden")
    await ann.patch("/environments/old", json={"archived": True, "successor": "hidden"})

    assert (await ann.get("/environments/old")).json()["successor"]["slug"] == "hidden"
    assert (await bob.get("/environments/old")).json()["successor"] is None


async def test_successors_lead_to_one_that_is_not_archived(ann: Client) -> None:
    for name in ("First", "Second", "Third"):
        await made(ann, name)
    await ann.patch("/environments/first", json={"archived": True, "successor": "second"})
    await ann.patch("/environments/second", json={"archived": True, "successor": "third"})

    assert (await ann.get("/environments/first")).json()["successor"]["slug"] == "third"
    problem = await ann.refused("/environments/third", 422, "PATCH", archived=True, successor="first")
    assert problem["detail"] == "First is archived too; name one that is not."
    back = (await ann.patch("/environments/first", json={"archived": False})).json()
    assert (back["archived_at"], back["successor"]) == (None, None)


async def test_an_unused_environment_is_deleted_with_all_that_hangs_on_it(ann: Client, project: str) -> None:
    await made(ann, "Old")
    await made(ann, "Before")
    await ann.patch("/environments/before", json={"archived": True, "successor": "old"})
    await ann.put("/environments/old/favourite")
    await ann.made(f"{project}/sessions", environment="old")
    await ann.delete(f"{project}/sessions/old")

    answer = await ann.delete("/environments/old")

    assert answer.status_code == 204, answer.text
    await ann.refused("/environments/old", 404, "GET")
    assert await slugs(ann, search="old") == []
    assert (await ann.get("/environments/before")).json()["successor"] is None
    assert (await made(ann, "Old"))["slug"] == "old"


async def test_a_used_environment_is_not_deleted_and_says_where_it_is_used(
    ann: Client, bob: Client, project: str
) -> None:
    await made(ann, "Shared", visibility="everyone")
    hidden = await bob.made("/projects", name="Hidden")
    await ann.made(f"{project}/sessions", environment="shared")
    await bob.made(f"/projects/{hidden['slug']}/sessions", environment="shared")

    problem = await ann.refused("/environments/shared", 409, "DELETE")

    assert problem["code"] == "environment_used"
    assert problem["detail"] == "Shared is used in Terrain and 1 other project."
    assert [error["value"] for error in problem["errors"]] == ["terrain"]
    used = (await ann.get("/environments/shared")).json()["used"]
    assert used == {"projects": 1, "others": 1}


async def test_what_ran_is_archived_and_not_deleted(ann: Client, project: str) -> None:
    await made(ann, "Tried")
    await ann.made(f"{project}/sessions", environment="tried")
    await ann.post(f"{project}/sessions/tried/start", json={})
    await ann.delete(f"{project}/sessions/tried", params={"force": True})

    problem = await ann.refused("/environments/tried", 409, "DELETE")

    assert problem["code"] == "environment_history"
    assert problem["detail"] == "Tried is in the history of Terrain."


async def test_favourites_are_each_persons_own(ann: Client, bob: Client) -> None:
    for _ in range(2):
        assert (await ann.put("/environments/python/favourite")).status_code == 204

    assert await slugs(ann, favourite=True) == ["python"]
    assert await slugs(ann, favourite=False) == ["minimal"]
    assert await slugs(bob, favourite=True) == []
    assert (await ann.get("/environments/python")).json()["favourite"] is True
    for _ in range(2):
        assert (await ann.delete("/environments/python/favourite")).status_code == 204
    assert await slugs(ann, favourite=True) == []


async def test_a_session_is_added_or_its_environment_deleted_whichever_is_first(
    ann: Client, project: str
) -> None:
    for number in range(4):
        slug = (await made(ann, f"Contested {number}"))["slug"]
        added, deleted = await asyncio.gather(
            ann.post(f"{project}/sessions", json={"environment": slug}), ann.delete(f"/environments/{slug}")
        )
        assert (added.status_code, deleted.status_code) in {(201, 409), (422, 204)}, added.text
