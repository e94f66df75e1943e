"""`sojourn session`: starting, opening, pausing, stopping, and what a run says."""

from __future__ import annotations

import os
import sys
import webbrowser
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

import sojourn
from sojourn.cli import output, sessions
from sojourn.cli.arguments import variable
from sojourn.cli.command import FAILED, command
from sojourn.cli.invocation import Invocation, confirm
from sojourn.cli.names import ProjectName, SessionName, chosen
from sojourn.cli.output import Output
from sojourn.cli.words import cpus, gpus, log_line, memory, moment, place

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
    anew: Annotated[
        bool,
        typer.Option("--anew", help="Start a paused one as it is configured now, with the /work it has."),
    ] = False,
    kept: Annotated[
        str | None,
        typer.Option(metavar="ID", help="Begin with what is kept of its /work (`sojourn session kept`)."),
    ] = None,
    set_: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="NAME=VALUE",
            help="Another value this time, of a variable that it has; repeat it.",
        ),
    ] = None,
) -> None:
    """Start a session or resume it, and print its address; a live one is left as it is.

    Without --wait the address is that of the launch, which opens the session when it is ready.
    """
    client = invocation.client
    variables = dict(map(variable, set_ or []))
    if session is None and kept is not None:
        session = chosen(client, project, None).slug
    run = (
        client.start(project, anew=anew, variables=variables)
        if session is None
        else client.sessions(project).start(session, anew=anew, variables=variables, kept=kept)
    )
    launched(invocation, run, wait=wait)


def launched(invocation: Invocation, run: Run, *, wait: bool) -> Run:
    """Prints the address of a run that was asked for, with `wait` after showing its launch.

    Raises:
        typer.Exit: it was waited for, and did not get ready; the reason is told.
    """
    if run.queue is not None and not wait:
        where = place(run.queue.position, run.queue.estimate_seconds)
        output.say(f"{run.session} waits for a place: {where}. It is launched by itself when it has one.")
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
    return run


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


@command(group, "restart")
def restart(
    invocation: Invocation, project: ProjectName, session: SessionName = None, *, wait: Wait = True
) -> None:
    """Pause your run of a session and start it as it is configured now; /work is kept, kernels end."""
    found = chosen(invocation.client, project, session)
    launched(invocation, invocation.client.sessions(project).restart(found.slug), wait=wait)


@command(group, "resize")
def resize(
    invocation: Invocation, project: ProjectName, session: SessionName = None, *, wait: Wait = True
) -> None:
    """Give your running session the CPU and memory that it is configured with; kernels go on."""
    found = chosen(invocation.client, project, session)
    run = _ended(invocation, invocation.client.sessions(project).resize(found.slug), wait=wait)
    if run.resize is not None and run.resize.state == "refused":
        output.complain(run.resize.sentence)
        output.say(run.resize.hint)
        raise typer.Exit(FAILED)
    invocation.done(f"{found.name} is {'being ' if run.resize else ''}resized.", run)


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


@command(group, "keep-alive")
def keep_alive(
    invocation: Invocation,
    project: ProjectName,
    session: SessionName = None,
    *,
    hours: Annotated[
        float | None,
        typer.Option(min=0, help="For so many hours from now; else for as long as it may be idle anyway."),
    ] = None,
) -> None:
    """Keep your run of a session from pausing for want of activity."""
    found = chosen(invocation.client, project, session)
    run = invocation.client.sessions(project).keep_alive(found.slug, hours=hours)
    until = f" until {moment(run.keep_until)}" if run.keep_until else ""
    invocation.done(f"{found.name} is kept alive{until}.", run)


@command(group, "stop")
def stop(
    invocation: Invocation,
    project: ProjectName,
    session: SessionName = None,
    *,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    for_good: Annotated[
        bool, typer.Option("--for-good", help="Keep nothing, where /work is kept for some days.")
    ] = False,
    wait: Wait = True,
) -> None:
    """Stop your run of a session and delete its /work; asks first where it can."""
    found = chosen(invocation.client, project, session)
    confirm(f"Stop {found.name} and delete its /work?", yes=yes)
    run = _ended(
        invocation, invocation.client.sessions(project).stop(found.slug, keep=not for_good), wait=wait
    )
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


