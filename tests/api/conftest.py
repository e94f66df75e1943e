"""The routes of the nouns on a database of each kind, spoken to over HTTP."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated, Any

import httpx
import pytest
from fastapi import FastAPI, Header
from sqlalchemy import text

from sessions_api import errors
from sessions_api.environments import routes as environment_routes
from sessions_api.environments import service as environments
from sessions_api.kit.db import Base, Database
from sessions_api.kit.events import Bus
from sessions_api.people.dependencies import current_viewer
from sessions_api.people.viewer import Viewer
from sessions_api.projects import routes as project_routes
from sessions_api.repositories import routes as repository_routes
from sessions_api.runs import routes as run_routes
from sessions_api.sessions import routes as session_routes
from sessions_api.settings import Settings
from sessions_api.storages import routes as storage_routes
from spawner.recipes import Recipe
from tests.postgres import Postgres, fresh_postgres_url, postgres

__all__ = ["fresh_postgres_url", "postgres"]

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


@pytest.fixture(scope="package")
def emptied_postgres_url(postgres: Postgres) -> str:
    """A database that each test finds without rows: emptying one takes a tenth of making one."""
    return postgres.new_database()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
async def database(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    if request.param == "sqlite":
        url = f"sqlite+aiosqlite:///{tmp_path / 'sojourn.db'}"
    else:
        url = request.getfixturevalue("emptied_postgres_url")
    database = Database(url, Bus())
    async with database.engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
        if not database.sqlite:
            names = ", ".join(f'"{table.name}"' for table in Base.metadata.sorted_tables)
            await connection.execute(text(f"TRUNCATE {names} RESTART IDENTITY"))
    async with database.write() as db:
        await environments.seed(db, [recipe("minimal", "Minimal"), recipe("python", "Python")])
    yield database
    await database.close()


@pytest.fixture
def roots(tmp_path: Path) -> Path:
    folder = tmp_path / "home"
    folder.mkdir()
    return folder


@pytest.fixture
def app(database: Database, roots: Path) -> FastAPI:
    app = FastAPI()
    errors.install(app)
    for module in (
        project_routes,
        repository_routes,
        storage_routes,
        session_routes,
        run_routes,
        environment_routes,
    ):
        app.include_router(module.router, prefix="/api/v1")
    app.state.database = database
    app.state.bus = database.bus
    app.state.settings = Settings.model_validate(
        {
            "database_url": "",
            "public_url": "http://sojourn.test",
            "hub_api_url": "http://hub.test",
            "hub_token": "t",
            "spawner_token": "t",
            "cookie_secret": "t",
            "storage_roots": str(roots),
        }
    )

    def viewer(x_viewer: Annotated[str, Header()]) -> Viewer:
        return Viewer(x_viewer)

    app.dependency_overrides[current_viewer] = viewer
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
async def project(ann: Client) -> str:
    """Ann's project, in which everybody may look around; the path of its parts."""
    made = await ann.made("/projects", name="Terrain", visibility="public")
    return f"/projects/{made['slug']}"
