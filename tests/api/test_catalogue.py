"""Environments that people make, share and change."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from fastapi import FastAPI

from sessions_api.environments import seeding
from sessions_api.kit.db import Database
from tests.api.catalogue import image, made, packages, slugs
from tests.api.conftest import Client, recipe


@pytest.fixture
async def admin(app: FastAPI) -> AsyncIterator[Client]:
    """A platform admin, who is a member of nothing."""
    async with Client(app, "root") as client:
        yield client


@pytest.fixture
async def private(ann: Client) -> str:
    """Ann's private project, with Carol as a viewer."""
    project = await ann.made("/projects", name="Deep", visibility="private")
    await ann.post(f"/projects/{project['slug']}/members", json={"person": "carol", "role": "viewer"})
    return str(project["slug"])


async def test_an_environment_of_packages_is_made_with_its_first_version(ann: Client) -> None:
    environment = await made(
        ann, "Tide tables", description="For tides.", keywords=["Tides", "tides", "harmonic"]
    )

    assert (environment["slug"], environment["visibility"], environment["created_by"]) == (
        "tide-tables",
        "private",
        "ann",
    )
    assert environment["keywords"] == ["tides", "harmonic"]
    assert environment["editable"] is True
    assert [version["number"] for version in environment["versions"]] == [1]
    version = (await ann.get("/environments/tide-tables/versions/1")).json()
    assert [package["name"] for package in version["packages"]] == ["jupyterlab", "numpy"]
    assert version["made_from"] == "requirements"


async def test_an_environment_of_an_image_says_what_is_known_of_it(ann: Client) -> None:
    known: dict[str, Any] = {
        "reference": "registry.test/team/code:4.1",
        "platforms": ["linux/amd64", "linux/arm/v7"],
        "size": 3_000_000_000,
        "layers": [{"digest": f"sha256:{'a' * 64}", "size": 3_000_000_000}],
        "labels": {"org.opencontainers.image.title": "Code"},
    }

    environment = await made(ann, "Code", version=image(**known))

    version = (await ann.get(f"/environments/{environment['slug']}/versions/1")).json()
    assert {name: version[name] for name in known} == known
    assert version["digest"] == f"sha256:{'1' * 64}"
    assert (version["made_from"], version["uid"], version["packages"]) == ("image", 1000, [])


async def test_requirements_are_taken_as_files_have_them(ann: Client) -> None:
    lines = (
        "# comment",
        "--only-binary :all:",
        "numpy==2.3.5\t# fast",
        "appnope==1 ; sys_platform == 'darwin'",
    )
    await made(ann, "From a file", version=packages() | {"requirements": "\r\n".join(lines)})

    version = (await ann.get("/environments/from-a-file/versions/1")).json()

    assert [package["name"] for package in version["packages"]] == ["numpy"]


@pytest.mark.parametrize(
    ("version", "says"),
    [
        (packages(image=f"a@sha256:{'1' * 64}"), "one of both"),
        ({**packages(), "requirements": None}, "one of both"),
        (image(image="python:3.13"), "REPOSITORY@sha256:"),
        (packages("numpy>=2"), "numpy>=2 is not pinned"),
        (packages("numpy==2 ; nonsense"), "is not pinned"),
        (packages("numpy==2.*"), "numpy==2.* is not pinned"),
        (packages("numpy==2,<3"), "is not pinned"),
        (packages("a" * 250 + "==1"), "is not pinned"),
        (packages("numpy==2\0"), "control characters"),
        (packages(command=["lab", "\0"]), "NUL"),
        (packages(command=["lab", "\\\\\0"]), "NUL"),
        (image(labels={"a": "\0"}), "control characters"),
        (packages("# nothing"), "names no package"),
        (packages(command=[]), "Say in command"),
        (packages(size=3), "Only an image has size"),
        (image(platforms=["amd64"]), "linux/amd64"),
        (image(port=80), "1024 is the least"),
        (image(default_url="lab"), "no path"),
        (image(uid=0), "1 is the least"),
    ],
)
async def test_a_version_that_cannot_be_is_refused_in_words(
    ann: Client, version: dict[str, Any], says: str
) -> None:
    problem = await ann.refused("/environments", name="Wrong", version=version)

    assert says in problem["detail"]
    assert await slugs(ann, mine=True) == []


