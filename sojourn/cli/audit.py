"""`sojourn audit` and `sojourn project audit`."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from sojourn.cli import output, projects
from sojourn.cli.command import command
from sojourn.cli.invocation import Invocation
from sojourn.cli.names import ProjectName
from sojourn.cli.words import moment

if TYPE_CHECKING:
    from sojourn.client.audit_calls import AuditEntry

_BY = {"hub": "JupyterHub", "system": "Sojourn"}


def _details(entry: AuditEntry) -> str:
    told = {
        name: ", ".join(value) if isinstance(value, list) else value for name, value in entry.details.items()
    }
    return "; ".join(f"{name}: {value}" for name, value in told.items() if value not in {"", None})


COLUMNS: output.Columns[AuditEntry] = {
    "When": lambda entry: moment(entry.at),
    "Who": lambda entry: entry.person or _BY.get(entry.by, entry.by),
    "Did": lambda entry: entry.verb,
    "To": lambda entry: entry.thing.name,
    "Project": lambda entry: entry.project.slug if entry.project else "",
    "Details": _details,
}

Who = Annotated[str | None, typer.Option("--person", help="Only what this person did.", show_default="all")]
Verb = Annotated[
    str | None, typer.Option("--verb", help="Only this, like member.add or member.", show_default="all")
]
Since = Annotated[
    datetime | None, typer.Option("--since", help="Only from this time on.", show_default=False)
]
Until = Annotated[datetime | None, typer.Option("--until", help="Only before this time.", show_default=False)]
Lines = Annotated[bool, typer.Option("--ndjson", help="Write all, an entry of JSON a line.")]


def _show(
    invocation: Invocation,
    project: str | None,
    *,
    person: str | None,
    verb: str | None,
    since: datetime | None,
    until: datetime | None,
    ndjson: bool,
) -> None:
    found = invocation.client.audit(project).list(
        person=person,
        verb=verb,
        since=since and since.astimezone(),
        until=until and until.astimezone(),
    )
    if ndjson:
        for entry in found:
            output.plain(json.dumps(entry.body, ensure_ascii=False))
    else:
        invocation.listing(found, COLUMNS, none="Nothing was done that is so.")


@command(projects.group, "audit")
def of_project(
    invocation: Invocation,
    project: ProjectName,
    *,
    person: Who = None,
    verb: Verb = None,
    since: Since = None,
    until: Until = None,
    ndjson: Lines = False,
) -> None:
    """Show who did what in a project, newest first; for its owners."""
    _show(invocation, project, person=person, verb=verb, since=since, until=until, ndjson=ndjson)


def add_to(app: typer.Typer) -> None:
    """Makes `audit` a command of the tree."""

    @command(app, "audit")
    def of_platform(
        invocation: Invocation,
        *,
        person: Who = None,
        verb: Verb = None,
        since: Since = None,
        until: Until = None,
        ndjson: Lines = False,
    ) -> None:
        """Show who did what on the platform and in all projects, newest first; for platform admins."""
        _show(invocation, None, person=person, verb=verb, since=since, until=until, ndjson=ndjson)
