"""What the command writes: answers to standard output, words about them to standard error."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Any, TypeVar

import typer

import sojourn

Item = TypeVar("Item")

Columns = Mapping[str, Callable[[Item], object]]
"""What a table shows of an item, by heading."""

_INVALID = 422


class Output(StrEnum):
    """How answers are written."""

    TABLE = "table"
    JSON = "json"
    YAML = "yaml"


class Status(str):
    """The status of a session, which has its own colour."""

    __slots__ = ()


def write(body: Any, output: Output) -> None:
    """Writes JSON as the API answered it, or the same as YAML."""
    if output is Output.YAML:
        import yaml  # noqa: PLC0415 - only who asks for YAML waits for it

        text = yaml.safe_dump(body, allow_unicode=True, sort_keys=False)
    else:
        text = json.dumps(body, ensure_ascii=False, indent=2) + "\n"
    sys.stdout.write(text)


def table(items: Iterable[Item], columns: Columns[Item], *, title: str = "") -> None:
    """Writes a table, below a blank line and its title if it has one."""
    from sojourn.cli import tables  # noqa: PLC0415 - rich takes longer to import than --help may

    if title:
        typer.echo()
        typer.secho(title, bold=True)
    tables.table(items, columns)


def details(pairs: Sequence[tuple[str, object]]) -> None:
    """Writes what there is to say of one thing; what is None or empty is left out."""
    from sojourn.cli import tables  # noqa: PLC0415 - as above

    tables.details(pairs)


def plain(words: str) -> None:
    """Writes a line as it is: a slug, an address, a line of a log."""
    typer.echo(words)


def say(sentence: str) -> None:
    """Says something about what is done, to whoever sits there."""
    typer.echo(sentence, err=True)


def complain(sentence: str) -> None:
    """Says what is wrong."""
    typer.secho(sentence, err=True, fg="red")


def complain_about(error: sojourn.SojournError, *, hint: str | None = None) -> None:
    """Says what is wrong and what helps; `hint` goes before the error's own."""
    complain(error.detail)
    for part in error.errors:
        if part.detail not in error.detail:
            say(f"{part.field}: {part.detail}")
        elif error.status == _INVALID and part.value and part.value not in error.detail:
            say(f"{part.value} would do.")
    for holder in error.holders:
        _, _, project, _, session, verb = (holder.links.get("pause") or holder.links["cancel"]).split("/")
        say(f"`sojourn session {verb} {project} {session}` gives back what it holds.")
    if remedy := hint or error.hint:
        say(remedy)
