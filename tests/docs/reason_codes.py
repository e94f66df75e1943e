"""Every code that a failed run can have, as the code of Sojourn writes it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from tests.docs.pages import REPOSITORY

_MAKERS = {"Code", "Reason", "Trouble", "_reason", "_refusal", "reason"}
"""What a reason is made with: the class, and the functions that fill it in."""

_CODE = re.compile(r"[a-z]+(_[a-z]+)+")


def written_codes() -> frozenset[str]:
    """The codes in the source of the spawners and of the API."""
    return frozenset(
        code
        for package in ("spawner", "sessions_api")
        for module in (REPOSITORY / package).rglob("*.py")
        for node in ast.walk(ast.parse(module.read_text()))
        for value in _values(node)
        for code in _codes(value)
    )


def _values(node: ast.AST) -> Iterator[ast.expr]:
    """Where a code may stand: an argument of a maker, or what `code, … =` is set to."""
    match node:
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)) if name in _MAKERS:
            yield from node.args
            yield from (keyword.value for keyword in node.keywords if keyword.arg == "code")
        case ast.Assign(
            targets=[ast.Tuple(elts=[ast.Name(id="code"), *_])], value=ast.Tuple(elts=[first, *_])
        ):
            yield first


def _codes(value: ast.expr) -> Iterator[str]:
    for node in ast.walk(value) if isinstance(value, ast.IfExp) else [value]:
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and _CODE.fullmatch(node.value):
            yield node.value
