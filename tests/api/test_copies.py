"""Sessions are copied to other projects, without what those do not have; that is said before."""

from __future__ import annotations

import pytest

from tests.api.conftest import Client

URL = "https://git.example.org/{}.git"


@pytest.fixture
async def source(ann: Client, project: str) -> str:
    """A session of Ann's with something of everything; its path."""
    for name in ("notes", "tides"):
        await ann.made(f"{project}/repositories", url=URL.format(name))
    await ann.made(f"{project}/secrets", name="key", value="v")
    await ann.made(
        f"{project}/sessions",
        environment="minimal",
        name="Chart",
        description="For maps.",
        cpus=2,
        repositories=[{"repository": "notes", "ref": "main"}, {"repository": "tides"}],
        variables={"SCALE": "3", "TOKEN": "t"},
    )
    return f"{project}/sessions/chart"


@pytest.fixture
async def bobs(bob: Client) -> str:
    """Bob's project, which has one of the repositories under another folder."""
    await bob.made("/projects", name="Harbour")
    await bob.made("/projects/harbour/repositories", url=URL.format("notes"), folder="our-notes")
    await bob.made("/projects/harbour/secrets", name="token", value="v", variable="TOKEN")
    return "harbour"


LEFT_OUT = [
    "The repository tides, which Harbour does not have",
    "The secret key, which Harbour does not have",
    "The variable TOKEN, which a secret of Harbour sets",
]


async def test_what_the_other_project_has_comes_along_and_the_rest_is_said_before(
    bob: Client, source: str, bobs: str
) -> None:
    plan = (await bob.get(f"{source}/copy?project={bobs}")).json()
    assert plan == {"project": "harbour", "name": "Chart", "left_out": LEFT_OUT}
    assert (await bob.get("/projects/harbour/sessions")).json()["items"] == []

    answer = await bob.post(f"{source}/copy", json={"project": bobs})

    copied = answer.json()
    assert (answer.status_code, copied["left_out"]) == (201, LEFT_OUT)
    assert answer.headers["Location"] == "/api/v1/projects/harbour/sessions/chart"
    read = (await bob.get("/projects/harbour/sessions/chart")).json()
    assert read == {name: value for name, value in copied.items() if name not in {"project", "left_out"}}
    assert (read["description"], read["cpus"], read["variables"]) == ("For maps.", 2, {"SCALE": "3"})
    assert read["repositories"] == [{"repository": "our-notes", "ref": "main"}]


async def test_a_second_copy_has_a_number(bob: Client, source: str, bobs: str) -> None:
    names = [(await bob.post(f"{source}/copy", json={"project": bobs})).json()["name"] for _ in range(2)]
    assert names == ["Chart", "Chart 2"]


async def test_rights_are_asked_for_in_both_projects(
    ann: Client, bob: Client, source: str, bobs: str
) -> None:
    assert (await ann.refused(f"{source}/copy", 422, project=bobs))["errors"][0]["field"] == "project"
    await bob.post(f"/projects/{bobs}/members", json={"person": "ann", "role": "viewer"})
    assert (await ann.refused(f"{source}/copy", 403, project=bobs))["code"] == "forbidden"
    await ann.patch(source.rpartition("/sessions")[0], json={"visibility": "private"})
    await bob.refused(f"{source}/copy", 404, project=bobs)


async def test_an_environment_that_one_does_not_see_is_not_copied(
    ann: Client, bob: Client, project: str, bobs: str
) -> None:
    lab = {
        "front_end": "JupyterLab",
        "default_url": "/lab",
        "port": 8888,
        "command": ["jupyterhub-singleuser"],
        "requirements": "jupyterlab==4.5.0\n",
    }
    await ann.made("/environments", name="Own", visibility="private", version=lab)
    await ann.made(f"{project}/sessions", environment="own")
    refused = await bob.refused(f"{project}/sessions/own/copy", 409, project=bobs)
    assert refused["code"] == "environment_not_shared"


async def test_into_its_own_project_it_is_duplicated_instead(ann: Client, source: str) -> None:
    refused = await ann.refused(f"{source}/copy", project="terrain")
    assert "duplicate it there" in refused["detail"]
