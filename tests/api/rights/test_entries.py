"""Whatever is done is in the audit log once, and what is refused is not (`entries.txt`)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.api.rights import matrix
from tests.api.rights.matrix import COLUMNS, Row
from tests.api.rights.world import HIDDEN, OPEN, World

pytestmark = pytest.mark.asyncio(loop_scope="package")

TABLE = Path(__file__).with_name("entries.txt")
LINES = [line.split() for line in TABLE.read_text().splitlines() if line and not line.startswith("#")]
ENTRIES = {f"{method} {path}": (column, verbs) for method, path, column, *verbs in LINES}
ROWS = {row.route: row for row in matrix.rows()}
WRITING = {route for route in ROWS if not route.startswith("GET ")}
DONE = 400
NOTHING, REFUSED = "-", "refused"


async def _log(world: World) -> list[dict[str, Any]]:
    """All entries, the oldest first."""
    answer = await world.ask("root", "GET", "/api/v1/audit?format=ndjson", form=False)
    return [json.loads(line) for line in answer.text.splitlines()][::-1]


async def test_every_writing_route_has_a_line() -> None:
    assert not WRITING - ENTRIES.keys(), f"say in {TABLE.name} what the audit log tells of it"
    assert not ENTRIES.keys() - WRITING, "no such route"
    assert len(ENTRIES) == len(LINES)


@pytest.mark.parametrize("route", matrix.walk(sorted(ENTRIES)))
async def test_what_is_done_is_told_once(route: str, world: World) -> None:
    column, verbs = ENTRIES[route]
    before = {entry["id"] for entry in await _log(world)}
    answer = await matrix.answer(world, ROWS[route], column)
    told = [entry for entry in await _log(world) if entry["id"] not in before]
    await world.again()
    assert (answer.status >= DONE) == (verbs == [REFUSED]), answer.text
    assert [entry["verb"] for entry in told] == [verb for verb in verbs if verb not in {NOTHING, REFUSED}]
    who = COLUMNS[ROWS[route].section].get(column, (column, {}))[0]
    expected = ("system", None) if ROWS[route].section == "the inside" else ("person", who)
    assert {(entry["by"], entry["person"]) for entry in told} <= {expected}
    if ROWS[route].section == "a project":
        # What is copied is told where it goes, without where it is from.
        where = OPEN if route.endswith("/copy") else HIDDEN
        assert {entry["project"]["slug"] for entry in told} <= {where}
    text = json.dumps(told)
    assert not [value for value in _secret(route, world) if value in text]


def _secret(route: str, world: World) -> list[str]:
    body = matrix.requests.body(route, world) or {}
    return [f'"{body[name]}"' for name in ("value", "token", "password") if name in body]


@pytest.mark.parametrize("route", matrix.walk(sorted(ENTRIES)))
async def test_what_is_refused_is_not_told(route: str, world: World) -> None:
    row: Row = ROWS[route]
    refused = [column for column, cell in row.cells.items() if cell == "login" or int(cell) >= DONE]
    before = len(await _log(world))
    for column in refused:
        await matrix.answer(world, row, column)
    assert len(await _log(world)) == before


async def test_what_is_asked_for_again_is_told_once(world: World) -> None:
    started = "/projects/terrain/sessions/chart/start"
    before = len(await _log(world))
    for _ in range(3):
        await world.done("gus", "POST", started)
    assert len(await _log(world)) == before + 1
    await world.again()
