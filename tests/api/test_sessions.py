import asyncio
from typing import Any

import pytest

from sessions_api.environments import seeding
from sessions_api.kit.db import Database
from sessions_api.people.viewer import Viewer
from sessions_api.projects import service as projects
from sessions_api.runs import service as runs
from sessions_api.runs import starting
from sessions_api.runs.schemas import Overrides
from sessions_api.runs.tables import Run
from sessions_api.sessions import service as sessions
from tests.api.conftest import Client, recipe
from tests.api.kinds import PACKAGES


async def _start(database: Database, person: str, session: str) -> Run:
    async with database.write() as db:
        access = await projects.access(db, Viewer(person), "terrain")
        found = await sessions.get(db, access, session)
        return await starting.start(db, access, found, Overrides(), kinds=PACKAGES)


async def _defaults(client: Client, project: str) -> list[str]:
    page = (await client.get(f"{project}/sessions")).json()
    return [item["slug"] for item in page["items"] if item["default"]]


async def _add(client: Client, project: str, environment: str = "python", **body: Any) -> dict[str, Any]:
    return await client.made(f"{project}/sessions", environment=environment, **body)


async def test_a_session_is_named_after_its_environment(ann: Client, project: str) -> None:
    first, second, third = [await _add(ann, project) for _ in range(3)]

    assert [made["name"] for made in (first, second, third)] == ["Python", "Python 2", "Python 3"]
    assert [made["slug"] for made in (first, second, third)] == ["python", "python-2", "python-3"]
    assert (first["environment"]["slug"], first["environment"]["version"], first["status"]) == (
        "python",
        1,
        "inactive",
    )


async def test_the_first_session_is_the_default(ann: Client, project: str) -> None:
    await _add(ann, project)
    await _add(ann, project)

    assert await _defaults(ann, project) == ["python"]


async def test_another_session_becomes_the_default_when_asked_for(ann: Client, project: str) -> None:
    await _add(ann, project)
    await _add(ann, project, default=True)
    assert await _defaults(ann, project) == ["python-2"]

    await ann.patch(f"{project}/sessions/python", json={"default": True})

    assert await _defaults(ann, project) == ["python"]


async def test_the_default_cannot_be_given_up_without_another(ann: Client, project: str) -> None:
    await _add(ann, project)

    problem = await ann.refused(f"{project}/sessions/python", 422, "PATCH", default=False)

    assert problem["code"] == "needs_default"
    assert await _defaults(ann, project) == ["python"]


async def test_the_oldest_other_session_inherits_the_default(ann: Client, project: str) -> None:
    for name in ("Zebra", "Yak", "Ape"):
        await _add(ann, project, name=name)

    await ann.delete(f"{project}/sessions/zebra")

    assert await _defaults(ann, project) == ["yak"]


async def test_many_first_sessions_at_once_have_one_default(ann: Client, project: str) -> None:
    answers = await asyncio.gather(
        *(ann.post(f"{project}/sessions", json={"environment": "python", "default": True}) for _ in range(8))
    )

    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["slug"] for answer in answers}) == 8
    assert len(await _defaults(ann, project)) == 1


async def test_a_taken_name_is_refused_with_a_free_one(ann: Client, project: str) -> None:
    await _add(ann, project, name="Bar one")

    problem = await ann.refused(f"{project}/sessions", environment="python", name="Bar one")

    assert (problem["code"], problem["errors"][0]["value"]) == ("name_taken", "Bar one 2")


async def test_names_of_any_script_get_slugs_of_their_own(ann: Client, project: str) -> None:
    made = [await _add(ann, project, name=name) for name in ("日本", "中国", "Été 1", "\N{ROCKET}", "../x")]

    assert [session["slug"] for session in made] == ["session", "session-2", "ete-1", "session-3", "x"]


async def test_a_removed_session_frees_its_slug(ann: Client, project: str) -> None:
    before = await _add(ann, project)

    assert (await ann.delete(f"{project}/sessions/python")).status_code == 204

    await ann.refused(f"{project}/sessions/{before['id']}", 404, "GET")
    after = await _add(ann, project)
    assert (after["slug"], after["default"]) == ("python", True)


async def test_a_version_is_chosen_and_changed(ann: Client, project: str, database: Database) -> None:
    async with database.write() as db:
        await seeding.seed(db, [recipe("python", "Python", digest="b")])
    made = await _add(ann, project, version=1)
    assert (made["environment"]["version"], made["environment"]["latest"]) == (1, 2)

    changed = (await ann.patch(f"{project}/sessions/python", json={"version": 2})).json()

    assert changed["environment"]["version"] == 2
    problem = await ann.refused(f"{project}/sessions/python", 422, "PATCH", version=3)
    assert problem["errors"] == [
        {"field": "version", "detail": "Python has no version 3. The newest is 2.", "value": "2"}
    ]


async def test_a_configuration_is_kept_as_it_was_given(ann: Client, project: str) -> None:
    await ann.made(f"{project}/repositories", url="https://example.org/bar")
    await ann.made(f"{project}/repositories", url="https://example.org/foo")
    await _add(ann, project)
    configuration = {
        "name": "Exploration",
        "description": "Look around.",
        "cpus": 0.5,
        "memory_gib": 2,
        "repositories": [{"repository": "bar", "ref": "v1"}],
        "storages": [],
        "variables": {"A": "{USER} {{x}} ${HOME}", "_b2": "  kept  \n"},
    }

    changed = (await ann.patch(f"{project}/sessions/python", json=configuration)).json()

    assert {name: changed[name] for name in configuration} == configuration
    assert changed["slug"] == "python"
    assert (await ann.get(f"{project}/sessions/python")).json() == changed


