"""A launch as it goes on, in the terminal."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import typer
from rich.console import Console, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from sojourn.cli import output
from sojourn.cli.invocation import Invocation
from sojourn.cli.words import duration, place

if TYPE_CHECKING:
    from sojourn.client.models import Run, Stage

MARKS = {
    "done": ("✓", "green"),
    "now": ("•", "yellow"),
    "warn": ("!", "yellow"),
    "fail": ("✗", "red"),
    "next": ("·", "dim"),
}
"""Sign and colour of each state that a stage, or a step of a check, can be in."""
UNKNOWN = ("·", "")
"""Of those that a newer Sojourn has."""


class _Live:
    """The stages of a launch as a list whose times go on while it is looked at."""

    def __init__(self, run: Run) -> None:
        self._run = run

    def __rich__(self) -> RenderableType:
        shown = Table.grid(padding=(0, 2, 0, 0))
        if waits := _waits(self._run):
            shown.add_row(Text("•", style="yellow"), Text(waits))
            return shown
        for stage in self._run.stages:
            mark, style = MARKS.get(stage.state, UNKNOWN)
            shown.add_row(Text(mark, style=style), Text(stage.title), Text(_took(stage), style="dim"))
        return shown

    def now(self, run: Run) -> None:
        """Takes the run as it is now."""
        self._run = run


class _Lines:
    """The stages of a launch as a line each, when it is over: for who keeps what is said."""

    def __init__(self) -> None:
        self._told: set[str] = set()
        self._waits = ""

    def now(self, run: Run) -> None:
        """Takes the run as it is now."""
        waits = _waits(run)
        if waits and waits != self._waits:
            output.say(f"• {waits}")
        self._waits = waits
        for stage in run.stages:
            if stage.ended_at is not None and stage.key not in self._told:
                self._told.add(stage.key)
                output.say(f"{MARKS.get(stage.state, UNKNOWN)[0]} {stage.title} {_took(stage)}")


def watch(invocation: Invocation, run: Run) -> Run:
    """Shows a launch until it is over, and returns the run as it is then.

    Raises:
        typer.Exit: Ctrl-C; the launch goes on.
    """
    console = Console(stderr=True, highlight=False)
    with _interruptible(run):
        if not console.is_terminal:
            return _follow(invocation, run, _Lines())
        stages = _Live(run)
        with Live(stages, console=console):
            return _follow(invocation, run, stages)


def _follow(invocation: Invocation, run: Run, shown: _Live | _Lines) -> Run:
    runs = invocation.client.runs
    shown.now(run)
    if run.under_way:
        for event in runs.events(run):
            if event.kind != "log" and event.attempt >= run.attempt:
                run = runs.get(run.id)
                shown.now(run)
                if not run.under_way:
                    return run
    run = runs.get(run.id)
    shown.now(run)
    return run


@contextmanager
def _interruptible(run: Run) -> Iterator[None]:
    try:
        yield
    except KeyboardInterrupt:
        output.say(f"The launch goes on. `sojourn session cancel {run.project} {run.session}` ends it.")
        raise typer.Exit(130) from None


def _waits(run: Run) -> str:
    """What is said instead of stages while there is no place; empty when it has one."""
    if run.queue is None:
        return ""
    return f"Waiting for a place, {place(run.queue.position, run.queue.estimate_seconds)}"


def _took(stage: Stage) -> str:
    if stage.started_at is None:
        return ""
    return duration(((stage.ended_at or datetime.now(UTC)) - stage.started_at).total_seconds())
