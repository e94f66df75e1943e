"""A check of an image as it goes on, in the terminal."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from rich.console import Console, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from sojourn.cli import output
from sojourn.cli.launch import MARKS, UNKNOWN

if TYPE_CHECKING:
    from sojourn.client.checks import CheckEvent, CheckStep, ImageChecked, ImageRefused

_VERDICT = "verdict"


class _Live:
    """The steps of a check as a list that changes while it is looked at."""

    def __init__(self) -> None:
        self._steps: dict[str, CheckStep] = {}

    def __rich__(self) -> RenderableType:
        shown = Table.grid(padding=(0, 2, 0, 0))
        for step in self._steps.values():
            mark, style = MARKS.get(step.state, UNKNOWN)
            shown.add_row(Text(mark, style=style), Text(step.title), Text(_told(step), style="dim"))
        return shown

    def now(self, step: CheckStep) -> None:
        """Takes a step as it is now."""
        self._steps[step.key] = step


class _Lines:
    """The steps of a check as a line each, when it is over: for who keeps what is said."""

    def now(self, step: CheckStep) -> None:
        """Takes a step as it is now."""
        if step.state != "now":
            told = _told(step)
            output.say(f"{MARKS.get(step.state, UNKNOWN)[0]} {step.title}{': ' if told else ''}{told}")


def _told(step: CheckStep) -> str:
    """What is known of a step, but for how the check ends: that is said after the steps."""
    return "" if step.state == "fail" or step.key == _VERDICT else step.detail


def watch(events: Iterable[CheckEvent]) -> ImageChecked | ImageRefused:
    """Shows a check until it is over, and returns how it ended."""
    console = Console(stderr=True, highlight=False)
    if not console.is_terminal:
        return _follow(events, _Lines())
    steps = _Live()
    with Live(steps, console=console):
        return _follow(events, steps)


def _follow(events: Iterable[CheckEvent], shown: _Live | _Lines) -> ImageChecked | ImageRefused:
    for event in events:
        if event.kind != "step":
            return event
        shown.now(event)
    raise AssertionError("the client ends a check with how it ended, or with an error")
