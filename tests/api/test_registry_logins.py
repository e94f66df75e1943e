"""Registry logins: a person's own and a project's, what opens what, and that passwords never come out."""

from __future__ import annotations

import logging

import pytest
from fastapi import FastAPI
from sqlalchemy import text

from sessions_api.kit.db import Database
from sessions_api.kit.sealing import Sealer
from sessions_api.people.viewer import Viewer
from sessions_api.registry.references import parse
from sessions_api.registry_logins import service
from sessions_api.registry_logins.logins import Logins, LoginUnopenedError
from tests.api.conftest import SECRETS_KEY, Client

OWN = "/me/registry-logins"
IMAGE = "registry.example.org:5000/team/tools:1"
LOGIN = {"username": "ann", "password": "s3cret"}


@pytest.fixture
async def project_id(ann: Client, project: str) -> str:
    return str((await ann.get(project)).json()["id"])


async def logins(database: Database, project_id: str, person: str = "ann") -> Logins:
    async with database.read() as db:
        return await service.for_launch(db, project_id, person)


async def test_an_own_login_is_read_without_its_password(ann: Client) -> None:
    made = await ann.made(OWN, host="Registry.example.org:5000", **LOGIN)

    assert set(made) == {"id", "host", "username", "created_by", "created_at", "updated_at"}
    assert (made["host"], made["username"], made["created_by"]) == ("registry.example.org:5000", "ann", "ann")
    assert (await ann.get(f"{OWN}/registry.example.org:5000")).json() == made
    assert (await ann.get(f"{OWN}/{made['id']}")).json() == made