@command(group, "usage")
def usage(invocation: Invocation, project: ProjectName, session: SessionName = None) -> None:
    """Show what your latest run of a session uses of memory, CPU, GPU and disk, what it may, and peaks."""
    found = chosen(invocation.client, project, session)
    if found.run is None:
        raise _never_started(project, found, "usage")
    used = invocation.client.runs.usage(found.run)
    latest = used.samples[-1] if used.samples else None
    invocation.show(
        used,
        [
            (
                label,
                _used(getattr(latest, name, None), getattr(used.limit, name), getattr(used.peak, name), said),
            )
            for label, name, said in (
                ("Memory", "memory_bytes", memory),
                ("CPU", "cpus", cpus),
                ("GPU", "gpus", gpus),
                ("Disk of /work", "disk_bytes", memory),
            )
        ],
    )
    if latest is None and invocation.for_people:
        output.say(f"{found.name} is {found.status}: nothing is known of what it uses now.")


def _used(now: float | None, limit: float | None, peak: float | None, said: Callable[[float], str]) -> str:
    """`1.2 GiB of 8 GiB, peak 2.1 GiB`; what is not known is left out."""
    if now is None:
        return "" if peak is None else f"peak {said(peak)}"
    of = "" if limit is None else f" of {said(limit)}"
    return f"{said(now)}{of}, peak {said(now if peak is None else peak)}"


def _never_started(project: str, session: Session, what: str) -> sojourn.NotFound:
    return sojourn.NotFound(
        f"You never started {session.name}, so it has no {what}.",
        code="no_run",
        hint=f"Start it with `sojourn session start {project} {session.slug}`.",
    )


@command(group, "log")
def log(
    invocation: Invocation,
    project: ProjectName,
    session: SessionName = None,
    *,
    follow: Annotated[
        bool, typer.Option("--follow", "-f", help="Go on with new lines until the run ends.")
    ] = False,
    tail: Annotated[int, typer.Option(min=1, max=5000, help="The last lines, this many.")] = 1000,
    container: Annotated[
        str | None,
        typer.Option("--container", "-c", help="Only of this: clone, session, gate.", show_default="all"),
    ] = None,
    search: Annotated[
        str | None, typer.Option("--search", help="Only lines with this text.", show_default=False)
    ] = None,
) -> None:
    """Print the log of your latest run of a session: seconds since its launch, container, text.

    What it said is kept after its end: of each container and launch about the last megabyte.
    """
    found = chosen(invocation.client, project, session)
    if found.run is None:
        raise _never_started(project, found, "log")
    if follow:
        _follow(invocation, found, found.run, container=container, search=search or "")
        return
    said = invocation.client.runs.log(found.run, tail=tail, container=container, search=search)
    if not invocation.for_people:
        output.write(said.body, invocation.output)
        return
    for line in said.lines:
        output.plain(log_line(line.seconds, line.source, line.text))
    if not said.lines and (container or search):
        wrote = ", ".join(said.containers) or "nothing yet"
        output.say(f"No line of {found.name} is so; what wrote lines: {wrote}.")


def _follow(
    invocation: Invocation, session: Session, run_id: str, *, container: str | None, search: str
) -> None:
    if invocation.output is not Output.TABLE:
        raise typer.BadParameter("--follow prints lines as they come; leave -o out.")
    run = invocation.client.runs.get(run_id)
    for event in invocation.client.runs.events(run_id):
        if (
            event.kind == "log"
            and container in {None, event.source}
            and search.casefold() in event.text.casefold()
        ):
            seconds = (event.at - run.launched_at).total_seconds()
            output.plain(log_line(seconds, event.source, event.text))
            sys.stdout.flush()
    output.say(f"The run of {session.name} is over.")
