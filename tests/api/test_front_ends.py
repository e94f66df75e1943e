"""Front ends: which a version has besides its own, what a session runs, and what a launch is frozen to."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi import FastAPI

from sessions_api.kit.db import Database
from sessions_api.people.viewer import Viewer
from sessions_api.projects import service as projects
from sessions_api.repositories.reader import ReadingRules
from sessions_api.runs import freeze, starting, wishes
from sessions_api.runs.schemas import Overrides
from sessions_api.sessions import service as sessions
from spawner.spec import EnvironmentSpec, GateSpec
from tests.api.catalogue import image, made, packages
from tests.api.conftest import Client
from tests.api.kinds import IMAGES

JUPYTERLAB = {
    "name": "JupyterLab",
    "command": ["jupyterhub-singleuser"],
    "arguments": [],
    "default_url": "/lab",
    "port": 8888,
    "gate": None,
}
MARIMO = {
    "name": "marimo",
    "command": [],
    "arguments": ["edit", "--headless"],
    "default_url": "/",
    "port": 2718,
    "gate": {"prefix": "keep", "ready_path": "/health"},
}


@pytest.fixture
async def code(ann: Client, on_cluster: None) -> str:
    """Where the versions of an environment are that has VS Code, and two others in its place."""
    await made(ann, "Code", version=image(front_ends=[JUPYTERLAB, MARIMO]))
    return "/environments/code/versions"


async def frozen(app: FastAPI, session: str) -> EnvironmentSpec:
    """The environment of a launch that Ann starts now."""
    database: Database = app.state.database
    settings = app.state.settings
    async with database.write() as db:
        access = await projects.access(db, Viewer("ann"), "terrain")
        found = await sessions.get(db, access, session)
        run = await starting.start(db, access, found, Overrides(), kinds=IMAGES)
        parts = await freeze.parts_of(db, run, kinds=IMAGES)
        await wishes.ask(db, access, found, run, "cancel")
    return (await freeze.freeze(run, parts, ReadingRules.of(settings), settings.sealer)).environment


async def test_a_version_tells_which_front_ends_it_has_and_how_each_is_run(
    ann: Client, project: str, code: str
) -> None:
    version = (await ann.get(f"{code}/1")).json()
    session = await ann.made(f"{project}/sessions", environment="code")

    assert version["front_end"] == "VS Code"
    assert version["front_ends"] == [JUPYTERLAB, MARIMO]
    assert session["front_end"] is None
    assert session["environment"]["front_end"] == "VS Code"
    assert session["environment"]["front_ends"] == ["VS Code", "JupyterLab", "marimo"]


async def test_a_launch_runs_the_front_end_that_the_session_has_at_its_start(
    app: FastAPI, ann: Client, project: str, code: str
) -> None:
    await ann.made(f"{project}/sessions", environment="code", front_end="marimo")

    spec = await frozen(app, "code")
    assert (spec.front_end, spec.command, spec.arguments) == ("marimo", (), ("edit", "--headless"))
    assert (spec.default_url, spec.port) == ("/", 2718)
    assert spec.gate == GateSpec(prefix="keep", ready_path="/health")

    await ann.patch(f"{project}/sessions/code", json={"front_end": "JupyterLab"})
    spec = await frozen(app, "code")
    assert (spec.front_end, spec.command, spec.default_url) == (
        "JupyterLab",
        ("jupyterhub-singleuser",),
        "/lab",
    )
    assert (spec.port, spec.gate) == (8888, None)

    await ann.patch(f"{project}/sessions/code", json={"front_end": None})
    assert (await frozen(app, "code")).front_end == "VS Code"


async def test_a_front_end_is_named_in_any_letter_case_and_kept_as_it_is_called(
    ann: Client, project: str, code: str
) -> None:
    session = await ann.made(f"{project}/sessions", environment="code", front_end="jupyterlab")
    renamed = await ann.patch(f"{project}/sessions/code", json={"description": "For tides."})
    copy = (await ann.post(f"{project}/sessions/code/duplicate")).json()

    assert session["front_end"] == "JupyterLab"
    assert renamed.json()["front_end"] == "JupyterLab"
    assert copy["front_end"] == "JupyterLab"


async def test_a_front_end_that_the_version_does_not_have_is_refused_with_those_that_it_has(
    ann: Client, project: str, code: str
) -> None:
    added = await ann.refused(f"{project}/sessions", environment="code", front_end="RStudio")
    await ann.made(f"{project}/sessions", environment="code")
    changed = await ann.refused(f"{project}/sessions/code", 422, "PATCH", front_end="RStudio")

    for problem in (added, changed):
        assert problem["code"] == "front_end_missing"
        assert [error["field"] for error in problem["errors"]] == ["front_end"]
        assert problem["detail"] == (
            "Version 1 of Code has no front end RStudio; it has VS Code, JupyterLab and marimo. "
            "Choose one that it has in the session's configuration."
        )
    assert (await ann.get(f"{project}/sessions/code")).json()["front_end"] is None


async def test_no_session_loses_its_front_end_by_moving_to_another_version(
    ann: Client, project: str, code: str
) -> None:
    await ann.post(code, json=image("2", front_ends=[MARIMO]))
    session = f"{project}/sessions/code"
    await ann.made(f"{project}/sessions", environment="code", version=1, front_end="JupyterLab")

    updated = await ann.refused(f"{session}/update", 422, "POST", version=2)
    changed = await ann.refused(session, 422, "PATCH", version=2)

    for problem in (updated, changed):
        assert problem["code"] == "front_end_missing"
        assert [error["field"] for error in problem["errors"]] == ["version"]
        assert "Choose one that it has together with the version" in problem["detail"]
    assert (await ann.get(session)).json()["environment"]["version"] == 1
    both = (await ann.patch(session, json={"version": 2, "front_end": "marimo"})).json()
    assert (both["environment"]["version"], both["front_end"]) == (2, "marimo")
    back = (await ann.post(f"{session}/update", json={"version": 1})).json()
    assert (back["environment"]["version"], back["front_end"]) == (1, "marimo")


async def test_a_front_end_that_is_the_own_one_of_the_next_version_stays_chosen(
    app: FastAPI, ann: Client, project: str, code: str
) -> None:
    own = {name: value for name, value in JUPYTERLAB.items() if name != "name"}
    await ann.post(code, json=image("2", **own, front_end="JupyterLab"))
    await ann.made(f"{project}/sessions", environment="code", version=1, front_end="JupyterLab")

    await ann.post(f"{project}/sessions/code/update", json={"version": 2})
    assert (await frozen(app, "code")).front_end == "JupyterLab"
    await ann.post(f"{project}/sessions/code/update", json={"version": 1})
    assert (await frozen(app, "code")).front_end == "JupyterLab"


async def test_other_front_ends_are_another_version_and_what_differs(ann: Client, code: str) -> None:
    assert (await ann.post(code, json=image(front_ends=[JUPYTERLAB, MARIMO]))).status_code == 409
    await ann.post(code, json=image(front_ends=[JUPYTERLAB]))

    difference = (await ann.get(f"{code}/1...2")).json()

    assert difference["run"] == [
        {"field": "front_ends", "before": [JUPYTERLAB, MARIMO], "after": [JUPYTERLAB]}
    ]


async def test_a_copy_of_an_environment_has_its_front_ends(ann: Client, code: str) -> None:
    copy = (await ann.post("/environments/code/duplicate")).json()

    version = (await ann.get(f"/environments/{copy['slug']}/versions/1")).json()
    assert version["front_ends"] == [JUPYTERLAB, MARIMO]


@pytest.mark.parametrize(
    ("front_ends", "field", "said"),
    [
        ([JUPYTERLAB, JUPYTERLAB], "version.front_ends", "The front end JupyterLab is there twice"),
        ([{**JUPYTERLAB, "name": "vs code"}], "version.front_ends", "The front end vs code is there twice"),
        ([{**JUPYTERLAB, "name": "x" * 101}], "version.front_ends.0.name", "100 is the most"),
        ([{**JUPYTERLAB, "port": 80}], "version.front_ends.0.port", "1024 is the least"),
        ([{**JUPYTERLAB, "default_url": "lab"}], "version.front_ends.0.default_url", "This is no path: lab"),
        ([{**JUPYTERLAB, "uid": 0}], "version.front_ends.0.uid", "no such field"),
    ],
)
async def test_a_wrong_front_end_is_refused_at_its_field(
    ann: Client, front_ends: list[dict[str, Any]], field: str, said: str
) -> None:
    version = image(front_ends=front_ends)

    problem = await ann.refused("/environments", name="Code", version=version)

    assert [error["field"] for error in problem["errors"]] == [field]
    assert said in problem["errors"][0]["detail"]


async def test_the_names_of_front_ends_are_as_long_as_the_database_keeps_them(ann: Client) -> None:
    problem = await ann.refused("/environments", name="Code", version=image(front_end="x" * 101))

    assert [error["field"] for error in problem["errors"]] == ["version.front_end"]


async def test_of_packages_every_front_end_says_what_starts_it(ann: Client) -> None:
    problem = await ann.refused("/environments", name="Code", version=packages(front_ends=[MARIMO]))

    assert "Say in command what starts it" in problem["detail"]
    started = {**MARIMO, "command": ["marimo"]}
    await made(ann, "Code", version=packages(front_ends=[started]))


@pytest.fixture
def computer(app: FastAPI) -> None:
    """Makes the installation somebody's own computer, with code-server on it."""
    app.state.settings = app.state.settings.model_copy(update={"computer_programs": "code-server"})