async def test_two_of_one_name_have_slugs_of_their_own(ann: Client, bob: Client) -> None:
    answers = await asyncio.gather(*(made(client, "Tides") for client in (ann, bob, ann)))

    assert sorted(each["slug"] for each in answers) == ["tides", "tides-2", "tides-3"]
    assert (await made(ann, "New"))["slug"] == "new-2"


async def test_a_private_environment_exists_for_its_creator_and_admins_only(
    ann: Client, bob: Client, admin: Client
) -> None:
    await made(ann, "Mine")

    for path in ("", "/versions", "/versions/1", "/versions/1/packages", "/versions/1...1"):
        assert (await ann.get(f"/environments/mine{path}")).status_code == 200, path
        await bob.refused(f"/environments/mine{path}", 404, "GET")
    for method, path in (("PATCH", ""), ("DELETE", ""), ("POST", "/duplicate"), ("PUT", "/favourite")):
        await bob.refused(f"/environments/mine{path}", 404, method)
    assert "mine" not in await slugs(bob)
    assert await slugs(bob, search="mine") == []
    assert "mine" in await slugs(admin)
    assert await slugs(admin, search="mine") == ["mine"]


async def test_one_for_projects_exists_for_their_members(
    app: FastAPI, ann: Client, bob: Client, private: str, project: str
) -> None:
    environment = await made(ann, "Ours", visibility="projects", projects=[private])
    public = project.removeprefix("/projects/")

    async with Client(app, "carol") as carol:
        assert (await carol.get("/environments/ours")).json()["projects"] == [private]
        assert await slugs(carol, search="our") == ["ours"]
        await bob.refused("/environments/ours", 404, "GET")
        changed = (await ann.patch("/environments/ours", json={"projects": [public]})).json()
        assert (changed["projects"], environment["other_projects"]) == ([public], 0)
        await carol.refused("/environments/ours", 404, "GET")
        # Bob sees the public project, and does not belong to it.
        await bob.refused("/environments/ours", 404, "GET")


async def test_a_removed_project_shows_its_environments_to_nobody(
    app: FastAPI, ann: Client, private: str
) -> None:
    await made(ann, "Ours", visibility="projects", projects=[private])
    await ann.delete(f"/projects/{private}")

    async with Client(app, "carol") as carol:
        await carol.refused("/environments/ours", 404, "GET")


async def test_projects_that_an_admin_does_not_see_stay_when_they_choose_others(
    ann: Client, admin: Client, private: str, project: str
) -> None:
    await made(ann, "Ours", visibility="projects", projects=[private])

    seen = (await admin.get("/environments/ours")).json()
    assert (seen["projects"], seen["other_projects"]) == ([], 1)
    await admin.patch("/environments/ours", json={"projects": [project.removeprefix("/projects/")]})

    assert (await ann.get("/environments/ours")).json()["projects"] == [
        private,
        project.removeprefix("/projects/"),
    ]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"visibility": "projects"}, "projects"),
        ({"visibility": "projects", "projects": ["none"]}, "projects"),
        ({"visibility": "everyone", "projects": ["terrain"]}, "projects"),
        ({"successor": "python"}, "successor"),
        ({"archived": True, "successor": "none"}, "successor"),
        ({"archived": True, "successor": "mine"}, "successor"),
        ({"visibility": "nobody"}, "visibility"),
        ({"keywords": ["two words"]}, "keywords.0"),
        ({"description": "a\0b"}, "description"),
    ],
)
async def test_changes_that_do_not_go_together_are_refused(
    ann: Client, project: str, body: dict[str, Any], field: str
) -> None:
    await made(ann, "Mine")

    problem = await ann.refused("/environments/mine", 422, "PATCH", **body)

    assert problem["errors"][0]["field"] == field
    assert (await ann.get("/environments/mine")).json()["visibility"] == "private"


async def test_a_change_is_based_on_what_was_read(ann: Client) -> None:
    await made(ann, "Mine")
    answer = await ann.patch(
        "/environments/mine", json={"name": "Ours", "visibility": "everyone"}, headers={"If-Match": '"1"'}
    )

    assert (answer.json()["name"], answer.json()["slug"]) == ("Ours", "mine")
    assert answer.headers["ETag"] == '"2"'
    stale = await ann.patch("/environments/mine", json={"name": "Theirs"}, headers={"If-Match": '"1"'})
    assert stale.status_code == 412


