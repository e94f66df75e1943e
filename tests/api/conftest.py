"""The routes of the nouns on a database of each kind, spoken to over HTTP."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Annotated, Any

import httpx
import pytest
from cryptography.fernet import Fernet
from fastapi import FastAPI, Header
from sqlalchemy import text
from starlette.datastructures import State

from sessions_api import errors
from sessions_api.audit import routes as audit_routes
from sessions_api.environments import routes as environment_routes
from sessions_api.environments import seeding
from sessions_api.environments.checks import routes as check_routes
from sessions_api.git_logins import routes as git_login_routes
from sessions_api.invitations import routes as invitation_routes
from sessions_api.kit.db import Base, Database
from sessions_api.kit.events import Bus
from sessions_api.people.dependencies import current_viewer
from sessions_api.people.viewer import Viewer
from sessions_api.projects import group_routes
from sessions_api.projects import routes as project_routes
from sessions_api.registry_logins import routes as registry_login_routes
from sessions_api.repositories import routes as repository_routes
from sessions_api.resources import routes as resource_routes
from sessions_api.runs import routes as run_routes
from sessions_api.runs.kept import routes as kept_routes
from sessions_api.runs.logs import routes as log_routes
from sessions_api.runs.offers import routes as offer_routes
from sessions_api.runs.overview import routes as overview_routes
from sessions_api.runs.places import routes as pool_routes
from sessions_api.runs.resizing import routes as resize_routes
from sessions_api.runs.usage import routes as usage_routes
from sessions_api.secrets import routes as secret_routes
from sessions_api.sessions import routes as session_routes
from sessions_api.settings import Settings
from sessions_api.storages import routes as storage_routes
from sessions_api.timetables import routes as timetable_routes
from sessions_api.trials import routes as trial_routes
from spawner.recipes import Recipe
from tests.postgres import Postgres, fresh_postgres_url, postgres

__all__ = ["fresh_postgres_url", "postgres"]

SECRETS_KEY = Fernet.generate_key().decode()
REQUIREMENTS = """--only-binary :all:
jupyterlab==4.5.0
numpy==2.3.5
appnope==1.0.0 ; sys_platform == 'darwin'
"""


def recipe(slug: str, name: str, digest: str = "a", **changes: Any) -> Recipe:
    run = {
        "front_end": "JupyterLab",
        "command": ["jupyterhub-singleuser"],
        "default_url": "/lab",
        "port": 8888,
    }
    fields = {
        "slug": slug,
        "name": name,
        "description": f"JupyterLab for {name}.",
        "keywords": ("jupyterlab", slug),
        "run": run,
        "requirements": REQUIREMENTS,
        "digest": f"sha256:{digest * 64}",
    }
    return Recipe.model_validate(fields | changes)


def image(slug: str, name: str, digest: str = "1", **changes: Any) -> Recipe:
    pinned = f"sha256:{digest * 64}"
    fields = {"image": f"registry.test/{slug}@{pinned}", "requirements": ""}
    return recipe(slug, name, digest, **fields | changes)


@pytest.fixture(scope="package")
def emptied_postgres_url(postgres: Postgres) -> str:
    """A database that each test finds without rows: emptying one takes a hundredth of making one."""
    url = postgres.new_database()
    _prepare(url)
    return url


@pytest.fixture(scope="package")
def seeded_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file that each test has a copy of: copying takes a hundredth of making."""
    file = tmp_path_factory.mktemp("seeded") / "sojourn.db"
    _prepare(f"sqlite+aiosqlite:///{file}")
    return file


