"""What a launch on a cluster is frozen to."""

from __future__ import annotations

import pytest
from fastapi import FastAPI

from sessions_api.environments import seeding
from sessions_api.kit.db import Database
from sessions_api.people.viewer import Viewer
from sessions_api.projects import service as projects
from sessions_api.repositories.reader import ReadingRules
from sessions_api.runs import freeze, starting
from sessions_api.runs.schemas import Overrides
from sessions_api.sessions import service as sessions
from spawner.spec import ClaimStorage, GateSpec, LaunchSpec, NfsStorage
from tests.api.conftest import Client, image
from tests.api.kinds import IMAGES

pytestmark = pytest.mark.usefixtures("on_cluster")

RUN = {
    "front_end": "VS Code",
    "default_url": "/",
    "port": 8443,
    "arguments": ["--auth", "none"],
    "gate": {"prefix": "keep", "ready_path": "/healthz"},
    "uid": 1001,
    "gid": 1002,
    "working_folder": "/home/coder",
    "read_only_root": True,
}


async def _frozen(app: FastAPI, overrides: Overrides) -> LaunchSpec:
    """The spec of a run that Ann starts now."""
    database: Database = app.state.database
    settings = app.state.settings
    async with database.write() as db:
        access = await projects.access(db, Viewer("ann"), "terrain")
        session = await sessions.get(db, access, "vs-code")
        run = await starting.start(db, access, session, overrides, kinds=IMAGES)
        parts = await freeze.parts_of(db, run, kinds=IMAGES)
    return await freeze.freeze(run, parts, ReadingRules.of(settings), settings.sealer)


async def test_a_launch_gets_the_image_and_all_that_is_said_of_how_it_runs(
    app: FastAPI, database: Database, ann: Client, project: str
) -> None:
    async with database.write() as db:
        await seeding.seed(db, [image("code", "VS Code", run=RUN)])
    await ann.made(f"{project}/sessions", environment="code", cpus=2, disk_gib=20)

    spec = await _frozen(app, Overrides())

    found = spec.environment
    assert found.image == f"registry.test/code@{found.digest}"
    assert (found.command, found.arguments) == ((), ("--auth", "none"))
    assert found.gate == GateSpec(prefix="keep", ready_path="/healthz")
    assert (found.port, found.uid, found.gid, found.working_folder, found.read_only_root) == (
        8443,
        1001,
        1002,
        "/home/coder",
        True,
    )
    assert (spec.resources.cpus, spec.resources.disk_gib) == (2, 20)


async def test_a_launch_gets_the_storages_that_the_session_names_as_it_asks_for_them(
    app: FastAPI, database: Database, ann: Client, project: str
) -> None:
    async with database.write() as db:
        await seeding.seed(db, [image("code", "VS Code", run=RUN)])
    made = await ann.made(f"{project}/storages", kind="claim", name="Results", size_gib=5)
    for name in ("Archive", "Other", "Third"):
        await ann.made(
            f"{project}/storages", kind="nfs", name=name, server="nfs.example.org", path=f"/exports/{name}"
        )
    chosen = [{"storage": "Results", "read_only": True}, "Archive", "Third"]
    await ann.made(f"{project}/sessions", environment="code", storages=chosen)

    spec = await _frozen(app, Overrides(without=["Third"]))

    assert spec.storages == (
        ClaimStorage(
            kind="claim",
            name="Results",
            folder="Results",
            read_only=True,
            claim=made["claim"],
            size_gib=5,
            storage_class=None,
            access="ReadWriteMany",
        ),
        NfsStorage(
            kind="nfs", name="Archive", folder="Archive", server="nfs.example.org", path="/exports/Archive"
        ),
    )
