"""What a token may do of what its person may: each route that writes is refused to those for less."""

from __future__ import annotations

import json

import pytest

from sessions_api.hub.client import READ_SCOPE, SESSIONS_SCOPE
from tests.api.rights import matrix
from tests.api.rights.world import World

pytestmark = pytest.mark.asyncio(loop_scope="package")

WRITING = sorted(
    row.route
    for row in matrix.rows()
    if "/api/v1/" in row.route and not row.route.startswith("GET ") and row.section != "the inside"
)
LAUNCHING = {
    f"POST /api/v1/projects/{{slug}}/{rest}"
    for rest in (
        "start",
        *(f"sessions/{{session}}/{verb}" for verb in ("start", "restart", "pause", "stop", "cancel")),
    )
}
ROWS = {row.route: row for row in matrix.rows()}


def token(world: World, *scopes: str) -> str:
    return f"token-{world.hub.made_token('olga', note='t', scopes=scopes, expires_in=60)['id']}"


async def _code(world: World, route: str, scopes: tuple[str, ...]) -> str:
    method, path = route.split()
    values = {**matrix.requests.parts(route, world), "slug": "hush-terrain", "environment": "minimal"}
    for name, value in values.items():
        path = path.replace(f"{{{name}}}", value)
    body = matrix.requests.body(route, world)
    answer = await world.ask(token(world, *scopes), method, path, body, form=False)
    return "" if answer.status < 400 else str(json.loads(answer.text)["code"])


@pytest.mark.parametrize("route", matrix.walk(WRITING))
async def test_a_token_that_reads_writes_nowhere(route: str, world: World) -> None:
    assert await _code(world, route, (READ_SCOPE,)) == "token_scope"
    refused = await _code(world, route, (SESSIONS_SCOPE, READ_SCOPE))
    assert (refused == "token_scope") == (route not in LAUNCHING)
    await world.again()


async def test_a_token_that_reads_sees_what_its_person_does(world: World) -> None:
    answer = await world.ask(
        token(world, READ_SCOPE), "GET", "/api/v1/projects/hush-terrain", None, form=False
    )
    me = await world.ask(token(world, READ_SCOPE), "GET", "/api/v1/me", None, form=False)
    assert answer.status == 200
    assert (json.loads(me.text)["name"], json.loads(me.text)["scope"]) == ("olga", "read")


async def test_a_token_for_something_else_is_for_nothing_here(world: World) -> None:
    answer = await world.ask(token(world, "read:users!user"), "GET", "/api/v1/me", None, form=False)
    assert (answer.status, json.loads(answer.text)["code"]) == (403, "token_scope")


async def test_a_role_of_the_hub_makes_an_administrator_as_the_group_does(world: World) -> None:
    async def platform(scopes: tuple[str, ...]) -> int:
        return (await world.ask(token(world, *scopes), "GET", "/api/v1/audit", None, form=False)).status

    assert await platform(("inherit",)) == 403
    assert await platform(("inherit", "custom:sojourn:admin")) == 200
