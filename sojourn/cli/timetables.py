"""`sojourn timetable`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from sojourn.cli.command import command
from sojourn.cli.command import group as new_group
from sojourn.cli.invocation import Invocation
from sojourn.cli.names import ProjectName
from sojourn.cli.output import Columns
from sojourn.cli.sessions import NamedSession
from sojourn.cli.words import moment

if TYPE_CHECKING:
    from sojourn.client.timetable_calls import TimeOfWeek, Timetable

group = new_group("When your sessions start and pause by themselves.")

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def _said(time: TimeOfWeek | None) -> str:
    return f"{time.at} {', '.join(time.days)}" if time else ""


def _next(time: TimeOfWeek | None) -> str:
    return moment(time.next_at) if time else ""


COLUMNS: Columns[Timetable] = {
    "Project": lambda timetable: timetable.project,
    "Session": lambda timetable: timetable.session,
    "Start at": lambda timetable: _said(timetable.start),
    "Pause at": lambda timetable: _said(timetable.pause),
    "Time zone": lambda timetable: timetable.zone,
}


def _days(text: str) -> list[str]:
    """`mon-fri` or `mon,wed,fri` as a list.

    Raises:
        BadParameter: a word is no weekday.
    """
    found: list[str] = []
    for part in text.lower().split(","):
        first, _, last = part.strip().partition("-")
        if first not in _DAYS or (last and last not in _DAYS):
            raise typer.BadParameter(f"{part.strip()} is no weekday; say mon-fri, or mon,wed.")
        begin, end = _DAYS.index(first), _DAYS.index(last or first)
        found += [_DAYS[(begin + step) % 7] for step in range((end - begin) % 7 + 1)]
    return found


@command(group, "set")
def put(
    invocation: Invocation,
    project: ProjectName,
    session: NamedSession,
    *,
    start: Annotated[str | None, typer.Option(metavar="HH:MM", help="When it starts, or resumes.")] = None,
    start_days: Annotated[str, typer.Option(metavar="DAYS", help="On which weekdays.")] = "mon-fri",
    pause: Annotated[
        str | None, typer.Option(metavar="HH:MM", help="From when on it pauses once nobody uses it.")
    ] = None,
    pause_days: Annotated[str, typer.Option(metavar="DAYS", help="On which weekdays.")] = "mon-fri",
    zone: Annotated[str, typer.Option(metavar="ZONE", help="Time zone, for instance Europe/Berlin.")],
) -> None:
    """Have a session start, and pause, at times of yours; they take the place of those before."""
    made = invocation.client.timetables.put(
        project,
        session,
        zone=zone,
        start=(start, _days(start_days)) if start else None,
        pause=(pause, _days(pause_days)) if pause else None,
    )
    times = (("starts", made.start), ("pauses", made.pause))
    said = " and ".join(f"{verb} {_next(time)}" for verb, time in times if time)
    invocation.done(f"{session} {said} next.", made)


@command(group, "list")
def listing(invocation: Invocation) -> None:
    """List the times of all your sessions."""
    none = "No session of yours starts or pauses at a time. `sojourn timetable set` has one do so."
    invocation.listing(invocation.client.timetables.list(), COLUMNS, none=none)


@command(group, "show")
def show(invocation: Invocation, project: ProjectName, session: NamedSession) -> None:
    """Show your times of a session, and what became of the last ones."""
    found = invocation.client.timetables.get(project, session)
    rows: list[tuple[str, str | None]] = [("Time zone", found.zone)]
    for name, time in (("Start", found.start), ("Pause", found.pause)):
        if time is not None:
            rows += [(f"{name} at", _said(time)), (f"Next {name.lower()}", _next(time))]
            if time.last is not None:
                rows.append((f"Last {name.lower()}", time.last.sentence or time.last.became))
                rows.append(("", time.last.hint))
    invocation.show(found, rows)


@command(group, "remove")
def remove(invocation: Invocation, project: ProjectName, session: NamedSession) -> None:
    """Take your times of a session away."""
    invocation.client.timetables.remove(project, session)
    invocation.done(f"{session} neither starts nor pauses by itself at a time any more.")
