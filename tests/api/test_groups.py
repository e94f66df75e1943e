"""Groups of the hub's as members of projects."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from fastapi import FastAPI
from pydantic import SecretStr

from sessions_api.hub.client import Hub
from sessions_api.kit.db import Database
from sessions_api.people.service import Logins
from sessions_api.people.viewer import Viewer
from sessions_api.projects import service as projects
from sessions_api.runs import service as runs
from sessions_api.secrets import service as secrets
from sessions_api.sessions import service as sessions
from tests.api.conftest import Client
from tests.pages.hub import StandInHub


@pytest.fixture
async def gil(app: FastAPI) -> AsyncIterator[Client]:
    """Gil, who is in the hub's groups mappers and walkers."""
    async with Client(app, "gil") as client:
        client.headers["X-Groups"] = "mappers,walkers"
        yield client


@pytest.fixture
async def hidden(ann: Client, project: str) -> str:
    """Ann's project, which only members see."""
    await ann.patch(project, json={"visibility": "private"})
    return project


async def put(client: Client, project: str, group: str, role: str) -> None:
    answer = await client.put(f"{project}/groups/{group}", json={"role": role})
    assert answer.status_code == 200, answer.text


async def test_whoever_is_in_the_group_sees_the_project_and_has_its_role(
    ann: Client, bob: Client, gil: Client, hidden: str
) -> None:
    assert (await gil.get(hidden)).status_code == 404
    await put(ann, hidden, "mappers", "editor")

    assert (await gil.get(hidden)).json()["role"] == "editor"
    assert [each["slug"] for each in (await gil.get("/projects")).json()["items"]] == ["terrain"]
    await gil.made(f"{hidden}/sessions", environment="minimal")
    assert (await bob.get(hidden)).status_code == 404


async def test_the_highest_of_all_roles_counts(ann: Client, gil: Client, hidden: str) -> None:
    await put(ann, hidden, "mappers", "viewer")
    await put(ann, hidden, "walkers", "editor")
    assert (await gil.get(hidden)).json()["role"] == "editor"
    await ann.post(f"{hidden}/members", json={"person": "gil", "role": "owner"})
    assert (await gil.get(hidden)).json()["role"] == "owner"
    assert (await gil.get("/projects")).json()["items"][0]["role"] == "owner"
    await ann.patch(f"{hidden}/members/gil", json={"role": "viewer"})
    assert (await gil.get(hidden)).json()["role"] == "editor"


async def test_a_group_that_is_taken_out_takes_its_people_along(
    ann: Client, gil: Client, hidden: str
) -> None:
    await put(ann, hidden, "mappers", "owner")
    assert (await ann.delete(f"{hidden}/groups/mappers")).status_code == 204
    assert (await gil.get(hidden)).status_code == 404
    await ann.refused(f"{hidden}/groups/mappers", 404, "DELETE")


async def test_groups_are_listed_changed_and_put_again_without_harm(ann: Client, project: str) -> None:
    for group, role in (("walkers", "viewer"), ("mappers", "viewer"), ("mappers", "editor")):
        await put(ann, project, group, role)
    await put(ann, project, "mappers", "editor")
    listed = (await ann.get(f"{project}/groups", params={"limit": 1})).json()
    rest = (await ann.get(f"{project}/groups", params={"limit": 1, "cursor": listed["next"]})).json()
    told = [(each["group"], each["role"]) for each in (*listed["items"], *rest["items"])]
    assert told == [("mappers", "editor"), ("walkers", "viewer")]


async def test_a_project_keeps_a_person_as_owner_whatever_groups_own_it(ann: Client, project: str) -> None:
    await put(ann, project, "mappers", "owner")
    problem = await ann.refused(f"{project}/members/ann", 409, "DELETE")
    assert problem["code"] == "last_owner"


async def test_an_environment_for_a_project_is_for_its_groups_too(
    ann: Client, gil: Client, hidden: str
) -> None:
    lab = {
        "front_end": "JupyterLab",
        "default_url": "/lab",
        "port": 8888,
        "command": ["jupyterhub-singleuser"],
        "requirements": "jupyterlab==4.5.0\n",
    }
    await ann.made("/environments", name="Ice", visibility="projects", projects=["terrain"], version=lab)
    assert (await gil.get("/environments/ice")).status_code == 404
    await put(ann, hidden, "mappers", "viewer")
    assert (await gil.get("/environments/ice")).status_code == 200


async def test_a_launch_gets_secrets_by_the_groups_of_its_start(
    app: FastAPI, ann: Client, gil: Client, project: str
) -> None:
    await ann.post(f"{project}/secrets", json={"name": "key", "value": "x"})
    await ann.made(f"{project}/sessions", environment="minimal")
    await put(ann, project, "mappers", "viewer")
    session = (await gil.post(f"{project}/start")).json()["session"]
    database: Database = app.state.database
    async with database.read() as db:
        access = await projects.access(db, Viewer("gil"), "terrain")
        found, started = access.project, await sessions.get(db, access, session)
        run = (await runs.latest(db, "gil", [started.id]))[started.id]
        by_group = await secrets.for_launch(db, found, run.person, run.groups)
        without = await secrets.for_launch(db, found, "gil", ["walkers"])
    assert [each.name for each in by_group.specs] == ["key"]
    assert (without.specs, without.withheld) == ((), 1)


@pytest.mark.parametrize("name", ["a%2Fb", "%20", "x" * 101])
async def test_a_name_that_no_address_can_have_is_refused(ann: Client, project: str, name: str) -> None:
    answer = await ann.put(f"{project}/groups/{name}", json={"role": "viewer"})
    assert answer.status_code in {404, 422}


async def test_who_leaves_the_group_at_the_hub_is_out_when_it_is_asked_again(database: Database) -> None:
    with StandInHub() as standin:
        standin.groups["gil"] = ["mappers"]
        hub = Hub(standin.url, SecretStr("unused"))
        cookie = await Logins(database, hub, SecretStr("unused")).create(Viewer("gil"))
        before = await Logins(database, hub, SecretStr("unused")).by_cookie(cookie)
        standin.groups["gil"] = []
        after = await Logins(database, hub, SecretStr("unused")).by_cookie(cookie)
        await hub.close()
    assert before is not None
    assert after is not None
    assert (before.groups, after.groups) == (frozenset({"mappers"}), frozenset())
