"""What a shell completes: slugs of what there is, if Sojourn says so at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from itertools import islice
from pathlib import Path

import typer

import sojourn
from sojourn.cli.invocation import Invocation
from sojourn.cli.output import Output

SECONDS = 1.0
"""Longer than this nobody waits for a completion."""

MOST = 100
"""More than these nobody reads."""

Found = list[tuple[str, str]]


def _complete(
    read: Callable[[sojourn.Client, typer.Context, str], Iterable[tuple[str, str]]],
) -> Callable[[typer.Context, str], Found]:
    def complete(context: typer.Context, incomplete: str) -> Found:
        root = context.find_root().params
        data = context.params.get("data") or root.get("data")
        invocation = Invocation(output=Output.TABLE, data=Path(data) if data else None, timeout=SECONDS)
        # Nothing is as bad as a message in the middle of a line that is being typed.
        with suppress(sojourn.SojournError, typer.BadParameter), invocation.ended():
            return [
                each
                for each in read(invocation.client, context, incomplete)
                if each[0].startswith(incomplete)
            ]
        return []

    return complete


def _projects(client: sojourn.Client, _: typer.Context, __: str) -> Iterable[tuple[str, str]]:
    return ((each.slug, each.name) for each in client.projects.list())


def _sessions(client: sojourn.Client, context: typer.Context, _: str) -> Iterable[tuple[str, str]]:
    project = context.params.get("project")
    return ((each.slug, each.name) for each in client.sessions(project).list()) if project else ()


def _environments(client: sojourn.Client, incomplete: str, *, archived: bool) -> Iterable[tuple[str, str]]:
    # There may be thousands; a search finds slugs that begin so before all others.
    found = client.environments.list(search=incomplete, archived=archived)
    return ((each.slug, each.name) for each in islice(found, MOST))


project = _complete(_projects)
session = _complete(_sessions)
environment = _complete(lambda client, _, begins: _environments(client, begins, archived=False))
archived_environment = _complete(lambda client, _, begins: _environments(client, begins, archived=True))
