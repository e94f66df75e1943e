"""While Sojourn is upgraded, replicas of the version before work on the tables of the next one.

So a migration only adds, and what it adds to a table that was there asks for nothing that the version before
does not write. The rule is told in `docs/developing.md`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Inspector, create_engine, inspect, text

from sessions_api import migrations
from sessions_api.kit.db import Database
from sessions_api.kit.events import Bus

FIRST = "0012"
"""From here on: no versions before were ever run side by side."""


@dataclass
class Table:
    """What a table asks of who writes."""

    columns: dict[str, dict[str, Any]]
    bounds: dict[str, set[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, inspector: Inspector, name: str) -> Table:
        """The table as the database has it; its checks count for all of its columns."""
        columns = {column["name"]: column for column in inspector.get_columns(name)}
        table = cls(columns)
        for unique in inspector.get_unique_constraints(name):
            table.bounds[f"unique {unique['name']}"] = set(unique["column_names"])
        for index in inspector.get_indexes(name):
            if index["unique"]:
                table.bounds[f"unique {index['name']}"] = {str(each) for each in index["column_names"]}
        for reference in inspector.get_foreign_keys(name):
            table.bounds[f"reference {reference['name']}"] = set(reference["constrained_columns"])
        for check in inspector.get_check_constraints(name):
            table.bounds[f"check {check['name']}"] = {
                column for column in columns if column in str(check["sqltext"])
            }
        return table


Tables = dict[str, Table]


def tables(connection: Connection) -> Tables:
    """All tables of a database."""
    inspector = inspect(connection)
    return {name: Table.of(inspector, name) for name in inspector.get_table_names()}


def breaks(before: Tables, after: Tables) -> list[str]:
    """What of a step keeps the version before from working."""
    found = [f"{name} is gone" for name in before.keys() - after.keys()]
    for name in before.keys() & after.keys():
        old, new = before[name], after[name]
        found += [f"{name}.{column} is gone" for column in old.columns.keys() - new.columns.keys()]
        for column, now in new.columns.items():
            asked_for = not now["nullable"] and now["default"] is None
            if column not in old.columns and asked_for:
                found.append(f"{name}.{column} is new, and has to be written")
            if column in old.columns and asked_for and old.columns[column]["nullable"]:
                found.append(f"{name}.{column} has to be written now")
        found += [
            f"{name} has a new {bound} on what was there"
            for bound, columns in new.bounds.items()
            if bound not in old.bounds and columns and columns <= old.columns.keys()
        ]
    return sorted(found)


def revisions() -> list[str]:
    """All of them, the oldest first."""
    scripts = ScriptDirectory.from_config(migrations.config())
    return [script.revision for script in reversed(list(scripts.walk_revisions()))]


def step(connection: Connection, revision: str) -> Tables:
    """Migrates to a revision; the tables then."""
    config = migrations.config()
    config.attributes["connection"] = connection
    command.upgrade(config, revision)
    return tables(connection)


@pytest.mark.postgres
async def test_each_migration_leaves_the_version_before_what_it_needs(fresh_postgres_url: str) -> None:
    database = Database(fresh_postgres_url, Bus())
    try:
        async with database.unhurried() as connection:
            before = await connection.run_sync(step, FIRST)
            found = {}
            for revision in revisions()[revisions().index(FIRST) + 1 :]:
                after = await connection.run_sync(step, revision)
                found[revision] = breaks(before, after)
                before = after
    finally:
        await database.close()
    assert not any(found.values()), found


MADE = "CREATE TABLE runs (id INTEGER PRIMARY KEY, phase TEXT NOT NULL, node TEXT)"


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("ALTER TABLE runs ADD COLUMN pool TEXT", []),
        ("ALTER TABLE runs ADD COLUMN pool TEXT NOT NULL DEFAULT ''", []),
        ("CREATE TABLE pools (id INTEGER PRIMARY KEY, name TEXT NOT NULL)", []),
        ("CREATE UNIQUE INDEX one_node ON runs (node)", ["runs has a new unique one_node on what was there"]),
        ("ALTER TABLE runs RENAME COLUMN node TO place", ["runs.node is gone"]),
        ("DROP TABLE runs", ["runs is gone"]),
        (
            """CREATE TABLE again (id INTEGER PRIMARY KEY, phase TEXT NOT NULL, node TEXT NOT NULL,
            pool TEXT NOT NULL); DROP TABLE runs; ALTER TABLE again RENAME TO runs""",
            ["runs.node has to be written now", "runs.pool is new, and has to be written"],
        ),
    ],
)
def test_what_breaks_the_version_before_is_seen(statement: str, found: list[str]) -> None:
    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        connection.execute(text(MADE))
        before = tables(connection)
        for part in statement.split("; "):
            connection.execute(text(part))
        assert breaks(before, tables(connection)) == found
    engine.dispose()