def _prepare(url: str) -> None:
    """Makes the tables and seeds them; in a thread, since the test that asks has a loop of its own."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, _made(url)).result()


async def _made(url: str) -> None:
    database = Database(url, Bus())
    async with database.engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    await _seed(database)
    await database.close()


async def _seed(database: Database) -> None:
    async with database.write() as db:
        await seeding.seed(db, [recipe("minimal", "Minimal"), recipe("python", "Python")])


async def _empty(database: Database) -> None:
    deletes = " ".join(f"{table.delete()};" for table in reversed(Base.metadata.sorted_tables))
    async with database.engine.begin() as connection:
        await connection.execute(text(f"DO $$ BEGIN {deletes} END $$"))


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
async def database(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    if request.param == "sqlite":
        file = tmp_path / "sojourn.db"
        shutil.copyfile(request.getfixturevalue("seeded_sqlite"), file)
        database = Database(f"sqlite+aiosqlite:///{file}", Bus())
    else:
        database = Database(request.getfixturevalue("emptied_postgres_url"), Bus())
        await _empty(database)
        await _seed(database)
    yield database
    await database.close()


@pytest.fixture
def roots(tmp_path: Path) -> Path:
    folder = tmp_path / "home"
    folder.mkdir()
    return folder


@pytest.fixture(scope="package")
def routed() -> FastAPI:
    """The routes, which take longer to lay than a test to run."""
    app = FastAPI()
    errors.install(app)
    for module in (
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
        log_routes,
        usage_routes,
        resize_routes,
        kept_routes,
        environment_routes,
        trial_routes,
        check_routes,
        resource_routes,
        pool_routes,
        overview_routes,
        offer_routes,
        audit_routes,
    ):
        app.include_router(module.router, prefix="/api/v1")

    def viewer(x_viewer: Annotated[str, Header()], x_groups: Annotated[str, Header()] = "") -> Viewer:
        groups = frozenset(filter(None, x_groups.split(",")))
        return Viewer(x_viewer, groups, admin=x_viewer == "root")

    app.dependency_overrides[current_viewer] = viewer
    return app


@pytest.fixture
def app(routed: FastAPI, database: Database, roots: Path) -> FastAPI:
    app = routed
    app.state = State()
    app.state.database = database
    app.state.cluster = None
    app.state.bus = database.bus
    app.state.settings = Settings.model_validate(
        {
            "database_url": "",
            "public_url": "http://sojourn.test",
            "hub_api_url": "http://hub.test",
            "hub_token": "t",
            "spawner_token": "t",
            "cookie_secret": "t",
            "secrets_key": SECRETS_KEY,
            "storage_roots": str(roots),
        }
    )
    return app


class Client(httpx.AsyncClient):
    """Speaks for one person, below `/api/v1`."""

    def __init__(self, app: FastAPI, person: str) -> None:
        super().__init__(
            transport=httpx.ASGITransport(app),
            base_url="http://sojourn.test/api/v1",
            headers={"X-Viewer": person},
        )

    async def made(self, path: str, /, **body: Any) -> dict[str, Any]:
        """What a POST that must succeed answers."""
        answer = await self.post(path, json=body)
        assert answer.status_code == 201, answer.text
        assert answer.headers["ETag"]
        read = await self.get(answer.headers["Location"].removeprefix("/api/v1"))
        assert read.json() == answer.json()
        return dict(answer.json())

    async def refused(
        self, path: str, status: int = 422, method: str = "POST", /, **body: Any
    ) -> dict[str, Any]:
        """The problem that a request which must fail answers."""
        answer = await self.request(method, path, json=body if method in {"POST", "PATCH"} else None)
        assert answer.status_code == status, answer.text
        assert answer.headers["Content-Type"] == "application/problem+json"
        return dict(answer.json())


@pytest.fixture
async def ann(app: FastAPI) -> AsyncIterator[Client]:
    async with Client(app, "ann") as client:
        yield client


@pytest.fixture
async def bob(app: FastAPI) -> AsyncIterator[Client]:
    async with Client(app, "bob") as client:
        yield client


@pytest.fixture
async def root(app: FastAPI, ann: Client, project: str) -> AsyncIterator[Client]:
    """A platform admin, who is an editor of Ann's project too."""
    await ann.post(f"{project}/members", json={"person": "root", "role": "editor"})
    async with Client(app, "root") as client:
        yield client


@pytest.fixture
async def on_cluster(app: FastAPI, database: Database) -> None:
    """Makes the installation one whose sessions are pods, with some storages on offer."""
    async with database.write() as db:
        await seeding.seed(db, [image("image", "Image")])
    app.state.settings = app.state.settings.model_copy(
        update={
            "kubernetes_namespace": "sessions",
            "storage_kinds": "claim, nfs, csi, files",
            "storage_claims": "shared-data,atlas",
            "storage_nfs_servers": "nfs.example.org",
            "storage_csi_drivers": "*",
        }
    )


@pytest.fixture
async def project(ann: Client) -> str:
    """Ann's project, in which everybody may look around; the path of its parts."""
    made = await ann.made("/projects", name="Terrain", visibility="public")
    return f"/projects/{made['slug']}"
