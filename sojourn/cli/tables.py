"""Answers as tables for people."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from typing import TypeVar

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from sojourn.cli.output import Columns, Status

Item = TypeVar("Item")

_WIDE = 10_000
"""Columns of a table that no terminal shows: nothing is cut for a program that reads it."""

_STYLES = {"launching": "yellow", "running": "green", "paused": "magenta", "failed": "red"}


def table(items: Iterable[Item], columns: Columns[Item]) -> None:
    """Writes a table."""
    found = Table(*columns, box=box.SIMPLE_HEAD, pad_edge=False, header_style="bold", show_edge=False)
    for item in items:
        found.add_row(*(_cell(read(item)) for read in columns.values()))
    _console().print(found)


def details(pairs: Sequence[tuple[str, object]]) -> None:
    """Writes what there is to say of one thing; what is None or empty is left out."""
    found = Table.grid("", "", padding=(0, 2, 0, 0))
    for name, value in pairs:
        if value not in (None, ""):
            found.add_row(Text(name, style="bold"), _cell(value))
    _console().print(found)


def _console() -> Console:
    return Console(highlight=False, width=None if sys.stdout.isatty() else _WIDE)


def _cell(value: object) -> Text:
    if isinstance(value, Status):
        return Text(value.capitalize(), style=_STYLES.get(value, ""))
    return Text(str(value))
