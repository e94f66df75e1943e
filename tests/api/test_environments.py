import asyncio

import pytest

from sessions_api.environments import service
from sessions_api.kit.db import Database
from spawner.recipes import Recipe
from tests.api.conftest import REQUIREMENTS, Client, recipe


async def _seed(database: Database, *recipes: Recipe) -> None:
    async with database.write() as db:
        await service.seed(db, recipes)


async def test_the_recipes_are_the_default_environments(ann: Client) -> None:
    page = (await ann.get("/environments")).json()

    assert [(item["slug"], item["default"], item["created_by"]) for item in page["items"]] == [
        ("minimal", True, "sojourn"),
        ("python", True, "sojourn"),
    ]
    assert page["items"][0]["latest"]["number"] == 1


async def test_seeding_again_changes_nothing(ann: Client, database: Database) -> None:
    before = await ann.get("/environments/python")

    await _seed(database, recipe("python", "Python"))

    after = await ann.get("/environments/python")
    assert (after.json(), after.headers["ETag"]) == (before.json(), before.headers["ETag"])


async def test_another_digest_is_the_next_version(ann: Client, database: Database) -> None:
    await _seed(
        database, recipe("python", "Python", digest="b", requirements=f"{REQUIREMENTS}pandas==3.0.0\n")
    )

    environment = (await ann.get("/environments/python")).json()
    newest = (await ann.get("/environments/python/versions/2")).json()
    oldest = (await ann.get("/environments/python/versions/1")).json()

    assert [version["number"] for version in environment["versions"]] == [2, 1]
    assert environment["latest"]["digest"] == f"sha256:{'b' * 64}"
    assert {"name": "pandas", "version": "3.0.0"} in newest["packages"]
    assert {"name": "pandas", "version": "3.0.0"} not in oldest["packages"]


async def test_other_words_are_no_version(ann: Client, database: Database) -> None:
    await _seed(database, recipe("python", "Snake"))

    environment = (await ann.get("/environments/python")).json()

    assert (environment["name"], len(environment["versions"])) == ("Snake", 1)


async def test_replicas_that_seed_at_once_make_one_version(ann: Client, database: Database) -> None:
    new = (recipe("new", "New"), recipe("python", "Python", digest="c"))

    await asyncio.gather(*(_seed(database, *new) for _ in range(5)))

    assert len((await ann.get("/environments/new")).json()["versions"]) == 1
    assert len((await ann.get("/environments/python")).json()["versions"]) == 2


async def test_a_version_says_what_is_installed_on_this_kind_of_computer(ann: Client) -> None:
    version = (await ann.get("/environments/python/versions/1")).json()

    assert version["packages"] == [
        {"name": "jupyterlab", "version": "4.5.0"},
        {"name": "numpy", "version": "2.3.5"},
    ]
    assert version["command"] == ["jupyterhub-singleuser"]


@pytest.mark.parametrize(
    ("search", "found"),
    [("PYTH", ["python"]), ("jupyterlab", ["minimal", "python"]), ("for minimal", ["minimal"]), ("%", [])],
)
async def test_environments_are_found_by_all_words(ann: Client, search: str, found: list[str]) -> None:
    page = (await ann.get("/environments", params={"search": search})).json()

    assert [item["slug"] for item in page["items"]] == found


async def test_environments_come_in_pages(ann: Client) -> None:
    first = (await ann.get("/environments", params={"limit": 1})).json()
    second = (await ann.get("/environments", params={"limit": 1, "cursor": first["next"]})).json()

    assert [item["slug"] for item in first["items"] + second["items"]] == ["minimal", "python"]
    assert second["next"] is None


async def test_an_environment_is_found_by_slug_and_by_id(ann: Client) -> None:
    environment = (await ann.get("/environments/python")).json()

    assert (await ann.get(f"/environments/{environment['id']}")).json() == environment
    await ann.refused("/environments/none", 404, "GET")
    await ann.refused("/environments/python/versions/9", 404, "GET")
