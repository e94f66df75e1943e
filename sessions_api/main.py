"""The application: what is created once, and which routes there are."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from fastapi import FastAPI

from sessions_api import errors, migrations, monitoring, openapi
from sessions_api.environments import pages as environment_pages
from sessions_api.environments import routes as environment_routes
from sessions_api.environments import service as environments
from sessions_api.hub.client import Hub
from sessions_api.kit.db import Database
from sessions_api.kit.events import Bus
from sessions_api.people import pages as people_pages
from sessions_api.people import routes as people_routes
from sessions_api.people.service import Logins
from sessions_api.projects import member_pages
from sessions_api.projects import pages as project_pages
from sessions_api.projects import routes as project_routes
from sessions_api.repositories import pages as repository_pages
from sessions_api.repositories import routes as repository_routes
from sessions_api.repositories.reader import ReadingRules
from sessions_api.runs import internal, resume
from sessions_api.runs import pages as run_pages
from sessions_api.runs import routes as run_routes
from sessions_api.runs.driver import Driver
from sessions_api.runs.repair import Repair
from sessions_api.sessions import pages as session_pages
from sessions_api.sessions import routes as session_routes
from sessions_api.settings import Settings
from sessions_api.storages import pages as storage_pages
from sessions_api.storages import routes as storage_routes
from sessions_api.web import pages as web_pages
from sessions_api.web.assets import static_files
from spawner.recipes import load_all

log = logging.getLogger(__name__)

JSON_ROUTES = (
    project_routes,
    repository_routes,
    storage_routes,
    session_routes,
    run_routes,
    environment_routes,
    people_routes,
)
PAGES = (
    people_pages,
    web_pages,
    project_pages,
    member_pages,
    repository_pages,
    storage_pages,
    session_pages,
    run_pages,
    environment_pages,
    resume,
)


@asynccontextmanager
async def _life(app: FastAPI) -> AsyncIterator[None]:
    settings: Settings = app.state.settings
    async with AsyncExitStack() as stack:
        database = Database(settings.database_url, Bus())
        stack.push_async_callback(database.close)
        await migrations.upgrade(database)
        hub = Hub(settings.hub_api_url, settings.hub_token)
        stack.push_async_callback(hub.close)
        app.state.database = database
        app.state.bus = database.bus
        app.state.hub = hub
        app.state.logins = Logins(database, hub)
        if settings.environments_dir is not None:
            async with database.write() as db:
                await environments.seed(db, load_all(settings.environments_dir))
        for loop in (
            Driver(database, hub, ReadingRules.of(settings)).run(),
            Repair(database, hub).run(),
        ):
            task = asyncio.create_task(loop)
            stack.push_async_callback(_ended, task)
        yield


async def _ended(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def create_app(settings: Settings) -> FastAPI:
    """The service as an ASGI application."""
    app = FastAPI(
        title="Sojourn",
        version="1",
        summary="Sessions of projects in environments.",
        lifespan=_life,
        openapi_url="/api/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
    )
    app.state.settings = settings
    errors.install(app)
    openapi.install(app)
    for module in JSON_ROUTES:
        app.include_router(module.router, prefix="/api/v1")
    for module in (internal, monitoring, *PAGES):
        app.include_router(module.router)
    app.mount("/static", static_files(), name="static")
    return app
