import asyncio

import pytest
from fastapi import FastAPI

from sessions_api.environments import seeding
from sessions_api.kit.db import Database
from spawner.recipes import Recipe
from tests.api.conftest import REQUIREMENTS, Client, image, recipe


async def _seed(database: Database, *recipes: Recipe) -> None:
    async with database.write() as db:
        await seeding.seed(db, recipes)


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
    assert {"ecosystem": "python", "name": "pandas", "version": "3.0.0"} in newest["packages"]
    assert {"ecosystem": "python", "name": "pandas", "version": "3.0.0"} not in oldest["packages"]


async def test_other_words_are_no_version(ann: Client, database: Database) -> None:
    await _seed(database, recipe("python", "Snake"))

    environment = (await ann.get("/environments/python")).json()

    assert (environment["name"], len(environment["versions"])) == ("Snake", 1)


async def test_replicas_that_seed_at_once_make_one_version(ann: Client, database: Database) -> None:
    new = (recipe("other", "Other"), recipe("python", "Python", digest="c"))

    await asyncio.gather(*(_seed(database, *new) for _ in range(5)))

    assert len((await ann.get("/environments/other")).json()["versions"]) == 1
    assert len((await ann.get("/environments/python")).json()["versions"]) == 2


async def test_a_version_says_what_is_installed_on_this_kind_of_computer(ann: Client) -> None:
    version = (await ann.get("/environments/python/versions/1")).json()

    assert version["packages"] == [
        {"ecosystem": "python", "name": "jupyterlab", "version": "4.5.0"},
        {"ecosystem": "python", "name": "numpy", "version": "2.3.5"},
    ]
    assert version["command"] == ["jupyterhub-singleuser"]


async def test_a_version_says_how_its_image_is_run(ann: Client, database: Database) -> None:
    run = {
        "front_end": "VS Code",
        "default_url": "/work",
        "port": 8443,
        "arguments": ["--auth", "none"],
        "gate": {"prefix": "strip", "ready_path": "/healthz"},
        "uid": 1001,
        "gid": 1002,
        "working_folder": "/home/coder",
        "read_only_root": True,
    }
    await _seed(database, image("code", "VS Code", run=run))

    version = (await ann.get("/environments/code/versions/1")).json()

    assert version["image"] == f"registry.test/code@{version['digest']}"
    assert {name: version[name] for name in run} == run
    assert (version["command"], version["packages"]) == ([], [])
    listed = (await ann.get("/environments")).json()["items"]
    assert {each["slug"]: each["latest"]["image"] for each in listed} == {
        "minimal": None,
        "python": None,
        "code": version["image"],
    }


async def test_another_way_to_run_the_same_image_is_the_next_version(ann: Client, database: Database) -> None:
    other = image("code", "VS Code").model_dump()
    other["run"]["read_only_root"] = True

    await _seed(database, image("code", "VS Code"))
    await _seed(database, image("code", "VS Code"))
    await _seed(database, Recipe.model_validate(other))
    await _seed(database, image("code", "VS Code", digest="2"))

    versions = (await ann.get("/environments/code")).json()["versions"]
    assert [version["number"] for version in versions] == [3, 2, 1]
    assert versions[1]["digest"] == versions[2]["digest"] != versions[0]["digest"]


async def test_an_image_is_refused_where_sessions_run_without_one(
    ann: Client, project: str, database: Database
) -> None:
    await _seed(database, image("code", "VS Code"), image("python", "Python"))
    await ann.made(f"{project}/sessions", environment="python", version=1)

    problem = await ann.refused(f"{project}/sessions", environment="code")
    assert (problem["code"], problem["errors"][0]["field"]) == ("environment_unsupported", "environment")
    assert problem["detail"].startswith(
        "Version 1 of VS Code is an image, and this computer has neither podman nor docker that works."
    )
    problem = await ann.refused(f"{project}/sessions/python", 422, "PATCH", version=2)
    assert problem["errors"][0]["field"] == "version"


@pytest.mark.usefixtures("on_cluster")
async def test_an_environment_without_an_image_is_refused_on_a_cluster(ann: Client, project: str) -> None:
    problem = await ann.refused(f"{project}/sessions", environment="python")

    assert problem["detail"].startswith(
        "Version 1 of Python has no image, and sessions run as pods here. Choose"
    )
    await ann.made(f"{project}/sessions", environment="image")


async def test_images_and_packages_become_sessions_on_a_computer_with_an_engine(
    ann: Client, project: str, database: Database, app: FastAPI
) -> None:
    app.state.settings = app.state.settings.model_copy(update={"containers": True})
    await _seed(database, image("code", "VS Code"))

    await ann.made(f"{project}/sessions", environment="code")
    await ann.made(f"{project}/sessions", environment="python")


async def test_a_session_from_before_is_not_started_where_it_cannot_run(
    ann: Client, project: str, database: Database, app: FastAPI
) -> None:
    await ann.made(f"{project}/sessions", environment="python")
    app.state.settings = app.state.settings.model_copy(update={"kubernetes_namespace": "sessions"})

    problem = await ann.refused(f"{project}/sessions/python/start", 409)

    assert problem["code"] == "environment_unsupported"
    assert "ask an administrator to give this one an image" in problem["hint"]


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
