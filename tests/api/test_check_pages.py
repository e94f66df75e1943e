"""What a check on a page keeps the database from, while a registry lets it wait."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from sqlalchemy.pool import QueuePool

from sessions_api.environments import pages
from sessions_api.environments.checks.rules import Rules
from sessions_api.kit.db import Database
from sessions_api.people.dependencies import page_viewer
from sessions_api.people.viewer import Viewer
from tests.api.conftest import Client
from tests.registry_server import RegistryServer


@pytest.fixture
def server() -> Iterator[RegistryServer]:
    with RegistryServer() as server:
        yield server


@pytest.fixture
def checking(app: FastAPI, server: RegistryServer) -> FastAPI:
    """The application with its pages, as ann sees them; it may ask the tests' registry."""
    settings = app.state.settings.model_copy(
        update={"registry_private": server.host, "registry_insecure": server.host}
    )
    app.state.image_rules = Rules.of(settings)
    app.include_router(pages.router)
    app.dependency_overrides[page_viewer] = lambda: Viewer("ann", admin=False)
    return app


@pytest.mark.usefixtures("checking")
async def test_a_check_holds_no_connection_to_the_database_while_it_waits_for_a_registry(
    ann: Client, database: Database, server: RegistryServer
) -> None:
    path = (await ann.made("/environments", **ENVIRONMENT))["slug"]
    server.push("a/b", "1")
    server.repository("a/b").fault = "hang"
    address = f"http://sojourn.test/environments/{path}/versions/add/check"
    image = {"image": server.reference("a/b", "1")}
    check = asyncio.create_task(ann.post(address, data=image))
    while not server.asked:  # noqa: ASYNC110 - a thread of the registry says it, which sets no event
        await asyncio.sleep(0.01)

    pool = database.engine.pool
    assert isinstance(pool, QueuePool)
    assert pool.checkedout() == 0

    server.over.set()
    answer = await check
    assert answer.status_code == 200
    assert image["image"] in answer.text


ENVIRONMENT = {
    "name": "Tides",
    "version": {
        "front_end": "JupyterLab",
        "port": 8888,
        "default_url": "/lab",
        "command": ["jupyterhub-singleuser"],
        "requirements": "jupyterlab==4.5.0",
    },
}