async def test_who_sees_it_duplicates_it_and_only_its_creator_changes_it(ann: Client, bob: Client) -> None:
    await made(ann, "Shared", visibility="everyone", keywords=["tides"])

    problem = await bob.refused("/environments/shared", 403, "PATCH", name="Mine")
    assert problem["detail"] == "Only ann and platform administrators change Shared."
    await bob.refused("/environments/shared", 403, "DELETE")
    await bob.refused("/environments/shared/versions", 403, **packages("scipy==1.0"))
    copy = await bob.made("/environments/shared/duplicate")

    assert (copy["name"], copy["slug"], copy["created_by"]) == ("Copy of Shared", "copy-of-shared", "bob")
    assert (copy["visibility"], copy["keywords"]) == ("private", ["tides"])
    assert copy["latest"]["made_from"] == "duplicate of shared version 1"
    assert copy["latest"]["digest"] == (await ann.get("/environments/shared")).json()["latest"]["digest"]
    assert await slugs(bob, search="numpy", mine=True) == ["copy-of-shared"]


async def test_an_older_version_is_duplicated_under_a_name(ann: Client) -> None:
    await made(ann, "Line")
    await ann.post("/environments/line/versions", json=packages("scipy==1.0"))

    copy = await ann.made("/environments/line/duplicate", version=1, name="Before")

    assert (copy["slug"], copy["latest"]["made_from"]) == ("before", "duplicate of line version 1")
    await ann.refused("/environments/line/duplicate", 404, "POST", version=9)


async def test_the_same_request_twice_makes_one_environment(ann: Client) -> None:
    key = {"Idempotency-Key": "2f1c"}
    body = {"name": "Once", "version": packages()}

    first, second = [await ann.post("/environments", json=body, headers=key) for _ in range(2)]

    assert first.json() == second.json()
    assert await slugs(ann, mine=True) == ["once"]


async def test_only_admins_decide_which_are_default(ann: Client, bob: Client, admin: Client) -> None:
    await made(ann, "Tides")

    problem = await ann.refused("/environments/tides", 403, "PATCH", default=True)
    assert problem["detail"].startswith("Only platform administrators decide")
    changed = (await admin.patch("/environments/tides", json={"default": True})).json()

    assert (changed["default"], changed["visibility"]) == (True, "everyone")
    assert await slugs(bob) == ["minimal", "python", "tides"]
    problem = await ann.refused("/environments/tides", 422, "PATCH", visibility="private")
    assert problem["code"] == "default_is_for_everyone"


async def test_what_an_admin_decided_outlives_the_seed(
    ann: Client, admin: Client, database: Database
) -> None:
    await admin.patch("/environments/python", json={"default": False, "visibility": "private"})
    await admin.patch("/environments/minimal", json={"archived": True, "successor": "python"})
    added = await admin.post("/environments/python/versions", json=packages("scipy==1.0"))
    assert added.status_code == 201, added.text
    before = [(await admin.get(f"/environments/{slug}")).json() for slug in ("minimal", "python")]

    async with database.write() as db:
        await seeding.seed(db, [recipe("minimal", "Minimal"), recipe("python", "Python")])

    after = [(await admin.get(f"/environments/{slug}")).json() for slug in ("minimal", "python")]
    assert after == before
    await ann.refused("/environments/python", 404, "GET")


async def test_words_of_a_recipe_are_changed_in_the_recipe(admin: Client) -> None:
    problem = await admin.refused("/environments/python", 409, "PATCH", name="Snake")

    assert problem["code"] == "recipe_words"
    assert problem["hint"].endswith("in the recipe python.")


async def test_a_recipe_does_not_take_over_what_somebody_made(ann: Client, database: Database) -> None:
    await made(ann, "Tides")

    for _ in range(2):
        async with database.write() as db:
            await seeding.seed(db, [recipe("tides", "Tides")])

    assert (await ann.get("/environments/tides")).json()["created_by"] == "ann"
    assert (await ann.get("/environments/tides-2")).json()["recipe"] == "tides"
    assert await slugs(ann, search="tides") == ["tides-2", "tides"]


async def test_sharing_and_adding_at_once_do_not_stand_in_each_others_way(ann: Client, project: str) -> None:
    await made(ann, "Ours", visibility="projects", projects=["terrain"])

    answers = await asyncio.gather(
        *(
            ann.patch("/environments/ours", json={"projects": ["terrain"], "description": f"{number}"})
            if number % 2
            else ann.post(f"{project}/sessions", json={"environment": "ours"})
            for number in range(10)
        )
    )

    assert {answer.status_code for answer in answers} == {200, 201}
