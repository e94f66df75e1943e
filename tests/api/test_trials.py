"""Trial launches, and what launches prove of versions."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from fastapi import FastAPI

from sessions_api.kit.db import Database
from sessions_api.runs import intake, store
from spawner.reasons import Reason
from spawner.reports import EndedReport, ReadyReport, Reports
from tests.api.conftest import Client

MINIMAL = "/environments/minimal/versions/1"


async def tried(client: Client, version: str = MINIMAL) -> dict[str, Any]:
    answer = await client.post(f"{version}/trial")
    assert answer.status_code == 202, answer.text
    run: dict[str, Any] = answer.json()
    assert answer.headers["Location"] == f"/api/v1/runs/{run['id']}"
    return run


async def launched(app: FastAPI, run: dict[str, Any], reason: Reason | None = None) -> None:
    """Launches a run: it is ready after four seconds, or fails then."""
    database: Database = app.state.database
    async with database.write() as db:
        held = await store.hold(db, run["id"])
        assert held is not None
        held.phase = "launching"
        await db.flush()
        at = held.launched_at + timedelta(seconds=4)
        event = EndedReport(at=at, reason=reason) if reason else ReadyReport(at=at, url="/user/ann/x/")
        await intake.take(db, run["id"], Reports(attempt=1, reporter="r", seq=1, events=(event,)))


async def proved(client: Client) -> Any:
    return (await client.get(MINIMAL)).json()["launches"]


async def test_a_trial_starts_the_version_in_a_project_of_ones_own(ann: Client, bob: Client) -> None:
    run = await tried(ann)

    assert (run["project"], run["session"], run["status"]) == ("trials", "minimal", "launching")
    assert (await bob.get("/projects/trials")).status_code == 404
    assert (await tried(bob))["project"] == "trials-2"


async def test_a_trial_that_is_asked_for_twice_is_one_run(ann: Client) -> None:
    assert (await tried(ann))["id"] == (await tried(ann))["id"]
    assert len((await ann.get("/projects")).json()["items"]) == 1


async def test_what_a_launch_showed_is_kept_when_its_project_is_gone(app: FastAPI, ann: Client) -> None:
    assert await proved(ann) is None

    await launched(app, await tried(ann))
    assert (await ann.delete("/projects/trials?force=true")).status_code == 204

    found = await proved(ann)
    assert (found["works"], found["seconds"], found["reason"]) == (True, 4.0, None)
    assert (found["worked"], found["failed"]) == (1, 0)


async def test_why_a_version_did_not_start_is_kept_with_it(app: FastAPI, ann: Client) -> None:
    reason = Reason(code="session_crashed", sentence="The program ended with exit code 3.")

    await launched(app, await tried(ann), reason)

    found = await proved(ann)
    assert (found["works"], found["seconds"], found["failed"]) == (False, None, 1)
    assert found["reason"] == {"code": "session_crashed", "sentence": "The program ended with exit code 3."}


async def test_a_failure_that_lies_elsewhere_proves_nothing(app: FastAPI, ann: Client) -> None:
    reason = Reason(code="quota_exceeded", sentence="The quota of memory is used up.")

    await launched(app, await tried(ann), reason)

    assert await proved(ann) is None


async def test_every_launch_proves_its_version_not_only_trials(
    app: FastAPI, ann: Client, project: str
) -> None:
    await ann.made(f"{project}/sessions", environment="minimal")
    run = (await ann.post(f"{project}/sessions/minimal/start")).json()

    await launched(app, run)

    assert (await proved(ann))["worked"] == 1


async def test_another_version_waits_for_the_end_of_the_trial(app: FastAPI, ann: Client) -> None:
    copy = (await ann.post("/environments/minimal/duplicate", json={"name": "Mine"})).json()
    version = {
        "requirements": "jupyterlab==4.5.0\nscipy==1.16.3\n",
        "front_end": "JupyterLab",
        "command": ["jupyterhub-singleuser"],
        "default_url": "/lab",
        "port": 8888,
    }
    path = f"/environments/{copy['slug']}/versions"
    assert (await ann.post(path, json=version)).status_code == 201
    run = await tried(ann, f"{path}/1")

    refused = await ann.refused(f"{path}/2/trial", 409)
    assert (refused["code"], refused["links"]["run"]) == (
        "trial_of_another_version",
        f"/runs/{run['id']}",
    )

    ends = Reason(code="session_crashed", sentence="It ended.")
    await launched(app, run, ends)
    again = await tried(ann, f"{path}/2")
    session = (await ann.get(f"/projects/trials/sessions/{again['session']}")).json()
    assert session["environment"]["version"] == 2


async def test_what_cannot_run_here_is_refused_and_makes_no_project(app: FastAPI, ann: Client) -> None:
    app.state.settings = app.state.settings.model_copy(update={"kubernetes_namespace": "sessions"})

    refused = await ann.refused(f"{MINIMAL}/trial", 409)

    assert refused["code"] == "environment_unsupported"
    assert (await ann.get("/projects")).json()["items"] == []


@pytest.mark.parametrize("version", ["nothing/versions/1", "minimal/versions/7"])
async def test_what_is_not_there_cannot_be_tried(ann: Client, version: str) -> None:
    await ann.refused(f"/environments/{version}/trial", 404)
