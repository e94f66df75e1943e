"""Git logins: a person's own and a project's, and that their tokens never come out."""

from __future__ import annotations

import logging

import pytest
from fastapi import FastAPI
from sqlalchemy import text

from sessions_api.git_logins import service
from sessions_api.git_logins.logins import Logins
from sessions_api.kit.db import Database
from sessions_api.kit.sealing import Sealer
from sessions_api.repositories.urls import ReadingRules
from tests.api.conftest import SECRETS_KEY, Client

OWN = "/me/git-logins"
URL = "https://git.example.org/team/bar.git"


@pytest.fixture
async def project_id(ann: Client, project: str) -> str:
    return str((await ann.get(project)).json()["id"])


async def logins(database: Database, project_id: str, person: str = "ann") -> Logins:
    async with database.read() as db:
        return await service.for_launch(db, project_id, person)


async def test_an_own_login_is_read_without_its_token(ann: Client) -> None:
    made = await ann.made(OWN, host="Git.example.org", token="s3cret")

    assert set(made) == {"id", "host", "username", "created_by", "created_at", "updated_at"}
    assert (made["host"], made["username"], made["created_by"]) == ("git.example.org", "oauth2", "ann")
    assert (await ann.get(f"{OWN}/git.example.org")).json() == made
    assert (await ann.get(f"{OWN}/{made['id']}")).json() == made


