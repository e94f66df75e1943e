"""Sessions that are added together with the environment they are made from: both or neither."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.api.catalogue import image, packages, slugs
from tests.api.conftest import Client


def new(name: str = "Tide gauge", **changes: Any) -> dict[str, Any]:
    """An environment of an image, as a session is added with it."""
    return {"name": name, "version": image(), **changes}


async def sessions(client: Client, project: str) -> list[str]:
    """The names of a project's sessions."""
    return [item["name"] for item in (await client.get(f"{project}/sessions")).json()["items"]]


@pytest.mark.usefixtures("on_cluster")
async def test_a_session_is_added_with_an_environment_that_only_its_maker_sees(
    ann: Client, bob: Client, project: str
) -> None:
    session = await ann.made(f"{project}/sessions", environment=new())

    assert (session["name"], session["status"], session["default"]) == ("Tide gauge", "inactive", True)
    assert session["environment"] | {"id": ""} == session["environment"] | {
        "id": "",
        "slug": "tide-gauge",
        "version": 1,
        "front_end": "VS Code",
    }
    environment = (await ann.get("/environments/tide-gauge")).json()
    assert (environment["visibility"], environment["created_by"]) == ("private", "ann")
    await bob.refused("/environments/tide-gauge", 404, "GET")


@pytest.mark.usefixtures("on_cluster")
async def test_the_environment_can_be_for_the_members_of_the_project(
    ann: Client, bob: Client, project: str
) -> None:
    await ann.post(f"{project}/members", json={"person": "bob", "role": "viewer"})

    await ann.made(f"{project}/sessions", environment=new(visibility="projects"))

    assert (await bob.get("/environments/tide-gauge")).json()["visibility"] == "projects"


@pytest.mark.usefixtures("on_cluster")
async def test_the_same_image_again_gets_a_name_and_an_address_of_its_own(ann: Client, project: str) -> None:
    for _ in range(2):
        await ann.made(f"{project}/sessions", environment=new())

    assert await sessions(ann, project) == ["Tide gauge", "Tide gauge 2"]
    assert await slugs(ann, mine=True) == ["tide-gauge", "tide-gauge-2"]


@pytest.mark.usefixtures("on_cluster")
async def test_an_environment_is_not_made_when_its_session_is_refused(ann: Client, project: str) -> None:
    await ann.made(f"{project}/sessions", environment="image", name="Gauge")

    problem = await ann.refused(f"{project}/sessions", environment=new(), name="Gauge")
    assert problem["code"] == "name_taken"
    await ann.refused(f"{project}/sessions", environment=new(), resource_class="none-such")

    assert await slugs(ann, mine=True) == []


async def test_an_image_makes_nothing_where_sessions_run_without_one(ann: Client, project: str) -> None:
    problem = await ann.refused(f"{project}/sessions", environment=new())

    assert (problem["code"], problem["errors"][0]["field"]) == ("environment_unsupported", "environment")
    assert await slugs(ann, mine=True) == []
    await ann.made(f"{project}/sessions", environment=new(version=packages()))


@pytest.mark.usefixtures("on_cluster")
async def test_one_key_makes_one_environment_and_one_session(ann: Client, project: str) -> None:
    body = {"environment": new()}
    answers = await asyncio.gather(
        *(ann.post(f"{project}/sessions", json=body, headers={"Idempotency-Key": "gauge"}) for _ in range(10))
    )

    assert {answer.status_code for answer in answers} == {201}
    assert await sessions(ann, project) == ["Tide gauge"]
    assert await slugs(ann, mine=True) == ["tide-gauge"]


async def test_what_is_wrong_with_the_environment_is_said_at_its_field(ann: Client, project: str) -> None:
    wrong = new(name="", visibility="nobody", version=image(port=0))

    problem = await ann.refused(f"{project}/sessions", environment=wrong)

    assert {error["field"] for error in problem["errors"]} == {
        "environment.name",
        "environment.visibility",
        "environment.version.port",
    }
    missing = await ann.refused(f"{project}/sessions")
    assert [error["field"] for error in missing["errors"]] == ["environment"]


async def test_only_editors_make_an_environment_with_a_session(bob: Client, project: str) -> None:
    await bob.refused(f"{project}/sessions", 403, environment=new(version=packages()))

    assert await slugs(bob, mine=True) == []
