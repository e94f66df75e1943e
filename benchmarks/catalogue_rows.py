"""Writes catalogues of environments straight into a database: one by one it takes too long."""

from __future__ import annotations

from random import Random
from typing import Any

from sqlalchemy import insert, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from benchmarks.rows import Size, write_project
from sessions_api import migrations
from sessions_api.environments import seeding
from sessions_api.environments.packages import Package
from sessions_api.environments.search import terms
from sessions_api.environments.tables import (
    Environment,
    EnvironmentFavourite,
    EnvironmentPackage,
    EnvironmentTerm,
    EnvironmentVersion,
)
from sessions_api.kit import clock
from sessions_api.kit.db import Database
from sessions_api.kit.ids import new_id, slugify
from sessions_api.sessions.tables import Session
from spawner.recipes import Recipe

PERSON = "ann"
PACKAGES_EACH = 40
_BATCH = 500
_PLACES = ("Harbour", "Snow", "River", "Terrain", "Ocean", "Forest", "City", "Cloud", "Python", "Valley")
_THINGS = ("tools", "tables", "models", "maps", "science", "geo", "archive", "lab", "viewer", "tides")
_KEYWORDS = ("python", "geo", "tides", "jupyterlab", "r", "gpu", "maps", "statistics", "teaching", "images")
_FREQUENT = ("numpy", "pandas", "scipy", "pytest", "pyproj", "jupyterlab")
_RARE = 3000
"""Packages that few environments have."""


async def fill(database: Database, size: int) -> None:
    """Makes the tables, `size` environments of which the person sees most, and sessions of one in five."""
    await migrations.upgrade(database)
    async with database.write() as db:
        await seeding.seed(db, [_recipe()])
        versions = await write_environments(db, size)
        await write_project(db, PERSON, Size("Bench", size // 5))
        await _spread(db, versions)
        await db.flush()
    async with database.engine.begin() as connection:
        await connection.execute(text("ANALYZE"))


async def write_environments(db: AsyncSession, size: int) -> list[EnvironmentVersion]:
    """Writes `size` environments of packages, none of them a default one, each with one version."""
    versions: list[EnvironmentVersion] = []
    random = Random(size)  # noqa: S311 - the same rows every time
    for begin in range(0, size, _BATCH):
        numbers = range(begin, min(begin + _BATCH, size))
        versions += await _write(db, [_environment(random, number) for number in numbers], random)
    return versions


def _recipe() -> Recipe:
    run = {"front_end": "JupyterLab", "command": ["lab"], "default_url": "/lab", "port": 8888}
    words = {"slug": "minimal", "name": "Minimal", "description": "JupyterLab.", "keywords": ("jupyterlab",)}
    return Recipe.model_validate({**words, "run": run, "requirements": "", "digest": "sha256:0"})


def _environment(random: Random, number: int) -> Environment:
    name = f"{random.choice(_PLACES)} {random.choice(_THINGS)} {number}"
    keywords = {"python"} if random.random() < 0.7 else set()
    keywords |= set(random.sample(_KEYWORDS, 2)) | ({"rare"} if number % 997 == 0 else set())
    now = clock.now()
    return Environment(
        id=new_id(),
        slug=slugify(name, otherwise="environment"),
        name=name,
        description=f"JupyterLab with what {random.choice(_PLACES)} {random.choice(_THINGS)} needs.",
        keywords=sorted(keywords),
        recipe=None,
        default=False,
        visibility="everyone" if random.random() < 0.8 else "private",
        archived_at=None,
        successor_id=None,
        created_by=PERSON if number % 50 == 0 else f"person-{random.randrange(300)}",
        created_at=now,
        updated_at=now,
        revision=1,
    )


async def _write(db: AsyncSession, made: list[Environment], random: Random) -> list[EnvironmentVersion]:
    versions: list[EnvironmentVersion] = []
    packages: list[dict[str, Any]] = []
    words: list[dict[str, Any]] = []
    for environment in made:
        version = _version(environment)
        versions.append(version)
        names = {name for name in _FREQUENT if random.random() < 0.8}
        names |= {f"package-{random.randrange(_RARE)}" for _ in range(PACKAGES_EACH - len(names))}
        found = [Package(name, "1.0") for name in sorted(names)]
        packages += [
            {"version_id": version.id, "ecosystem": "python", "name": one.name, "version": one.version}
            for one in found
        ]
        words += terms.rows(environment, terms.of_environment(environment) | terms.of_packages(found))
    db.add_all(made)
    await db.flush()
    db.add_all(versions)
    await db.flush()
    await db.execute(insert(EnvironmentPackage), packages)
    await db.execute(insert(EnvironmentTerm), words)
    favourites = [{"person": PERSON, "environment_id": each.id} for each in made[:5]]
    await db.execute(insert(EnvironmentFavourite), favourites)
    return versions


def _version(environment: Environment) -> EnvironmentVersion:
    return EnvironmentVersion(
        id=new_id(),
        environment_id=environment.id,
        number=1,
        digest="sha256:0",
        image=None,
        requirements="",
        front_end="JupyterLab",
        front_ends=[],
        command=["lab"],
        arguments=[],
        port=8888,
        gate=None,
        uid=1000,
        gid=100,
        working_folder="/work",
        read_only_root=False,
        default_url="/lab",
        reference=None,
        platforms=[],
        size=None,
        layers=[],
        labels={},
        made_from="requirements",
        created_by=environment.created_by,
        created_at=environment.created_at,
    )


async def _spread(db: AsyncSession, versions: list[EnvironmentVersion]) -> None:
    """Gives the sessions of the one project to environments in turn."""
    await db.flush()
    for number, session in enumerate(await db.scalars(select(Session))):
        version = versions[7 * number % len(versions)]
        session.environment_id, session.version_id = version.environment_id, version.id