@pytest.mark.parametrize("path", [OWN, "/projects/terrain/git-logins"])
async def test_nothing_that_is_answered_logged_or_kept_holds_the_token(
    ann: Client, project: str, database: Database, path: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    body = {"host": "git.example.org", "token": "s3cret"}
    answers = [
        await ann.post(path, json=body),
        await ann.post(path, json=body),
        await ann.post(path, json={**body, "host": "ann:s3cret@git.example.org"}),
        await ann.post(path, json={**body, "host": "https://ann:s3cret@git.example.org/x"}),
        await ann.post(path, json={**body, "more": 1}),
        await ann.post(path, json={"host": "a.org", "token": 53337}),
        await ann.post(path, json={"host": "a.org", "token": "s3cret\ns3cret"}),
        await ann.patch(f"{path}/git.example.org", json={"token": "s3cret"}),
        await ann.patch(f"{path}/none", json={"token": "s3cret"}),
        await ann.get(path),
    ]

    said = "".join(answer.text + str(answer.headers) for answer in answers) + caplog.text
    assert "s3cret" not in said
    assert "53337" not in said
    assert [answer.status_code for answer in answers] == [201, *([422] * 6), 200, 404, 200]
    async with database.read() as db:
        kept = (await db.execute(text("SELECT * FROM git_logins"))).all()
        repeats = (await db.execute(text("SELECT * FROM repeats"))).all()
    assert "s3cret" not in repr((kept, repeats))


async def test_nobody_else_sees_a_persons_logins(ann: Client, bob: Client) -> None:
    made = await ann.made(OWN, host="git.example.org", token="x")

    assert (await bob.get(OWN)).json()["items"] == []
    await bob.refused(f"{OWN}/{made['id']}", 404, "GET")
    await bob.refused(f"{OWN}/{made['id']}", 404, "PATCH", token="y")
    await bob.refused(f"{OWN}/{made['id']}", 404, "DELETE")
    await bob.made(OWN, host="git.example.org", token="x")


async def test_a_viewer_reads_hosts_and_does_not_write(ann: Client, bob: Client, project: str) -> None:
    path = f"{project}/git-logins"
    await ann.made(path, host="git.example.org", token="x")

    assert [each["host"] for each in (await bob.get(path)).json()["items"]] == ["git.example.org"]
    await bob.refused(path, 403, host="a.org", token="x")
    await bob.refused(f"{path}/git.example.org", 403, "PATCH", token="x")
    await bob.refused(f"{path}/git.example.org", 403, "DELETE")


async def test_an_editor_manages_the_logins_of_a_project(ann: Client, bob: Client, project: str) -> None:
    path = f"{project}/git-logins"
    await ann.post(f"{project}/members", json={"person": "bob", "role": "editor"})

    await bob.made(path, host="git.example.org", token="x")
    assert (await bob.patch(f"{path}/git.example.org", json={"username": "bob"})).status_code == 200
    assert (await bob.delete(f"{path}/git.example.org")).status_code == 204


async def test_the_logins_of_a_private_project_do_not_exist_for_others(ann: Client, bob: Client) -> None:
    await ann.made("/projects", name="Private")
    await ann.made("/projects/private/git-logins", host="git.example.org", token="x")

    await bob.refused("/projects/private/git-logins", 404, "GET")
    await bob.refused("/projects/private/git-logins/git.example.org", 404, "GET")
    await bob.refused("/projects/private/git-logins", 404, host="a.org", token="x")


async def test_a_host_has_one_login_of_each_owner(ann: Client, project: str) -> None:
    await ann.made(OWN, host="git.example.org", token="x")
    await ann.made(f"{project}/git-logins", host="git.example.org", token="x")

    problem = await ann.refused(OWN, host=URL, token="x")

    assert problem["code"] == "host_taken"
    assert problem["errors"][0]["field"] == "host"


@pytest.mark.parametrize(
    ("given", "host"),
    [
        (URL, "git.example.org"),
        ("GIT.example.org:443", "git.example.org"),
        ("git.example.org:8443", "git.example.org:8443"),
        ("http://127.0.0.1:3000/a/b", "127.0.0.1:3000"),
        ("[::1]:3000", "[::1]:3000"),
    ],
)
async def test_a_host_is_understood_as_people_have_it_at_hand(ann: Client, given: str, host: str) -> None:
    assert (await ann.made(OWN, host=given, token="x"))["host"] == host


@pytest.mark.parametrize(
    "host", ["", "git example", "git@example.org", "ssh://example.org/x", "/x", "a..b/", "-a", "a:b", "é.org"]
)
async def test_what_is_no_host_is_refused(ann: Client, host: str) -> None:
    problem = await ann.refused(OWN, host=host, token="x")

    assert problem["errors"][0]["field"] == "host"


async def test_an_edit_of_an_older_state_is_refused(ann: Client) -> None:
    await ann.made(OWN, host="git.example.org", token="x")
    path = f"{OWN}/git.example.org"
    old = (await ann.get(path)).headers["ETag"]
    first = await ann.patch(path, json={"username": "ann"}, headers={"If-Match": old})

    second = await ann.patch(path, json={"username": "bob"}, headers={"If-Match": old})
    removal = await ann.delete(path, headers={"If-Match": old})

    assert (first.status_code, second.status_code, removal.status_code) == (200, 412, 412)


async def test_a_login_that_is_sent_twice_with_a_key_is_added_once(ann: Client) -> None:
    body, headers = {"host": "git.example.org", "token": "x"}, {"Idempotency-Key": "once"}

    first = await ann.post(OWN, json=body, headers=headers)
    second = await ann.post(OWN, json=body, headers=headers)

    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()


async def test_logins_come_in_pages_by_host(ann: Client) -> None:
    for host in ("c.org", "a.org", "b.org"):
        await ann.made(OWN, host=host, token="x")

    first = (await ann.get(OWN, params={"limit": 2})).json()
    second = (await ann.get(OWN, params={"limit": 2, "cursor": first["next"]})).json()

    assert [item["host"] for item in first["items"] + second["items"]] == ["a.org", "b.org", "c.org"]


async def test_a_person_has_at_most_fifty_logins(ann: Client) -> None:
    for number in range(50):
        await ann.made(OWN, host=f"h{number}.org", token="x")

    assert (await ann.refused(OWN, 409, host="h50.org", token="x"))["code"] == "too_many_git_logins"


async def test_ones_own_login_goes_before_the_projects(
    ann: Client, bob: Client, project: str, project_id: str, database: Database
) -> None:
    sealer, rules = Sealer(SECRETS_KEY), ReadingRules()
    await ann.post(f"{project}/members", json={"person": "bob", "role": "viewer"})
    await ann.made(f"{project}/git-logins", host="git.example.org", token="of the project")
    await bob.made(OWN, host="git.example.org", username="bob", token="of bob")

    of_ann = (await logins(database, project_id)).opened(URL, rules, sealer)
    of_bob = (await logins(database, project_id, "bob")).opened(URL, rules, sealer)

    assert of_ann is not None
    assert of_bob is not None
    assert (of_ann.username, of_ann.token.get_secret_value()) == ("oauth2", "of the project")
    assert (of_bob.username, of_bob.token.get_secret_value()) == ("bob", "of bob")


async def test_who_passes_by_a_public_project_uses_no_login_not_even_their_own(
    ann: Client, bob: Client, project: str, project_id: str, database: Database
) -> None:
    await ann.made(f"{project}/git-logins", host="git.example.org", token="x")
    await bob.made(OWN, host="example.com", token="x")

    found = await logins(database, project_id, "bob")

    assert not found.member
    assert found.credential(URL, ReadingRules()) is None
    assert found.credential("https://example.com/bar", ReadingRules()) is None


@pytest.mark.parametrize(
    ("url", "rules", "used"),
    [
        (URL, ReadingRules(), True),
        ("http://git.example.org/bar", ReadingRules(), False),
        ("http://git.example.org/bar", ReadingRules(private_addresses=True), True),
        ("https://git.example.org:8443/bar", ReadingRules(), False),
        ("https://git.example.org.evil.example/bar", ReadingRules(), False),
        ("https://evil.example/git.example.org/bar", ReadingRules(), False),
        ("git@git.example.org:bar", ReadingRules(), False),
    ],
)
async def test_a_login_is_for_its_own_host_and_for_https(
    ann: Client, project_id: str, database: Database, url: str, rules: ReadingRules, *, used: bool
) -> None:
    await ann.made(OWN, host="git.example.org", token="x")

    found = await logins(database, project_id)

    assert (found.credential(url, rules) is not None) is used


async def test_a_new_first_key_encrypts_tokens_anew(
    ann: Client, project_id: str, database: Database, app: FastAPI
) -> None:
    await ann.made(OWN, host="git.example.org", token="s3cret")
    old = app.state.settings.secrets_key.get_secret_value()
    new = "bmV3IGtleSBuZXcga2V5IG5ldyBrZXkgbmV3IGtleSE="

    assert await service.reseal(database, Sealer(f"{new},{old}")) == 1

    opened = (await logins(database, project_id)).opened(URL, ReadingRules(), Sealer(new))
    assert opened is not None
    assert opened.token.get_secret_value() == "s3cret"