@pytest.mark.parametrize("path", [OWN, "/projects/terrain/registry-logins"])
async def test_nothing_that_is_answered_logged_or_kept_holds_the_password(
    ann: Client, project: str, database: Database, path: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    body = {"host": "ghcr.io", **LOGIN}
    answers = [
        await ann.post(path, json=body),
        await ann.post(path, json=body),
        await ann.post(path, json={**body, "host": "ann:s3cret@ghcr.io"}),
        await ann.post(path, json={**body, "host": "https://ann:s3cret@ghcr.io/x"}),
        await ann.post(path, json={**body, "more": 1}),
        await ann.post(path, json={**body, "host": "a.org", "password": 53337}),
        await ann.post(path, json={**body, "host": "a.org", "password": "s3cret\ns3cret"}),
        await ann.patch(f"{path}/ghcr.io", json={"password": "s3cret"}),
        await ann.patch(f"{path}/none", json={"password": "s3cret"}),
        await ann.get(path),
    ]

    said = "".join(answer.text + str(answer.headers) for answer in answers) + caplog.text
    assert "s3cret" not in said
    assert "53337" not in said
    assert [answer.status_code for answer in answers] == [201, *([422] * 6), 200, 404, 200]
    async with database.read() as db:
        kept = (await db.execute(text("SELECT * FROM registry_logins"))).all()
        repeats = (await db.execute(text("SELECT * FROM repeats"))).all()
    assert "s3cret" not in repr((kept, repeats))


async def test_nobody_else_sees_a_persons_logins(ann: Client, bob: Client) -> None:
    made = await ann.made(OWN, host="ghcr.io", **LOGIN)

    assert (await bob.get(OWN)).json()["items"] == []
    await bob.refused(f"{OWN}/{made['id']}", 404, "GET")
    await bob.refused(f"{OWN}/{made['id']}", 404, "PATCH", password="y")
    await bob.refused(f"{OWN}/{made['id']}", 404, "DELETE")
    await bob.made(OWN, host="ghcr.io", **LOGIN)


async def test_a_viewer_reads_hosts_and_does_not_write(ann: Client, bob: Client, project: str) -> None:
    path = f"{project}/registry-logins"
    await ann.made(path, host="ghcr.io", **LOGIN)

    assert [each["host"] for each in (await bob.get(path)).json()["items"]] == ["ghcr.io"]
    await bob.refused(path, 403, host="a.org", **LOGIN)
    await bob.refused(f"{path}/ghcr.io", 403, "PATCH", password="x")
    await bob.refused(f"{path}/ghcr.io", 403, "DELETE")


async def test_an_editor_manages_the_logins_of_a_project(ann: Client, bob: Client, project: str) -> None:
    path = f"{project}/registry-logins"
    await ann.post(f"{project}/members", json={"person": "bob", "role": "editor"})

    await bob.made(path, host="ghcr.io", **LOGIN)
    assert (await bob.patch(f"{path}/ghcr.io", json={"username": "bob"})).json()["username"] == "bob"
    assert (await bob.delete(f"{path}/ghcr.io")).status_code == 204


async def test_the_logins_of_a_private_project_do_not_exist_for_others(ann: Client, bob: Client) -> None:
    await ann.made("/projects", name="Private")
    await ann.made("/projects/private/registry-logins", host="ghcr.io", **LOGIN)

    await bob.refused("/projects/private/registry-logins", 404, "GET")
    await bob.refused("/projects/private/registry-logins/ghcr.io", 404, "GET")
    await bob.refused("/projects/private/registry-logins", 404, host="a.org", **LOGIN)


async def test_a_registry_has_one_login_of_each_owner(ann: Client, project: str) -> None:
    await ann.made(OWN, host="ghcr.io", **LOGIN)
    await ann.made(f"{project}/registry-logins", host="ghcr.io", **LOGIN)

    problem = await ann.refused(OWN, host="GHCR.io/owner/name:1", **LOGIN)

    assert problem["code"] == "host_taken"
    assert problem["errors"][0]["field"] == "host"


@pytest.mark.parametrize(
    ("given", "host"),
    [
        ("https://ghcr.io/", "ghcr.io"),
        (IMAGE, "registry.example.org:5000"),
        ("localhost:5000", "localhost:5000"),
        ("[::1]:5000", "[::1]:5000"),
        ("docker.io", "docker.io"),
        ("https://index.docker.io/v1/", "docker.io"),
    ],
)
async def test_a_registry_is_understood_as_people_have_it_at_hand(ann: Client, given: str, host: str) -> None:
    assert (await ann.made(OWN, host=given, **LOGIN))["host"] == host


@pytest.mark.parametrize(
    "host", ["", "a registry", "ann@ghcr.io", "python", "/x", "hub.docker.com", "-a.org", "a:b", "é.org"]
)
async def test_what_is_no_registry_is_refused(ann: Client, host: str) -> None:
    problem = await ann.refused(OWN, host=host, **LOGIN)

    assert problem["errors"][0]["field"] == "host"


async def test_a_user_name_with_a_colon_is_refused(ann: Client) -> None:
    problem = await ann.refused(OWN, host="ghcr.io", username="a:b", password="x")

    assert problem["errors"][0]["field"] == "username"


async def test_an_edit_of_an_older_state_is_refused(ann: Client) -> None:
    await ann.made(OWN, host="ghcr.io", **LOGIN)
    path = f"{OWN}/ghcr.io"
    old = (await ann.get(path)).headers["ETag"]
    first = await ann.patch(path, json={"username": "ann2"}, headers={"If-Match": old})

    second = await ann.patch(path, json={"username": "bob"}, headers={"If-Match": old})
    removal = await ann.delete(path, headers={"If-Match": old})

    assert (first.status_code, second.status_code, removal.status_code) == (200, 412, 412)


async def test_logins_come_in_pages_by_registry(ann: Client) -> None:
    for host in ("c.org", "a.org", "b.org"):
        await ann.made(OWN, host=host, **LOGIN)

    first = (await ann.get(OWN, params={"limit": 2})).json()
    second = (await ann.get(OWN, params={"limit": 2, "cursor": first["next"]})).json()

    assert [item["host"] for item in first["items"] + second["items"]] == ["a.org", "b.org", "c.org"]


async def test_a_person_has_at_most_fifty_logins(ann: Client) -> None:
    for number in range(50):
        await ann.made(OWN, host=f"h{number}.org", **LOGIN)

    problem = await ann.refused(OWN, 409, host="h50.org", **LOGIN)

    assert problem["code"] == "too_many_registry_logins"


async def test_ones_own_login_goes_before_the_projects(
    ann: Client, bob: Client, project: str, project_id: str, database: Database
) -> None:
    sealer, image = Sealer(SECRETS_KEY), parse(IMAGE)
    await ann.post(f"{project}/members", json={"person": "bob", "role": "viewer"})
    await ann.made(f"{project}/registry-logins", host=IMAGE, username="robot", password="of the project")
    await bob.made(OWN, host=IMAGE, username="bob", password="of bob")

    of_ann = (await logins(database, project_id)).opened(image, sealer)
    of_bob = (await logins(database, project_id, "bob")).opened(image, sealer)

    assert of_ann is not None
    assert of_bob is not None
    assert (of_ann.username, of_ann.password.get_secret_value()) == ("robot", "of the project")
    assert (of_bob.username, of_bob.password.get_secret_value()) == ("bob", "of bob")


async def test_who_passes_by_a_public_project_launches_with_no_login_not_even_their_own(
    ann: Client, bob: Client, project: str, project_id: str, database: Database
) -> None:
    await ann.made(f"{project}/registry-logins", host="ghcr.io", **LOGIN)
    await bob.made(OWN, host="quay.io", **LOGIN)

    found = await logins(database, project_id, "bob")

    assert not found.has(parse("ghcr.io/a/b"))
    assert not found.has(parse("quay.io/a/b"))


@pytest.mark.parametrize(
    ("image", "used"),
    [
        (IMAGE, True),
        ("Registry.Example.org:5000/team/tools", True),
        ("registry.example.org/team/tools", False),
        ("registry.example.org:5001/team/tools", False),
        ("registry.example.org.evil.example:5000/team/tools", False),
        ("evil.example/registry.example.org/tools", False),
    ],
)
async def test_a_login_is_for_its_own_registry(
    ann: Client, project_id: str, database: Database, image: str, *, used: bool
) -> None:
    await ann.made(OWN, host="registry.example.org:5000", **LOGIN)

    assert (await logins(database, project_id)).has(parse(image)) is used


async def test_a_password_that_no_key_opens_is_told_with_a_remedy(ann: Client, database: Database) -> None:
    await ann.made(OWN, host="ghcr.io", **LOGIN)
    other = Sealer("bmV3IGtleSBuZXcga2V5IG5ldyBrZXkgbmV3IGtleSE=")

    async with database.read() as db:
        found = await service.for_check(db, Viewer("ann"))
    with pytest.raises(LoginUnopenedError) as caught:
        found.opened(parse("ghcr.io/a/b"), other)

    assert caught.value.reason.code == "registry_login_unopened"
    assert "registry login of ghcr.io" in caught.value.reason.sentence
    assert caught.value.reason.remedies[0].host == "ghcr.io"


async def test_a_new_first_key_encrypts_passwords_anew(
    ann: Client, project_id: str, database: Database, app: FastAPI
) -> None:
    await ann.made(OWN, host="ghcr.io", **LOGIN)
    old = app.state.settings.secrets_key.get_secret_value()
    new = "bmV3IGtleSBuZXcga2V5IG5ldyBrZXkgbmV3IGtleSE="

    assert await service.reseal(database, Sealer(f"{new},{old}")) == 1

    opened = (await logins(database, project_id)).opened(parse("ghcr.io/a/b"), Sealer(new))
    assert opened is not None
    assert opened.password.get_secret_value() == "s3cret"
