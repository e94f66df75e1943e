"""`sojourn admin`: everybody's sessions, for platform admins."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from sojourn.cli import output
from sojourn.cli.command import command
from sojourn.cli.command import group as new_group
from sojourn.cli.invocation import Invocation, confirm
from sojourn.cli.output import Status
from sojourn.cli.words import moment, place, resources

if TYPE_CHECKING:
    from sojourn.client.models import Amounts
    from sojourn.client.overview_calls import FailureCount, OverviewRun

group = new_group("Everybody's sessions: who, what, where, how much; for platform admins.")

_WORDS = {"cpus": "CPU", "memory_gib": "GiB", "gpus": "GPU", "sessions": "sessions"}

RunId = Annotated[str, typer.Argument(metavar="RUN", help="Its id, as `sojourn admin sessions` lists it.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
Days = Annotated[int, typer.Option(min=1, max=90, help="Only of the last days, this many.")]
Pool = Annotated[str | None, typer.Option("--pool", help="Only of this pool.", show_default="all")]


def _takes(run: OverviewRun) -> str:
    return resources(run.cpus, run.memory_gib, resource_class=run.resource_class, gpus=run.gpus or 0)


def _where(run: OverviewRun) -> str:
    return "" if run.queue is None else place(run.queue.position, run.queue.estimate_seconds)


LIVE: output.Columns[OverviewRun] = {
    "Run": lambda run: run.id,
    "Person": lambda run: run.person,
    "Project": lambda run: run.project.slug,
    "Session": lambda run: run.session.name,
    "Phase": lambda run: Status(run.phase),
    "Environment": lambda run: f"{run.environment.slug} v{run.version}",
    "Takes": _takes,
    "Node": lambda run: run.node or "",
    "Since": lambda run: moment(run.ready_at or run.launched_at),
}
WAITING: output.Columns[OverviewRun] = {
    "Pool": lambda run: run.pool or "",
    "Place": _where,
    **{name: LIVE[name] for name in ("Run", "Person", "Project", "Session", "Takes")},
}
FAILED: output.Columns[OverviewRun] = {
    "Run": lambda run: run.id,
    "When": lambda run: moment(run.failed_at or run.launched_at),
    "Reason": lambda run: run.failed_code or "",
    **{name: LIVE[name] for name in ("Person", "Project", "Session", "Environment", "Node")},
}
REASONS: output.Columns[FailureCount] = {
    "Reason": lambda each: each.code,
    "Failures": lambda each: each.count,
    "People": lambda each: each.people,
    "Last": lambda each: moment(each.last_at),
}


@command(group, "sessions")
def sessions(
    invocation: Invocation,
    *,
    person: Annotated[str | None, typer.Option(help="Only this person's.", show_default="all")] = None,
    project: Annotated[str | None, typer.Option(help="Only in this project.", show_default="all")] = None,
    environment: Annotated[
        str | None, typer.Option(help="Only in this environment.", show_default="all")
    ] = None,
    resource_class: Annotated[
        str | None, typer.Option("--class", help="Only of this resource class.", show_default="all")
    ] = None,
    pool: Pool = None,
    node: Annotated[str | None, typer.Option(help="Only on this node.", show_default="all")] = None,
    phase: Annotated[
        str | None, typer.Option(help="Only queued, launching or running.", show_default="all")
    ] = None,
) -> None:
    """List everybody's live sessions, newest first."""
    found = invocation.client.overview.runs(
        person=person,
        project=project,
        environment=environment,
        resource_class=resource_class,
        pool=pool,
        node=node,
        phase=phase,
    )
    invocation.listing(found, LIVE, none="No live session is so.")


@command(group, "failures")
def failures(
    invocation: Invocation,
    *,
    days: Days = 7,
    code: Annotated[
        str | None, typer.Option(help="List what failed of this reason.", show_default=False)
    ] = None,
) -> None:
    """Count why sessions failed; with --code, list those that failed of that."""
    none = "Nothing failed of that." if code else "Nothing failed."
    if code is None:
        invocation.listing(invocation.client.overview.failures(days=days), REASONS, none=none)
    else:
        invocation.listing(invocation.client.overview.failed_runs(days=days, code=code), FAILED, none=none)


@command(group, "queue")
def queue(invocation: Invocation, *, pool: Pool = None) -> None:
    """List who waits for a place in a pool, in the order in which they are let in."""
    invocation.listing(invocation.client.overview.queue(pool=pool), WAITING, none="Nobody waits for a place.")


def _said(taken: Amounts) -> str:
    amounts = ((getattr(taken, kind), word) for kind, word in _WORDS.items())
    return ", ".join(f"{amount:g} {word}" for amount, word in amounts if amount) or "nothing"


@command(group, "classes")
def classes(invocation: Invocation) -> None:
    """List what live sessions take of each resource class; `sojourn resource-pool list` tells of pools."""
    invocation.listing(
        invocation.client.overview.classes(),
        {
            "Class": lambda one: one.slug,
            "Pool": lambda one: one.pool or "",
            "Taken": lambda one: _said(one.taken),
        },
        none="There are no resource classes.",
    )


@command(group, "nodes")
def nodes(invocation: Invocation) -> None:
    """List what live sessions take on each node of the cluster."""
    invocation.listing(
        invocation.client.overview.nodes(),
        {"Node": lambda one: one.node, "Taken": lambda one: _said(one.taken)},
        none="No live session was seen on a node.",
    )


@command(group, "pause")
def pause(invocation: Invocation, run: RunId) -> None:
    """Pause anybody's session: /work is kept, CPU and memory are given back."""
    asked = invocation.client.overview.pause(run)
    invocation.done(f"Pausing {asked.session.name} of {asked.person}; its /work is kept.", asked)


@command(group, "stop")
def stop(invocation: Invocation, run: RunId, *, yes: Yes = False) -> None:
    """Stop anybody's session and delete its /work; asks first where it can."""
    confirm(f"Stop run {run} and delete its /work?", yes=yes)
    asked = invocation.client.overview.stop(run)
    invocation.done(f"Stopping {asked.session.name} of {asked.person}; its /work will be deleted.", asked)


@command(group, "cancel")
def cancel(invocation: Invocation, run: RunId) -> None:
    """End anybody's launch before it is ready; /work stays as it is."""
    asked = invocation.client.overview.cancel(run)
    invocation.done(f"Cancelling the launch of {asked.session.name} of {asked.person}.", asked)
