"""`sojourn session`: starting, opening, pausing, stopping, and what a run says."""

from __future__ import annotations

import os
import sys
import webbrowser
from typing import TYPE_CHECKING, Annotated

import typer

import sojourn
from sojourn.cli import output, sessions
from sojourn.cli.command import FAILED, command
from sojourn.cli.invocation import Invocation, confirm
from sojourn.cli.names import ProjectName, SessionName, chosen
from sojourn.cli.output import Output
from sojourn.cli.words import log_line

if TYPE_CHECKING:
    from sojourn.client.models import Run, Session

group = sessions.group

Wait = Annotated[bool, typer.Option("--wait/--no-wait", help="Return when it is done.")]


@command(group, "start")
def start(
    invocation: Invocation,
    project: ProjectName,
    session: SessionName = None,
    *,
    wait: Annotated[
        bool, typer.Option("--wait", help="Show the launch, and return when it is over.")
    ] = False,
) -> None:
    """Start a session or resume it, and print its address; a live one is left as it is.

    Without --wait the address is that of the launch, which opens the session when it is ready.
    """
    client = invocation.client
    run = client.start(project) if session is None else client.sessions(project).start(session)
    if wait:
        from sojourn.cli.launch import watch  # noqa: PLC0415 - rich takes longer to import than --help may

        run = watch(invocation, run)
    if invocation.for_people and not (wait and run.url is None):
        output.plain(invocation.address(run.url or run.page))
    elif not invocation.for_people:
        output.write(run.body, invocation.output)
    if wait and run.phase != "running":
        _tell_failure(run)
        raise typer.Exit(FAILED)


def _tell_failure(run: Run) -> None:
    if run.reason is None:
        output.complain(f"The launch of {run.session} ended before it was ready.")
        return
    output.complain(run.reason.sentence)
    for more in (run.reason.hint, run.reason.detail):
        if more:
            output.say(more)
    output.say(f"`sojourn session log {run.project} {run.session}` prints its log.")


@command(group, "open")
def open_(invocation: Invocation, project: ProjectName, session: SessionName = None) -> None:
    """Open a running session in the browser, and print its address."""
    found = chosen(invocation.client, project, session)
    if found.url is None:
        raise sojourn.Conflict(
            f"{found.name} is not running; it is {found.status}.",
            code="not_running",
            hint=f"Start it with `sojourn session start {project} {found.slug} --wait`.",
        )
    address = invocation.address(found.url)
    if not invocation.for_people:
        output.write(found.body, invocation.output)
    else:
        output.plain(address)
    if _has_browser():
        webbrowser.open(address)


def _has_browser() -> bool:
    """Whether there is a browser with a window; without one `webbrowser` may take over the terminal."""
    return sys.platform == "darwin" or any(map(os.environ.get, ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER")))


@command(group, "pause")
def pause(
    invocation: Invocation, project: ProjectName, session: SessionName = None, *, wait: Wait = True
) -> None:
    """Pause your run of a session: /work is kept, CPU and memory are given back."""
    found = chosen(invocation.client, project, session)
    run = _ended(invocation, invocation.client.sessions(project).pause(found.slug), wait=wait)
    invocation.done(
        f"{found.name} is paused; its /work is kept." if run.phase == "paused" else f"Pausing {found.name}.",
        run,
    )


@command(group, "stop")
def stop(
    invocation: Invocation,
    project: ProjectName,
    session: SessionName = None,
    *,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    wait: Wait = True,
) -> None:
    """Stop your run of a session and delete its /work; asks first where it can."""
    found = chosen(invocation.client, project, session)
    confirm(f"Stop {found.name} and delete its /work?", yes=yes)
    run = _ended(invocation, invocation.client.sessions(project).stop(found.slug), wait=wait)
    invocation.done(
        f"{found.name} is stopped; its /work is deleted."
        if run.phase == "stopped"
        else f"Stopping {found.name}; its /work will be deleted.",
        run,
    )


@command(group, "cancel")
def cancel(
    invocation: Invocation, project: ProjectName, session: SessionName = None, *, wait: Wait = True
) -> None:
    """End your launch of a session before it is ready; /work stays as it is."""
    found = chosen(invocation.client, project, session)
    run = _ended(invocation, invocation.client.sessions(project).cancel(found.slug), wait=wait)
    invocation.done(f"The launch of {found.name} is {'being ' if run.under_way else ''}cancelled.", run)


def _ended(invocation: Invocation, run: Run, *, wait: bool) -> Run:
    return invocation.client.runs.wait(run) if wait else run


@command(group, "log")
def log(
    invocation: Invocation,
    project: ProjectName,
    session: SessionName = None,
    *,
    follow: Annotated[
        bool, typer.Option("--follow", "-f", help="Go on with new lines until the run ends.")
    ] = False,
    tail: Annotated[int, typer.Option(min=1, max=10_000, help="The last lines, this many.")] = 1000,
) -> None:
    """Print the log of your latest run of a session: seconds since its launch, source, text."""
    found = chosen(invocation.client, project, session)
    if found.run is None:
        raise sojourn.NotFound(
            f"You never started {found.name}, so it has no log.",
            code="no_run",
            hint=f"Start it with `sojourn session start {project} {found.slug}`.",
        )
    if follow:
        _follow(invocation, found, found.run)
        return
    said = invocation.client.runs.log(found.run, tail=tail)
    if not invocation.for_people:
        output.write(said.body, invocation.output)
        return
    for line in said.lines:
        output.plain(log_line(line.seconds, line.source, line.text))


def _follow(invocation: Invocation, session: Session, run_id: str) -> None:
    if invocation.output is not Output.TABLE:
        raise typer.BadParameter("--follow prints lines as they come; leave -o out.")
    run = invocation.client.runs.get(run_id)
    for event in invocation.client.runs.events(run_id):
        if event.kind == "log":
            seconds = (event.at - run.launched_at).total_seconds()
            output.plain(log_line(seconds, event.source, event.text))
            sys.stdout.flush()
    output.say(f"The run of {session.name} is over.")
