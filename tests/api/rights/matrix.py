"""The table of who gets which answer (`matrix.txt`), and how its cells are asked for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI

from tests.api.rights import requests
from tests.api.rights.world import HIDDEN, HUSH, OPEN, SPAWNER, Answer, World

TABLE = Path(__file__).with_name("matrix.txt")
NOT_OURS = frozenset({"/api/v1/openapi.json", "/static"})
"""The document itself, and files: the same for everybody."""

Place = tuple[str | None, dict[str, str]]
"""Who asks, and what stands in the path for that."""

_PRIVATE, _SHARED, _FOR_ALL = f"{HUSH}-for-private", f"{HUSH}-for-projects", "plain-for-everyone"
COLUMNS: dict[str, dict[str, Place]] = {
    "a project": {
        "anonymous": (None, {"slug": OPEN}),
        "stranger": ("stan", {"slug": HIDDEN}),
        "passer-by": ("stan", {"slug": OPEN}),
        "viewer": ("vera", {"slug": HIDDEN}),
        "editor": ("edda", {"slug": HIDDEN}),
        "owner": ("olga", {"slug": HIDDEN}),
        "admin": ("root", {"slug": HIDDEN}),
    },
    "an environment": {
        "anonymous": (None, {"environment": _FOR_ALL}),
        "stranger": ("stan", {"environment": _PRIVATE}),
        "everybody": ("stan", {"environment": _FOR_ALL}),
        "member": ("vera", {"environment": _SHARED}),
        "maker": ("edda", {"environment": _PRIVATE}),
        "admin": ("root", {"environment": _PRIVATE}),
    },
    "a run of Vera's": {
        "anonymous": (None, {}),
        "stranger": ("stan", {"person": "vera"}),
        "editor": ("edda", {"person": "vera"}),
        "owner": ("olga", {"person": "vera"}),
        "admin": ("root", {"person": "vera"}),
        "Vera": ("vera", {"person": "vera"}),
    },
    "Vera's own": {
        "anonymous": (None, {"login": "vera.example.org"}),
        "Stan": ("stan", {"login": "vera.example.org"}),
        "admin": ("root", {"login": "vera.example.org"}),
        "Vera": ("vera", {"login": "vera.example.org"}),
    },
    "everybody's": {
        "anonymous": (None, {}),
        "stranger": ("stan", {}),
        "admin": ("root", {}),
    },
    "the inside": {
        "anonymous": (None, {}),
        "owner": ("olga", {}),
        "admin": ("root", {}),
        "guess": ("a-guess", {}),
        "spawner": (SPAWNER, {}),
    },
}


@dataclass(frozen=True)
class Row:
    """What one route answers: by column, a status or `login`."""

    route: str
    section: str
    cells: dict[str, str]


def rows() -> Iterator[Row]:
    """The rows of the table."""
    section = ""
    for line in TABLE.read_text().splitlines():
        if line.startswith("["):
            section, _, names = line.removeprefix("[").partition("]")
            assert names.split() == list(COLUMNS[section]), f"{section}: {names}"
        elif line and not line.startswith("#"):
            method, path, *cells = line.split()
            assert len(cells) == len(COLUMNS[section]), line
            yield Row(f"{method} {path}", section, dict(zip(COLUMNS[section], cells, strict=True)))


def walk(steps: Iterable[Any]) -> list[Any]:
    """Parameters of a walk over routes: the fast suite has each seventh, some of every part of the table."""
    return [
        step if number % 7 == 0 else pytest.param(step, marks=pytest.mark.slow)
        for number, step in enumerate(steps)
    ]


def routes(app: FastAPI) -> set[str]:
    """Every route of the application, as `METHOD path`: of JSON, of pages, of the inside."""
    contexts = [
        context
        for route in app.routes
        for context in getattr(route, "effective_route_contexts", lambda route=route: [route])()
    ]
    return {
        f"{method} {context.path}"
        for context in contexts
        for method in (getattr(context, "methods", None) or ())
        if method != "HEAD" and context.path not in NOT_OURS
    }


async def answer(world: World, row: Row, column: str) -> Answer:
    """What the route of a row answers to whom a column is about, or to somebody in the hidden project."""
    who, own = COLUMNS[row.section].get(column, (column, {"slug": HIDDEN}))
    method, path = row.route.split()
    values = {**requests.parts(row.route, world), **own}
    address = re.sub(r"\{(\w+)(?::path)?\}", lambda found: values[found[1]], path)
    form = not path.startswith(("/api/", "/internal/"))
    address += requests.query(row.route, world)
    return await world.ask(who, method, address, requests.body(row.route, world), form=form)


def cell(answer: Answer) -> str:
    """The answer as the table says it."""
    leads_to_login = answer.headers.get("location", "").startswith("/login")
    return "login" if answer.status == 303 and leads_to_login else str(answer.status)
