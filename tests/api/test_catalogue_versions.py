"""Versions of environments, what differs between them, and how sessions move from one to another."""

from __future__ import annotations

import asyncio

from fastapi import FastAPI

from sessions_api.kit.db import Database
from sessions_api.runs import freeze
from sessions_api.runs.tables import Run
from tests.api.catalogue import image, made, packages
from tests.api.conftest import Client
from tests.api.kinds import PACKAGES


async def _add(client: Client, environment: str, version: dict[str, object]) -> int:
    answer = await client.post(f"/environments/{environment}/versions", json=version)
    assert answer.status_code == 201, answer.text
    read = await client.get(answer.headers["Location"].removeprefix("/api/v1"))
    assert read.json() == answer.json()
    return int(answer.json()["number"])


async def test_versions_are_numbered_and_listed_newest_first(ann: Client) -> None:
    await made(ann, "Line")
    for number in (2, 3):
        assert await _add(ann, "line", packages(f"numpy=={number}.0")) == number

    first = (await ann.get("/environments/line/versions", params={"limit": 2})).json()
    second = (
        await ann.get("/environments/line/versions", params={"limit": 2, "cursor": first["next"]})
    ).json()

    assert [version["number"] for version in first["items"] + second["items"]] == [3, 2, 1]
    assert second["next"] is None
    assert (await ann.get("/environments/line")).json()["latest"]["number"] == 3


async def test_versions_added_at_once_have_numbers_of_their_own(ann: Client) -> None:
    await made(ann, "Line")

    numbers = await asyncio.gather(
        *(_add(ann, "line", packages(f"numpy=={number}.0")) for number in range(5))
    )

    assert sorted(numbers) == [2, 3, 4, 5, 6]


async def test_what_the_newest_version_is_already_is_no_new_one(ann: Client) -> None:
    await made(ann, "Line", version=image(labels={"a": "b"}))

    problem = await ann.refused("/environments/line/versions", 409, **image(labels={"a": "c"}))

    assert problem["code"] == "version_unchanged"
    assert await _add(ann, "line", image(port=9000)) == 2
    assert await _add(ann, "line", image()) == 3


async def test_the_newest_version_is_what_a_search_finds(ann: Client) -> None:
    await made(ann, "Line", version=packages("numpy==2.0", "scipy==1.0"))
    await _add(ann, "line", packages("numpy==2.0", "pandas==3.0"))

    async def found(word: str) -> list[str]:
        page = (await ann.get("/environments", params={"search": word, "mine": True})).json()
        return [item["slug"] for item in page["items"]]

    assert await found("pandas") == ["line"]
    assert await found("scipy") == []


async def test_a_difference_says_which_packages_changed(ann: Client) -> None:
    await made(ann, "Line", version=packages("numpy==2.0", "scipy==1.0", "Jinja2==3.1"))
    await _add(ann, "line", packages("numpy==2.1", "pandas==3.0", "jinja2==3.1", command=["lab", "--fast"]))

    difference = (await ann.get("/environments/line/versions/1...2")).json()

    kind = {"ecosystem": "python"}
    assert difference["added"] == [{**kind, "name": "pandas", "before": None, "after": "3.0"}]
    assert difference["removed"] == [{**kind, "name": "scipy", "before": "1.0", "after": None}]
    assert difference["changed"] == [{**kind, "name": "numpy", "before": "2.0", "after": "2.1"}]
    assert difference["run"] == [
        {"field": "command", "before": ["jupyterhub-singleuser"], "after": ["lab", "--fast"]}
    ]
    assert (difference["before"]["number"], difference["after"]["number"]) == (1, 2)
    back = (await ann.get("/environments/line/versions/2...1")).json()
    assert [change["name"] for change in back["added"]] == ["scipy"]


async def test_a_difference_of_images_says_what_is_downloaded(ann: Client) -> None:
    base, old, new = (
        {"digest": f"sha256:{sign * 64}", "size": size}
        for sign, size in zip("abc", (70, 20, 25), strict=True)
    )
    await made(ann, "Line", version=image("1", size=90, layers=[base, old]))
    await _add(ann, "line", image("2", size=120, layers=[base, new, new]))
    await _add(ann, "line", image("3"))

    difference = (await ann.get("/environments/line/versions/1...2")).json()

    assert difference["new_bytes"] == 25
    assert (difference["before"]["size"], difference["after"]["size"]) == (90, 120)
    assert difference["before"]["image"] != difference["after"]["image"]
    assert (await ann.get("/environments/line/versions/2...3")).json()["new_bytes"] is None
    await ann.refused("/environments/line/versions/1...9", 404, "GET")
    await ann.refused("/environments/line/versions/1...x", 422, "GET")


