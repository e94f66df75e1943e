"""The application: what is created once, and which routes there are."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from fastapi import FastAPI

from sessions_api import errors, migrations, monitoring, openapi
from sessions_api.audit import pages as audit_pages
from sessions_api.audit import routes as audit_routes
from sessions_api.cluster.client import Cluster
from sessions_api.cluster.prometheus import Prometheus
from sessions_api.cluster.snapshots import Snapshots
from sessions_api.doors import Doors
from sessions_api.environments import pages as environment_pages
from sessions_api.environments import routes as environment_routes
from sessions_api.environments import seeding
from sessions_api.environments.checks import routes as check_routes
from sessions_api.environments.checks.rules import Rules as ImageRules
from sessions_api.environments.dependencies import kinds_of
from sessions_api.environments.files import routes as file_routes
from sessions_api.environments.watching import watch as tags
from sessions_api.git_logins import pages as git_login_pages
from sessions_api.git_logins import routes as git_login_routes
from sessions_api.git_logins import service as git_logins
from sessions_api.hosts import Hosts
from sessions_api.hub.client import Hub
from sessions_api.invitations import pages as invitation_pages
from sessions_api.invitations import routes as invitation_routes
from sessions_api.kit.db import Database
from sessions_api.kit.events import Bus
from sessions_api.people import pages as people_pages
from sessions_api.people import routes as people_routes
from sessions_api.people.dependencies import identify
from sessions_api.people.service import Logins
from sessions_api.projects import group_pages, group_routes, member_pages
from sessions_api.projects import pages as project_pages
from sessions_api.projects import routes as project_routes
from sessions_api.registry_logins import pages as registry_login_pages
from sessions_api.registry_logins import routes as registry_login_routes
from sessions_api.registry_logins import service as registry_logins
from sessions_api.repositories import pages as repository_pages
from sessions_api.repositories import routes as repository_routes
from sessions_api.repositories.reader import ReadingRules
from sessions_api.resources import offers, pools
from sessions_api.resources import routes as resource_routes
from sessions_api.resources import seeding as resource_seeding
from sessions_api.runs import internal, resume
from sessions_api.runs import pages as run_pages
from sessions_api.runs import pages_ending as ending_pages
from sessions_api.runs import pages_links as link_pages
from sessions_api.runs import routes as run_routes
from sessions_api.runs.driver import Driver
from sessions_api.runs.kept import pages as kept_pages
from sessions_api.runs.kept import routes as kept_routes
from sessions_api.runs.kept.keeper import Keeper
from sessions_api.runs.life.watch import Watch
from sessions_api.runs.logs import pages as log_pages
from sessions_api.runs.logs import routes as log_routes
from sessions_api.runs.offers import pages as offer_pages
from sessions_api.runs.offers import routes as offer_routes
from sessions_api.runs.overview import pages as overview_pages
from sessions_api.runs.overview import routes as overview_routes
from sessions_api.runs.places import routes as pool_routes
from sessions_api.runs.places.loop import Line
from sessions_api.runs.repair import Repair
from sessions_api.runs.resizing import pages as resize_pages
from sessions_api.runs.resizing import routes as resize_routes
from sessions_api.runs.resizing.loop import Resizing
from sessions_api.runs.shares import pages as share_pages
from sessions_api.runs.shares import routes as share_routes
from sessions_api.runs.shares.bringing import Bringing
from sessions_api.runs.sweep import Sweep
from sessions_api.runs.usage import routes as usage_routes
from sessions_api.runs.usage.metering import Metering
from sessions_api.secrets import pages as secret_pages
from sessions_api.secrets import routes as secret_routes
from sessions_api.secrets import service as secrets
from sessions_api.sessions import pages as session_pages
from sessions_api.sessions import routes as session_routes
from sessions_api.sessions.lifetimes import Lifetimes
from sessions_api.settings import Settings
from sessions_api.storages import pages as storage_pages
from sessions_api.storages import routes as storage_routes
from sessions_api.timetables import pages as timetable_pages
from sessions_api.timetables import routes as timetable_routes
from sessions_api.timetables.loop import Timekeeper
from sessions_api.tokens import pages as token_pages
from sessions_api.tokens import routes as token_routes
from sessions_api.trials import pages as trial_pages
from sessions_api.trials import routes as trial_routes
from sessions_api.web import pages as web_pages
from sessions_api.web.assets import static_files
from spawner.recipes import load_all

log = logging.getLogger(__name__)

JSON_ROUTES = (
    project_routes,
    group_routes,
    invitation_routes,
    repository_routes,
    storage_routes,
    secret_routes,
    git_login_routes,
    registry_login_routes,
    session_routes,
    timetable_routes,
    run_routes,
    share_routes,
    log_routes,
    usage_routes,
    resize_routes,
    kept_routes,
    check_routes,
    file_routes,
    environment_routes,
    trial_routes,
    resource_routes,
    pool_routes,
    overview_routes,
    offer_routes,
    people_routes,
    token_routes,
    audit_routes,
)
PAGES = (
    people_pages,
    web_pages,
    project_pages,
    member_pages,
    group_pages,
    invitation_pages,
    repository_pages,
    storage_pages,
    secret_pages,
    git_login_pages,
    registry_login_pages,
    token_pages,
    session_pages,
    timetable_pages,
    run_pages,
    ending_pages,
    resize_pages,
    kept_pages,
    share_pages,
    link_pages,
    log_pages,
    environment_pages,
    trial_pages,
    audit_pages,
    overview_pages,
    offer_pages,
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
        app.state.logins = Logins(database, hub, settings.cookie_secret)
        if settings.environments_dir is not None:
            async with database.write() as db:
                await seeding.seed(db, load_all(settings.environments_dir))
        if settings.resource_classes_file is not None:
            await _seed_resources(database, settings.resource_classes_file, settings.resource_pools_file)
        loops = [
            Driver(
                database,
                hub,
                ReadingRules.of(settings),
                settings.sealer,
                on_cluster=settings.on_cluster,
                kinds=kinds_of(settings),
                keeper=_keeper(app, database),
            ).run(),
            Repair(database, hub).run(),
            Bringing(database, hub, on=settings.own_hosts).run(),
            Line(database).run(),
            Watch(database, hub, Lifetimes.of(settings)).run(),
            Timekeeper(database, hub, Lifetimes.of(settings), kinds=kinds_of(settings)).run(),
            _reseal(database, settings),
            _tags(app, database),
        ]
        if database.notices is not None:
            loops.append(database.notices.listen())
        if app.state.cluster is not None:
            loops.append(Sweep(database, app.state.cluster, snapshots=app.state.snapshots).run())
            loops.append(Metering(database, app.state.cluster, await _prometheus(stack, settings)).run())
            loops.append(Resizing(database, app.state.cluster).run())
        for loop in loops:
            task = asyncio.create_task(loop)
            stack.push_async_callback(_ended, task)
        yield


async def _prometheus(stack: AsyncExitStack, settings: Settings) -> Prometheus | None:
    if not settings.prometheus_url or settings.kubernetes_namespace is None:
        return None
    return await stack.enter_async_context(Prometheus(settings.prometheus_url, settings.kubernetes_namespace))


def _keeper(app: FastAPI, database: Database) -> Keeper | None:
    cluster = app.state.cluster
    return None if cluster is None else Keeper(database, cluster, app.state.snapshots)


async def _seed_resources(database: Database, classes_file: Path, pools_file: Path | None) -> None:
    classes = offers.load(classes_file)
    found = pools.load(pools_file, classes) if pools_file else ()
    async with database.write() as db:
        await resource_seeding.seed(db, classes, found)


async def _reseal(database: Database, settings: Settings) -> None:
    """After a change of keys: everything is encrypted with the first one, so that the others can go."""
    count = 0
    for sealed in (secrets, git_logins, registry_logins):
        count += await sealed.reseal(database, settings.sealer)
    if count:
        log.info("encrypted %d secrets and logins anew with the first key", count)


async def _tags(app: FastAPI, database: Database) -> None:
    """Watches the tags of images, where the settings say how often."""
    hours = app.state.settings.tag_check_hours
    if hours:
        await tags.Watch(database, app.state.image_rules, tags.Pace.hours(hours)).run()
    else:
        await tags.forget(database)


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
    app.state.identify = identify
    app.state.image_rules = ImageRules.of(settings)
    app.state.cluster = (
        Cluster(settings.kubernetes_namespace, settings.installation)
        if settings.kubernetes_namespace is not None
        else None
    )
    app.state.snapshots = (
        None
        if app.state.cluster is None
        else Snapshots(app.state.cluster, snapshot_class=settings.snapshot_class)
    )
    if settings.internal_port is not None:
        app.add_middleware(Doors, internal_port=settings.internal_port)
    if settings.own_hosts:
        app.add_middleware(Hosts, public_url=settings.public_url)
    errors.install(app)
    openapi.install(app)
    # Spawners and probes ask most often: a request is compared with one route after the other.
    for module in (internal, monitoring):
        app.include_router(module.router)
    for module in JSON_ROUTES:
        app.include_router(module.router, prefix="/api/v1")
    for module in PAGES:
        app.include_router(module.router)
    app.mount("/static", static_files(), name="static")
    return app
