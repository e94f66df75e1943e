"""What a shell completes: slugs of what there is, if Sojourn says so at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

import typer

import sojourn
from sojourn.cli.invocation import Invocation
from sojourn.cli.output import Output

SECONDS = 1.0
"""Longer than this nobody waits for a completion."""

Found = list[tuple[str, str]]


def _complete(
    read: Callable[[sojourn.Client, typer.Context], Iterable[tuple[str, str]]],
) -> Callable[[typer.Context, str], Found]:
    def complete(context: typer.Context, incomplete: str) -> Found:
        root = context.find_root().params
        data = context.params.get("data") or root.get("data")
        invocation = Invocation(output=Output.TABLE, data=Path(data) if data else None, timeout=SECONDS)
        # Nothing is as bad as a message in the middle of a line that is being typed.
        with suppress(sojourn.SojournError, typer.BadParameter), invocation.ended():
            return [each for each in read(invocation.client, context) if each[0].startswith(incomplete)]
        return []

    return complete


def _sessions(client: sojourn.Client, context: typer.Context) -> Iterable[tuple[str, str]]:
    project = context.params.get("project")
    return ((each.slug, each.name) for each in client.sessions(project).list()) if project else ()


project = _complete(lambda client, _: ((each.slug, each.name) for each in client.projects.list()))
session = _complete(_sessions)
environment = _complete(lambda client, _: ((each.slug, each.name) for each in client.environments.list()))