@pytest.mark.usefixtures("computer")
async def test_packages_open_in_vs_code_where_the_computer_has_it(ann: Client, project: str) -> None:
    await made(ann, "Tides")

    session = await ann.made(f"{project}/sessions", environment="tides", front_end="vs code")

    assert session["front_end"] == "VS Code"
    assert session["environment"]["front_ends"] == ["JupyterLab", "VS Code"]
    version = (await ann.get("/environments/tides/versions/1")).json()
    assert version["front_ends"] == [], "it is the computer's, and no part of the version"


@pytest.mark.usefixtures("computer")
async def test_a_version_with_a_vs_code_of_its_own_runs_that(ann: Client, project: str) -> None:
    own = {**JUPYTERLAB, "name": "VS Code", "command": ["my-code"]}
    await made(ann, "Tides", version=packages(front_ends=[own]))

    session = await ann.made(f"{project}/sessions", environment="tides")

    assert session["environment"]["front_ends"] == ["JupyterLab", "VS Code"]


async def test_a_session_whose_computer_lost_its_program_is_configured_and_starts_its_own(
    app: FastAPI, ann: Client, project: str, computer: None
) -> None:
    await made(ann, "Tides")
    await ann.made(f"{project}/sessions", environment="tides", front_end="VS Code")
    app.state.settings = app.state.settings.model_copy(update={"computer_programs": ""})

    changed = await ann.patch(f"{project}/sessions/tides", json={"description": "High and low."})

    assert changed.status_code == 200
    assert changed.json()["front_end"] == "VS Code"
    refused = await ann.refused(f"{project}/sessions/tides", 422, "PATCH", front_end="VS Code")
    assert refused["code"] == "front_end_missing"
