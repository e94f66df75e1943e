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
from sojourn.cli.words import duration

if TYPE_CHECKING:
    from sojourn.client.models import Run, Stage

_MARKS = {
    "done": ("✓", "green"),
    "now": ("•", "yellow"),
    "warn": ("!", "yellow"),
    "fail": ("✗", "red"),
    "next": ("·", "dim"),
}


class _Stages:
    """The stages of a launch; their times go on while they are looked at."""

    def __init__(self, run: Run, console: Console) -> None:
        self._run = run
        self._console = console
        self._told: set[str] = set()

    def __rich__(self) -> RenderableType:
        shown = Table.grid(padding=(0, 2, 0, 0))
        for stage in self._run.stages:
            mark, style = _MARKS.get(stage.state, ("·", ""))
            shown.add_row(Text(mark, style=style), Text(stage.title), Text(_took(stage), style="dim"))
        return shown

    def now(self, run: Run) -> None:
        """Takes the run as it is now; without a terminal, a line tells of every finished stage."""
        self._run = run
        if self._console.is_terminal:
            return
        for stage in run.stages:
            if stage.ended_at is not None and stage.key not in self._told:
                self._told.add(stage.key)
                self._console.print(f"{stage.title} {_took(stage)}", markup=False, soft_wrap=True)


def watch(invocation: Invocation, run: Run) -> Run:
    """Shows a launch until it is over, and returns the run as it is then.

    Raises:
        typer.Exit: Ctrl-C; the launch goes on.
    """
    console = Console(stderr=True, highlight=False)
    stages = _Stages(run, console)
    runs = invocation.client.runs
    with _interruptible(run), Live(stages, console=console, transient=False):
        if run.under_way:
            for event in runs.events(run):
                if event.kind != "log" and event.attempt >= run.attempt:
                    run = runs.get(run.id)
                    stages.now(run)
                    if not run.under_way:
                        break
        run = runs.get(run.id)
        stages.now(run)
    return run


@contextmanager
def _interruptible(run: Run) -> Iterator[None]:
    try:
        yield
    except KeyboardInterrupt:
        output.say(f"The launch goes on. `sojourn session cancel {run.project} {run.session}` ends it.")
        raise typer.Exit(130) from None


def _took(stage: Stage) -> str:
    if stage.started_at is None:
        return ""
    return duration(((stage.ended_at or datetime.now(UTC)) - stage.started_at).total_seconds())
