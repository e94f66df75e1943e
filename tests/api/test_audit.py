"""Who did what when."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fastapi import FastAPI

from sessions_api.audit import present, service
from sessions_api.audit.service import BATCH, By
from sessions_api.audit.verbs import Verb
from sessions_api.kit.db import Database
from sessions_api.people.viewer import Viewer
from sessions_api.projects import service as projects
from sessions_api.runs import intake
from spawner.reports import EndedReport, Reports
from tests.api.conftest import Client


@pytest.fixture
async def admin(app: FastAPI) -> AsyncIterator[Client]:
    """A platform admin, who belongs to no project."""
    async with Client(app, "root") as client:
        yield client


async def entries(client: Client, path: str, **query: str) -> list[dict[str, Any]]:
    answer = await client.get(path, params=query)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def test_an_entry_says_who_did_what_where_and_when(ann: Client, project: str) -> None:
    before = datetime.now(UTC)
    await ann.post(f"{project}/members", json={"person": "bob", "role": "editor"})
    told, *_ = await entries(ann, f"{project}/audit")
    assert before <= datetime.fromisoformat(told["at"]) <= datetime.now(UTC)
    assert (told["by"], told["person"], told["verb"]) == ("person", "ann", "member.add")
    assert told["project"]["slug"] == "terrain"
    assert told["thing"] == {"kind": "member", "id": None, "name": "bob"}
    assert told["details"] == {"role": "editor"}


async def test_of_a_change_the_names_are_told_and_of_a_secret_never_the_value(
    ann: Client, project: str
) -> None:
    await ann.post(f"{project}/secrets", json={"name": "key", "value": "so-secret"})
    await ann.patch(f"{project}/secrets/key", json={"value": "more-secret", "variable": "KEY"})
    await ann.patch(project, json={"name": "Terrain", "description": "Ice."})
    changed, replaced, added, created = await entries(ann, f"{project}/audit")
    assert changed["details"] == {"fields": ["description"], "visibility": "public"}
    assert replaced["details"] == {"fields": ["value", "variable"]}
    assert added["thing"]["name"] == "key"
    assert created["verb"] == "project.create"
    assert "so-secret" not in json.dumps([replaced, added])


async def test_who_pauses_a_session_that_nobody_runs_leaves_no_entry(ann: Client, project: str) -> None:
    await ann.made(f"{project}/sessions", environment="minimal")
    before = await entries(ann, f"{project}/audit")
    await ann.refused(f"{project}/sessions/minimal/pause", 409)
    assert await entries(ann, f"{project}/audit") == before


async def test_the_log_is_read_page_by_page_from_the_newest_on(ann: Client, project: str) -> None:
    for number in range(4):
        await ann.post(f"{project}/members", json={"person": f"person-{number}"})
    answer = (await ann.get(f"{project}/audit", params={"limit": 3})).json()
    names = [each["thing"]["name"] for each in answer["items"]]
    assert names == ["person-3", "person-2", "person-1"]
    rest = (await ann.get(f"{project}/audit", params={"limit": 3, "cursor": answer["next"]})).json()
    assert [each["thing"]["name"] for each in rest["items"]] == ["person-0", "Terrain"]
    assert rest["next"] is None
    problem = await ann.refused(f"{project}/audit?cursor=eHg", 422, "GET")
    assert problem["errors"][0]["field"] == "cursor"


async def test_it_is_narrowed_by_person_deed_and_time(ann: Client, bob: Client, project: str) -> None:
    await ann.post(f"{project}/members", json={"person": "bob", "role": "owner"})
    await bob.post(f"{project}/members", json={"person": "cleo"})
    log = f"{project}/audit"
    assert [each["person"] for each in await entries(ann, log, person="bob")] == ["bob"]
    assert [each["thing"]["name"] for each in await entries(ann, log, verb="member")] == ["cleo", "bob"]
    assert [each["verb"] for each in await entries(ann, log, verb="project.create")] == ["project.create"]
    newest = (await entries(ann, log))[0]["at"]
    assert [each["thing"]["name"] for each in await entries(ann, log, since=newest)] == ["cleo"]
    assert [each["verb"] for each in await entries(ann, log, until=newest)] == [
        "member.add",
        "project.create",
    ]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("verb=member.eat", "verb"),
        ("verb=sandwich", "verb"),
        ("since=2026-10-02T09:30:00", "since"),
        ("until=0001-01-01T00:00:00%2B14:00", "until"),
        ("person=%00", "person"),
    ],
)
async def test_what_cannot_be_asked_for_is_named(ann: Client, project: str, query: str, field: str) -> None:
    problem = await ann.refused(f"{project}/audit?{query}", 422, "GET")
    assert [each["field"] for each in problem["errors"]] == [field]


async def test_all_of_it_comes_as_lines_however_much_there_is(
    app: FastAPI, ann: Client, project: str
) -> None:
    database: Database = app.state.database
    async with database.write() as db:
        found = await projects.access(db, Viewer("ann"), "terrain")
        for number in range(BATCH + 1):
            service.record(db, By.SYSTEM, Verb.RUN_END, f"Run {number}", project=found.project)
    by_name = await ann.get(f"{project}/audit", params={"format": "ndjson"})
    by_kind = await ann.get(f"{project}/audit", headers={"Accept": "application/x-ndjson"})
    assert by_name.headers["Content-Type"] == by_kind.headers["Content-Type"] == "application/x-ndjson"
    lines = [json.loads(line) for line in by_name.text.splitlines()]
    assert len(lines) == BATCH + 2
    assert (lines[0]["thing"]["name"], lines[-1]["verb"]) == (f"Run {BATCH}", "project.create")
    assert by_name.text == by_kind.text
    narrowed = await ann.get(f"{project}/audit", params={"format": "ndjson", "verb": "project"})
    assert len(narrowed.text.splitlines()) == 1


async def test_only_owners_and_platform_admins_read_it(
    ann: Client, bob: Client, admin: Client, project: str
) -> None:
    await ann.post(f"{project}/members", json={"person": "bob", "role": "editor"})
    await bob.refused(f"{project}/audit", 403, "GET")
    await ann.refused("/audit", 403, "GET")
    await ann.patch(project, json={"visibility": "private"})
    assert (await admin.get(project)).status_code == 404
    assert (await entries(admin, f"{project}/audit"))[0]["verb"] == "project.change"
    assert (await entries(admin, "/audit"))[0]["verb"] == "project.change"


async def test_what_was_done_in_a_project_outlives_it(ann: Client, admin: Client, project: str) -> None:
    assert (await ann.delete(project)).status_code == 204
    await ann.refused(f"{project}/audit", 404, "GET")
    assert [each["verb"] for each in await entries(admin, "/audit", project="terrain")] == [
        "project.remove",
        "project.create",
    ]
    await ann.made("/projects", name="Terrain")
    assert [each["verb"] for each in await entries(ann, "/projects/terrain/audit")] == ["project.create"]


async def test_a_login_of_ones_own_is_told_on_the_platform_only(
    ann: Client, admin: Client, project: str
) -> None:
    await ann.post("/me/git-logins", json={"host": "git.example.org", "token": "not-told"})
    told, *_ = await entries(admin, "/audit")
    assert (told["verb"], told["person"], told["project"]) == ("git_login.put", "ann", None)
    assert "not-told" not in json.dumps(told)
    assert "git_login.put" not in [each["verb"] for each in await entries(ann, f"{project}/audit")]


async def test_what_sojourn_does_by_itself_is_told_too(admin: Client) -> None:
    told = await entries(admin, "/audit", verb="environment.publish")
    assert {(each["by"], each["person"], each["thing"]["name"]) for each in told} == {
        ("system", None, "Minimal"),
        ("system", None, "Python"),
    }


async def test_the_end_of_a_session_that_nobody_asked_for_is_the_hubs(
    app: FastAPI, ann: Client, project: str
) -> None:
    await ann.made(f"{project}/sessions", environment="minimal")
    run = (await ann.post(f"{project}/start")).json()["id"]
    database: Database = app.state.database
    event = EndedReport(at=datetime.now(UTC) + timedelta(seconds=1), reason=None)
    async with database.write() as db:
        await intake.take(db, run, Reports(attempt=1, reporter="r", seq=1, events=(event,)))
    ended, started, *_ = await entries(ann, f"{project}/audit")
    assert (ended["by"], ended["verb"], ended["details"]) == (
        "hub",
        "run.end",
        {"of": "ann", "reason": None},
    )
    assert (started["verb"], started["thing"]["id"]) == ("run.start", run)


@pytest.mark.parametrize("verb", Verb)
def test_pages_have_words_for_whatever_can_be_done(verb: Verb) -> None:
    assert present.did(verb)