async def test_packages_of_a_version_come_in_pages_and_are_searched(ann: Client) -> None:
    lines = ("zarr==3.0", "Pillow==12.0", "pandas==3.0", "pandas-stubs==3.0", "numpy==2.0")
    await made(ann, "Line", version=packages(*lines))
    path = "/environments/line/versions/1/packages"

    names: list[str] = []
    cursor: dict[str, str] = {}
    for _ in range(3):
        page = (await ann.get(path, params={"limit": 2, **cursor})).json()
        names += [package["name"] for package in page["items"]]
        cursor = {"cursor": page["next"]}

    assert names == ["numpy", "pandas", "pandas-stubs", "Pillow", "zarr"]
    assert page["next"] is None
    found = (await ann.get(path, params={"search": "PAN"})).json()["items"]
    assert [package["name"] for package in found] == ["pandas", "pandas-stubs"]
    assert (await ann.get(path, params={"ecosystem": "debian"})).json()["items"] == []
    await ann.refused(f"{path}?cursor=eA", 422, "GET")


async def test_a_session_is_updated_and_rolled_back(ann: Client, project: str) -> None:
    await made(ann, "Line")
    await _add(ann, "line", packages("scipy==1.0"))
    session = await ann.made(f"{project}/sessions", environment="line", version=1)

    updated = await ann.post(
        f"{project}/sessions/line/update", json={"version": 2}, headers={"If-Match": '"2"'}
    )

    assert updated.status_code == 200, updated.text
    assert (session["environment"]["version"], updated.json()["environment"]["version"]) == (1, 2)
    assert updated.headers["ETag"] == '"3"'
    rolled_back = (await ann.post(f"{project}/sessions/line/update", json={"version": 1})).json()
    assert (rolled_back["environment"]["version"], rolled_back["environment"]["latest"]) == (1, 2)
    stale = await ann.post(
        f"{project}/sessions/line/update", json={"version": 2}, headers={"If-Match": '"1"'}
    )
    assert stale.status_code == 412
    problem = await ann.refused(f"{project}/sessions/line/update", 422, version=9)
    assert problem["detail"] == "Line has no version 9. The newest is 2."


async def test_a_live_run_keeps_its_version_after_an_update(
    ann: Client, project: str, database: Database
) -> None:
    await made(ann, "Line")
    await _add(ann, "line", packages("scipy==1.0"))
    await ann.made(f"{project}/sessions", environment="line", version=1)
    run = (await ann.post(f"{project}/sessions/line/start", json={})).json()

    await ann.post(f"{project}/sessions/line/update", json={"version": 2})

    again = (await ann.post(f"{project}/sessions/line/start", json={})).json()
    assert again["id"] == run["id"]
    async with database.read() as db:
        launched = await db.get_one(Run, run["id"])
        assert (await freeze.parts_of(db, launched, kinds=PACKAGES)).version.number == 1


async def test_only_editors_update_a_session(ann: Client, bob: Client, project: str) -> None:
    await made(ann, "Line")
    await ann.made(f"{project}/sessions", environment="line")

    await bob.refused(f"{project}/sessions/line/update", 403, version=1)


async def test_a_session_of_an_archived_environment_stays_on_its_version(ann: Client, project: str) -> None:
    await made(ann, "Line")
    await made(ann, "Better")
    await _add(ann, "line", packages("scipy==1.0"))
    await ann.made(f"{project}/sessions", environment="line", version=1)
    await ann.patch("/environments/line", json={"archived": True, "successor": "better"})

    problem = await ann.refused(f"{project}/sessions/line/update", 422, version=2)

    assert (problem["code"], problem["links"]) == (
        "environment_archived",
        {"successor": "/environments/better"},
    )
    assert (await ann.post(f"{project}/sessions/line/update", json={"version": 1})).status_code == 200


async def test_a_session_of_an_environment_that_is_not_shared_works_and_stays_on_its_version(
    app: FastAPI, ann: Client, bob: Client, project: str
) -> None:
    await made(ann, "Mine")
    await _add(ann, "mine", packages("scipy==1.0"))
    await ann.made(f"{project}/sessions", environment="mine", version=1)
    await ann.post(f"{project}/members", json={"person": "bob", "role": "editor"})

    session = (await bob.get(f"{project}/sessions/mine")).json()
    assert (session["environment"]["name"], session["environment"]["version"]) == ("Mine", 1)
    assert (await bob.post(f"{project}/sessions/mine/start", json={})).status_code == 202
    problem = await bob.refused(f"{project}/sessions/mine/update", 422, version=2)
    assert problem["code"] == "environment_not_shared"
    assert problem["detail"].endswith("Ask ann to share it with the project.")
    problem = await bob.refused(f"{project}/sessions", 422, environment="mine")
    assert problem["detail"] == "There is no environment mine."
    assert (await bob.post(f"{project}/sessions/mine/duplicate", json={})).status_code == 201