async def test_null_is_no_limit_and_all_parts(ann: Client, project: str) -> None:
    await _add(ann, project, cpus=1, memory_gib=1, repositories=[], storages=[], variables={"A": "1"})
    nulls = dict.fromkeys(("cpus", "memory_gib", "repositories", "storages", "variables", "name"))

    changed = (await ann.patch(f"{project}/sessions/python", json=nulls)).json()

    assert [changed[name] for name in ("cpus", "memory_gib", "repositories", "storages")] == [None] * 4
    assert (changed["variables"], changed["name"]) == ({"A": "1"}, "Python")


async def test_a_removed_repository_leaves_the_configuration(ann: Client, project: str) -> None:
    await ann.made(f"{project}/repositories", url="https://example.org/bar")
    await _add(ann, project, repositories=[{"repository": "bar"}])

    await ann.delete(f"{project}/repositories/bar")

    assert (await ann.get(f"{project}/sessions/python")).json()["repositories"] == []


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"environment": "none"}, "environment"),
        ({"version": 9}, "version"),
        ({"cpus": 0}, "cpus"),
        ({"cpus": 257}, "cpus"),
        ({"memory_gib": 0.1}, "memory_gib"),
        ({"name": ""}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"repositories": [{"repository": "none"}]}, "repositories.0.repository"),
        ({"storages": ["none"]}, "storages.0"),
        ({"variables": {"1A": ""}}, "variables.1A.[key]"),
        ({"variables": {"PATH": "/x"}}, "variables.PATH.[key]"),
        ({"variables": {"HOME": "/x"}}, "variables.HOME.[key]"),
        ({"variables": {"LD_PRELOAD": "/x"}}, "variables.LD_PRELOAD.[key]"),
        ({"variables": {"JUPYTERHUB_API_TOKEN": "x"}}, "variables.JUPYTERHUB_API_TOKEN.[key]"),
        ({"variables": {"SOJOURN_RUN": "x"}}, "variables.SOJOURN_RUN.[key]"),
        ({"variables": {"A": "x" * 10_001}}, "variables.A"),
        ({"variables": {"A": "\0"}}, "variables.A"),
        ({"variables": {f"A{number}": "" for number in range(101)}}, "variables"),
        ({"gpus": 1}, "gpus"),
    ],
)
async def test_what_cannot_be_accepted_is_named(
    ann: Client, project: str, body: dict[str, Any], field: str
) -> None:
    problem = await ann.refused(f"{project}/sessions", **{"environment": "python"} | body)

    assert problem["errors"][0]["field"] == field
    assert (await ann.get(f"{project}/sessions")).json()["items"] == []


async def test_a_copy_has_everything_but_name_and_default(ann: Client, project: str) -> None:
    source = await _add(ann, project, cpus=2, variables={"A": "1"}, description="d")

    copy = await ann.made(f"{project}/sessions/python/duplicate")
    named = await ann.made(f"{project}/sessions/python-2/duplicate", name="Other")

    assert (copy["name"], copy["default"], named["name"]) == ("Python 2", False, "Other")
    same = ("environment", "cpus", "memory_gib", "repositories", "storages", "variables", "description")
    assert [copy[name] for name in same] == [source[name] for name in same]


async def test_an_edit_of_an_older_state_is_refused(ann: Client, project: str) -> None:
    await _add(ann, project)
    path = f"{project}/sessions/python"
    old = {"If-Match": (await ann.get(path)).headers["ETag"]}

    answers = await asyncio.gather(
        *(ann.patch(path, json={"cpus": number}, headers=old) for number in range(1, 5))
    )

    assert sorted(answer.status_code for answer in answers) == [200, 412, 412, 412]
    assert (await ann.delete(path, headers=old)).status_code == 412


async def test_each_viewer_sees_their_own_status(
    ann: Client, bob: Client, project: str, database: Database
) -> None:
    await _add(ann, project)
    run = await _start(database, "bob", "python")

    anns, bobs = [(await client.get(f"{project}/sessions")).json()["items"][0] for client in (ann, bob)]

    assert (anns["status"], anns["run"]) == ("inactive", None)
    assert (bobs["status"], bobs["run"]) == ("launching", run.id)


async def test_a_session_with_live_runs_is_removed_by_force_only(
    ann: Client, bob: Client, project: str, database: Database
) -> None:
    await _add(ann, project)
    run = await _start(database, "bob", "python")

    problem = await ann.refused(f"{project}/sessions/python", 409, "DELETE")
    assert (problem["code"], problem["detail"]) == ("live_runs", "Python has 1 live or paused run.")
    assert problem["errors"][0]["value"] == run.id
    assert await _defaults(ann, project) == ["python"]

    assert (await ann.delete(f"{project}/sessions/python?force=true")).status_code == 204

    async with database.read() as db:
        assert (await runs.own(db, Viewer("bob"), run.id)).wish == "stop"


async def test_a_project_without_sessions_has_nothing_to_start(ann: Client, project: str) -> None:
    problem = await ann.refused(f"{project}/start", 409)

    assert problem["code"] == "no_session"


async def test_a_viewer_reads_and_does_not_write(ann: Client, bob: Client, project: str) -> None:
    await _add(ann, project)

    assert len((await bob.get(f"{project}/sessions")).json()["items"]) == 1
    await bob.refused(f"{project}/sessions", 403, environment="python")
    await bob.refused(f"{project}/sessions/python", 403, "PATCH", cpus=1)
    await bob.refused(f"{project}/sessions/python", 403, "DELETE")
    await bob.refused(f"{project}/sessions/python/duplicate", 403)
