"""Everybody's sessions, from a terminal."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Command


@pytest.mark.parametrize(
    ("words", "none"),
    [
        (("sessions", "--person", "nobody"), "No live session is so."),
        (("failures", "--code", "no_such_reason"), "Nothing failed of that."),
        (("queue",), "Nobody waits for a place."),
        (("nodes",), "No live session was seen on a node."),
    ],
)
def test_what_there_is_none_of_is_said(command: Command, words: tuple[str, ...], none: str) -> None:
    told = command("admin", *words)
    assert (told.code, told.stderr) == (0, f"{none}\n")


def test_what_is_taken_of_classes_is_listed(command: Command) -> None:
    assert all(
        {"slug", "taken"} <= one.keys() for one in command("admin", "classes", "-o", "json").json()["items"]
    )


def test_a_run_that_there_is_not_is_not_paused(command: Command) -> None:
    told = command("admin", "pause", "01ARZ3NDEKTSV4RRFFQ69G5FAV")
    assert told.code == 3
    assert "There is no run" in told.stderr
