"""What the catalogue makes of a database from before it: on both databases, with everything kept."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import Connection, text

from sessions_api import migrations
from sessions_api.environments import seeding, service
from sessions_api.kit.db import Database
from sessions_api.kit.events import Bus
from sessions_api.kit.paging import Paging
from sessions_api.people.viewer import Viewer
from tests.api.conftest import recipe

ANN = Viewer("ann")
BEFORE = [
    """INSERT INTO environments (id, slug, name, description, keywords, "default", created_by, created_at,
       updated_at, revision) VALUES ('E', 'python', 'Python', 'For tide tables.', '["science"]', true,
       'sojourn', '2026-01-01 00:00:00', '2026-01-01 00:00:00', 3)""",
    """INSERT INTO projects (id, slug, name, description, visibility, created_by, created_at, updated_at,
       revision) VALUES ('P', 'terrain', 'Terrain', '', 'public', 'ann', '2026-01-01 00:00:00',
       '2026-01-01 00:00:00', 1)""",
    *(
        f"""INSERT INTO environment_versions (id, environment_id, number, digest, requirements, front_end,
        command, default_url, created_by, created_at, arguments, port, uid, gid, working_folder,
        read_only_root) VALUES ('V{number}', 'E', {number}, 'sha256:{number}', '{lines}', 'JupyterLab',
        '["jupyterhub-singleuser"]', '/lab', 'sojourn', '2026-01-01 00:00:00', '[]', 8888, 1000, 100, '/work',
        false)"""  # noqa: S608 - written here
        for number, lines in ((1, "numpy==1.0\n"), (2, "--only-binary :all:\nscipy==2.0\nnumpy==2.0\n"))
    ),
    """INSERT INTO sessions (id, project_id, slug, name, description, environment_id, version_id, variables,
       is_default, created_by, created_at, updated_at, revision) VALUES ('S', 'P', 'python', 'Python', '',
       'E', 'V1', '{}', true, 'ann', '2026-01-01 00:00:00', '2026-01-01 00:00:00', 1)""",
]


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
async def from_before(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    """A database of the revision before, with an environment, two versions and a session of the first."""
    if request.param == "sqlite":
        url = f"sqlite+aiosqlite:///{tmp_path / 'sojourn.db'}"
    else:
        url = request.getfixturevalue("fresh_postgres_url")
    database = Database(url, Bus())

    def upgrade(connection: Connection) -> None:
        config = migrations.config()
        config.attributes["connection"] = connection
        command.upgrade(config, "0002")
        for statement in BEFORE:
            connection.execute(text(statement))

    async with database.engine.begin() as connection:
        await connection.run_sync(upgrade)
    yield database
    await database.close()


async def _found(database: Database, search: str) -> list[str]:
    async with database.read() as db:
        return [each.environment.slug for each in await service.listing(db, ANN, Paging(), search)]


async def test_environments_from_before_are_for_everyone_and_are_found(from_before: Database) -> None:
    await migrations.upgrade(from_before)

    async with from_before.read() as db:
        environment = await service.get(db, ANN, "python")
        installed = await service.installed_in(db, ["V1", "V2"])
        used = (await service.around(db, ANN, [environment])).used_of(environment)
    assert (environment.visibility, environment.recipe, environment.revision) == ("everyone", "python", 3)
    assert [(each.name, each.version) for each in installed["V1"]] == [("numpy", "1.0")]
    assert [(each.name, each.version) for each in installed["V2"]] == [("numpy", "2.0"), ("scipy", "2.0")]
    assert used.projects == 1
    for search in ("pyth", "tide", "science", "scipy", "sojourn"):
        assert await _found(from_before, search) == ["python"], search
    assert await _found(from_before, "pandas") == []


async def test_the_seed_takes_its_environment_up_where_it_was(from_before: Database) -> None:
    await migrations.upgrade(from_before)

    async with from_before.write() as db:
        await seeding.seed(db, [recipe("python", "Python 3")])

    async with from_before.read() as db:
        environment = await service.get(db, ANN, "python")
        numbers = [version.number for version in await service.versions(db, environment.id)]
    assert (environment.id, environment.name, numbers) == ("E", "Python 3", [3, 2, 1])
