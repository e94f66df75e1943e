"""Secrets of a project: who may do what with them, and that their values never come out."""

from __future__ import annotations

import json
import logging

import pytest
from fastapi import FastAPI
from sqlalchemy import text

from sessions_api.kit.db import Database
from sessions_api.kit.sealing import Sealer
from sessions_api.projects import service as projects
from sessions_api.secrets import service
from sessions_api.settings import Settings
from tests.api.conftest import Client

VALUE = "-----BEGIN KEY-----\ns3cret 雪\n-----END KEY-----\n"


async def dump(database: Database) -> str:
    """Everything that is in the database."""
    async with database.read() as db:
        tables = (
            "SELECT name FROM sqlite_master WHERE type = 'table'"
            if database.sqlite
            else "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        )
        names = (await db.scalars(text(tables))).all()
        rows = [(await db.execute(text(f'SELECT * FROM "{name}"'))).all() for name in names]  # noqa: S608
    return repr(rows)


async def value_of(database: Database, app: FastAPI, project: str, name: str, person: str = "ann") -> str:
    """What a launch by a person would get."""
    settings: Settings = app.state.settings
    async with database.read() as db:
        found = await service.values(db, project, person, [name], settings.sealer)
    return found[name].get_secret_value()


@pytest.fixture
async def project_id(ann: Client, project: str) -> str:
    return str((await ann.get(project)).json()["id"])


async def test_an_added_secret_is_read_without_its_value(ann: Client, project: str) -> None:
    made = await ann.made(f"{project}/secrets", name="deploy-key", value=VALUE, variable="DEPLOY_KEY")

    assert set(made) == {"id", "name", "variable", "created_by", "created_at", "updated_at"}
    assert (made["name"], made["variable"], made["created_by"]) == ("deploy-key", "DEPLOY_KEY", "ann")


async def test_the_value_reaches_a_launch_as_it_was_and_is_nowhere_in_clear(
    ann: Client, project: str, project_id: str, database: Database, app: FastAPI
) -> None:
    await ann.made(f"{project}/secrets", name="deploy-key", value=VALUE)

    assert await value_of(database, app, project_id, "deploy-key") == VALUE
    assert "s3cret" not in await dump(database)


async def test_nothing_that_is_answered_or_logged_holds_the_value(
    ann: Client, bob: Client, project: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    body = {"name": "key", "value": VALUE}
    path = f"{project}/secrets"
    answers = [
        await ann.post(path, json=body),
        await ann.post(path, json=body),
        await ann.post(path, json={**body, "name": "a/b"}),
        await ann.post(path, json={**body, "variable": "2ND"}),
        await ann.post(path, json={**body, "more": 1}),
        await ann.post(path, json={"name": "numbers", "value": 53337}),
        await ann.post(path, json={"name": "list", "value": ["53337"]}),
        await ann.post(path, json={"name": "null", "value": "53337\0"}),
        await ann.post(path, content=json.dumps(body).encode()[:-1]),
        await ann.post(path, json={**body, "name": "x"}, headers={"Idempotency-Key": "1"}),
        await ann.post(path, json={**body, "name": "y"}, headers={"Idempotency-Key": "1"}),
        await ann.patch(f"{path}/key", json={"value": VALUE}),
        await ann.patch(f"{path}/none", json={"value": VALUE}),
        await ann.patch(f"{path}/key", json={"value": VALUE}, headers={"If-Match": '"9"'}),
        await bob.patch(f"{path}/key", json={"value": VALUE}),
        await ann.get(path),
        await ann.get(f"{path}/key"),
        await ann.get(project),
    ]

    said = "".join(answer.text + str(answer.headers) for answer in answers) + caplog.text
    assert "s3cret" not in said
    assert "53337" not in said
    assert [answer.status_code for answer in answers] == [
        *(201, 422, 422, 422, 422, 422, 422, 422, 422, 201, 422),
        *(200, 404, 412, 403, 200, 200, 200),
    ]


async def test_the_openapi_document_says_that_a_value_is_only_written(app: FastAPI) -> None:
    schemas = app.openapi()["components"]["schemas"]

    assert schemas["SecretCreate"]["properties"]["value"]["writeOnly"]
    assert "value" not in schemas["SecretRead"]["properties"]


async def test_a_secret_is_changed_piece_by_piece(
    ann: Client, project: str, project_id: str, database: Database, app: FastAPI
) -> None:
    await ann.made(f"{project}/secrets", name="key", value="one", variable="KEY")

    renamed = await ann.patch(f"{project}/secrets/KEY", json={"name": "Key", "value": None})
    assert (renamed.json()["name"], renamed.json()["variable"]) == ("Key", "KEY")
    assert await value_of(database, app, project_id, "Key") == "one"

    replaced = await ann.patch(f"{project}/secrets/key", json={"value": "two", "variable": None})
    assert (replaced.json()["name"], replaced.json()["variable"]) == ("Key", None)
    assert await value_of(database, app, project_id, "Key") == "two"


async def test_an_edit_of_an_older_state_is_refused(ann: Client, project: str) -> None:
    await ann.made(f"{project}/secrets", name="key", value="one")
    path = f"{project}/secrets/key"
    old = (await ann.get(path)).headers["ETag"]
    first = await ann.patch(path, json={"variable": "A"}, headers={"If-Match": old})

    second = await ann.patch(path, json={"variable": "B"}, headers={"If-Match": old})
    removal = await ann.delete(path, headers={"If-Match": old})

    assert (first.status_code, second.status_code, removal.status_code) == (200, 412, 412)
    assert (await ann.delete(path, headers={"If-Match": first.headers["ETag"]})).status_code == 204
    await ann.refused(path, 404, "GET")


async def test_a_secret_that_is_sent_twice_with_a_key_is_added_once(ann: Client, project: str) -> None:
    body, headers = {"name": "key", "value": "one"}, {"Idempotency-Key": "once"}

    first = await ann.post(f"{project}/secrets", json=body, headers=headers)
    second = await ann.post(f"{project}/secrets", json=body, headers=headers)

    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()


async def test_secrets_come_in_pages(ann: Client, project: str) -> None:
    for number in range(3):
        await ann.made(f"{project}/secrets", name=f"key{number}", value="x")

    first = (await ann.get(f"{project}/secrets", params={"limit": 2})).json()
    second = (await ann.get(f"{project}/secrets", params={"limit": 2, "cursor": first["next"]})).json()

    assert [item["name"] for item in first["items"] + second["items"]] == ["key0", "key1", "key2"]
    assert second["next"] is None


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": ".key", "value": "x"}, "name"),
        ({"name": "../key", "value": "x"}, "name"),
        ({"name": "a b", "value": "x"}, "name"),
        ({"name": "", "value": "x"}, "name"),
        ({"name": "key"}, "value"),
        ({"name": "key", "value": ""}, "value"),
        ({"name": "key", "value": "x" * (64 * 1024 + 1)}, "value"),
        ({"name": "key", "value": "雪" * (64 * 1024 // 3 + 1)}, "value"),
        ({"name": "key", "value": "\ud800"}, "value"),
        ({"name": "key", "value": "x", "variable": "A-B"}, "variable"),
        ({"name": "key", "value": "x", "variable": "PATH"}, "variable"),
        ({"name": "key", "value": "x", "variable": "SOJOURN_KEY"}, "variable"),
    ],
)
async def test_what_cannot_be_accepted_is_named(
    ann: Client, project: str, body: dict[str, str], field: str
) -> None:
    answer = await ann.post(
        f"{project}/secrets",
        content=json.dumps(body).encode(),
        headers={"Content-Type": "application/json"},
    )

    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["field"] == field


async def test_a_value_of_exactly_the_most_is_taken_and_so_are_blanks(
    ann: Client, project: str, project_id: str, database: Database, app: FastAPI
) -> None:
    await ann.made(f"{project}/secrets", name="most", value=" " * (64 * 1024 - 1) + "\n")

    assert await value_of(database, app, project_id, "most") == " " * (64 * 1024 - 1) + "\n"


async def test_two_secrets_have_different_names_and_variables(ann: Client, project: str) -> None:
    await ann.made(f"{project}/secrets", name="key", value="x", variable="KEY")

    name = await ann.refused(f"{project}/secrets", name="KEY", value="x")
    variable = await ann.refused(f"{project}/secrets", name="other", value="x", variable="KEY")

    assert (name["code"], name["errors"][0]["value"]) == ("name_taken", "key-2")
    assert variable["detail"] == "KEY is the variable of the secret key."


async def test_a_variable_that_a_session_sets_is_refused_and_the_session_named(
    ann: Client, project: str
) -> None:
    session = await ann.made(f"{project}/sessions", environment="minimal", variables={"KEY": "1"})

    problem = await ann.refused(f"{project}/secrets", name="key", value="x", variable="KEY")
    assert problem["code"] == "variable_taken"
    assert "The configuration of the session Minimal sets KEY" in problem["detail"]

    await ann.patch(f"{project}/sessions/{session['slug']}", json={"variables": {}})
    await ann.made(f"{project}/secrets", name="key", value="x", variable="KEY")


async def test_a_session_does_not_take_the_variable_of_a_secret(ann: Client, project: str) -> None:
    await ann.made(f"{project}/secrets", name="key", value="x", variable="KEY")

    problem = await ann.refused(f"{project}/sessions", environment="minimal", variables={"KEY": "1"})

    assert problem["code"] == "variable_taken"
    assert "KEY is set by the project's secret key" in problem["detail"]


async def test_a_project_has_at_most_fifty_secrets(ann: Client, project: str) -> None:
    for number in range(50):
        await ann.made(f"{project}/secrets", name=f"key{number}", value="x")

    problem = await ann.refused(f"{project}/secrets", 409, name="key50", value="x")

    assert problem["code"] == "too_many_secrets"


async def test_what_is_too_large_together_is_refused(ann: Client, project: str) -> None:
    for number in range(8):
        await ann.made(f"{project}/secrets", name=f"key{number}", value="x" * 65_000)

    problem = await ann.refused(f"{project}/secrets", 409, name="key8", value="x" * 65_000)
    listed = (await ann.get(f"{project}/secrets")).json()["items"]

    assert problem["detail"] == "The secrets of Terrain would take more than 512 KiB together."
    assert len(listed) == 8


async def test_a_viewer_reads_names_and_does_not_write(ann: Client, bob: Client, project: str) -> None:
    await ann.made(f"{project}/secrets", name="key", value="x")
    await ann.post(f"{project}/members", json={"person": "bob", "role": "viewer"})

    assert [each["name"] for each in (await bob.get(f"{project}/secrets")).json()["items"]] == ["key"]
    await bob.refused(f"{project}/secrets", 403, name="b", value="x")
    await bob.refused(f"{project}/secrets/key", 403, "PATCH", value="x")
    await bob.refused(f"{project}/secrets/key", 403, "DELETE")


async def test_an_editor_manages_secrets(ann: Client, bob: Client, project: str) -> None:
    await ann.post(f"{project}/members", json={"person": "bob", "role": "editor"})

    await bob.made(f"{project}/secrets", name="key", value="x")
    changed = await bob.patch(f"{project}/secrets/key", json={"value": "y"})

    assert changed.status_code == 200
    assert (await bob.delete(f"{project}/secrets/key")).status_code == 204


async def test_the_secrets_of_a_private_project_do_not_exist_for_others(ann: Client, bob: Client) -> None:
    await ann.made("/projects", name="Private")
    await ann.made("/projects/private/secrets", name="key", value="x")

    await bob.refused("/projects/private/secrets", 404, "GET")
    await bob.refused("/projects/private/secrets/key", 404, "GET")
    await bob.refused("/projects/private/secrets", 404, name="b", value="x")
    await bob.refused("/projects/private/secrets/key", 404, "PATCH", value="x")
    await bob.refused("/projects/private/secrets/key", 404, "DELETE")


async def test_launches_by_members_get_secrets_and_others_are_counted_what_they_miss(
    ann: Client, project: str, project_id: str, database: Database, app: FastAPI
) -> None:
    await ann.made(f"{project}/secrets", name="key", value="x", variable="KEY")
    await ann.made(f"{project}/secrets", name="other", value="y")
    sealer: Sealer = app.state.settings.sealer

    async with database.read() as db:
        found = (await projects.by_ids(db, [project_id]))[project_id]
        own = await service.for_launch(db, found, "ann")
        passing = await service.for_launch(db, found, "bob")
        assert await service.values(db, project_id, "bob", ["key"], sealer) == {}

    assert [(each.name, each.variable) for each in own.specs] == [("key", "KEY"), ("other", None)]
    assert (own.withheld, passing.specs, passing.withheld) == (0, (), 2)


async def test_an_installation_without_a_key_keeps_no_secrets_and_says_how_to_get_one(
    ann: Client, project: str, app: FastAPI
) -> None:
    app.state.settings = app.state.settings.model_copy(update={"secrets_key": None})
    app.state.settings.__dict__.pop("sealer", None)

    problem = await ann.refused(f"{project}/secrets", 409, name="key", value="x")

    assert problem["code"] == "no_secrets_key"
    assert "SOJOURN_SECRETS_KEY" in problem["hint"]


async def test_who_watches_the_project_hears_of_a_secret(
    ann: Client, project: str, project_id: str, database: Database
) -> None:
    with database.bus.subscribe(f"project:{project_id}") as heard:
        await ann.made(f"{project}/secrets", name="key", value="x")

        assert await heard.wait(1)


async def test_a_new_first_key_encrypts_everything_anew(
    ann: Client, project: str, project_id: str, database: Database, app: FastAPI
) -> None:
    for number in range(3):
        await ann.made(f"{project}/secrets", name=f"key{number}", value=VALUE)
    old = app.state.settings.secrets_key.get_secret_value()
    new = "bmV3IGtleSBuZXcga2V5IG5ldyBrZXkgbmV3IGtleSE="

    assert await service.reseal(database, Sealer(f"{new},{old}")) == 3
    assert await service.reseal(database, Sealer(f"{new},{old}")) == 0

    async with database.read() as db:
        found = await service.values(db, project_id, "ann", ["key2"], Sealer(new))
    assert found["key2"].get_secret_value() == VALUE


async def test_a_deleted_project_leaves_no_secret_behind(
    ann: Client, project: str, database: Database
) -> None:
    await ann.made(f"{project}/secrets", name="key", value="x")
    await ann.made(f"{project}/git-logins", host="example.org", token="x")

    assert (await ann.delete(project)).status_code == 204

    async with database.read() as db:
        left = await db.execute(text("SELECT sealed FROM secrets UNION SELECT sealed FROM git_logins"))
        assert left.all() == []
