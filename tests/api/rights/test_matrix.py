"""Every route of the application answers to everybody what the table says (`matrix.txt`)."""

from __future__ import annotations

import pytest

from tests.api.rights import matrix
from tests.api.rights.matrix import COLUMNS, Row
from tests.api.rights.world import HIDDEN, HUSH, World

pytestmark = pytest.mark.asyncio(loop_scope="package")

ROWS = list(matrix.rows())
DONE = 400
ADMINS_READ = {
    *("GET /api/v1/audit", "GET /api/v1/projects/{slug}/audit", "GET /activity"),
    *("GET /api/v1/admin/runs", "GET /admin", "GET /api/v1/admin/timetables"),
    *(f"POST /api/v1/admin/runs/{{run_id}}/{wanted}" for wanted in ("pause", "stop", "cancel")),
}
"""Where platform administrators are told what was done and what runs in projects that they do not see."""


async def test_every_route_has_a_row(world: World) -> None:
    routes, listed = matrix.routes(world.app), [row.route for row in ROWS]
    assert not routes - set(listed), f"say in {matrix.TABLE.name} who gets which answer"
    assert not set(listed) - routes, "no such route"
    assert len(listed) == len(set(listed))


@pytest.mark.parametrize("row", matrix.walk(ROWS), ids=lambda row: row.route)
async def test_a_route_answers_each_person_as_the_table_says(row: Row, world: World) -> None:
    answers, told = {}, []
    for column, (who, _) in COLUMNS[row.section].items():
        answer = await matrix.answer(world, row, column)
        answers[column] = matrix.cell(answer)
        if answer.status < DONE and not row.route.startswith("GET "):
            await world.again()
        hidden = {None: HUSH, "stan": HUSH, "root": HIDDEN}.get(who)
        text = answer.text.replace("<wbr>", "")
        if who == "root" and row.route in ADMINS_READ:
            assert HIDDEN in text
        elif hidden is not None and answer.status < DONE and hidden in text:
            told.append(column)
    assert answers == row.cells
    assert not told, "they are told of what they do not see"
