"""Timetables, from a terminal."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Command

pytestmark = pytest.mark.slow


def test_times_are_set_shown_listed_and_removed(command: Command, project: str) -> None:
    added = command("session", "add", project, "minimal").stdout.strip()
    times = ("--start", "08:30", "--pause", "18:00", "--pause-days", "fri,sun", "--zone", "Europe/Berlin")
    made = command("timetable", "set", project, added, *times, "-o", "json").json()
    shown = command("timetable", "show", project, added)
    listed = command("timetable", "list", "-o", "json").json()["items"]
    wrong = command(
        "timetable", "set", project, added, "--start", "08:30", "--start-days", "x", "--zone", "UTC"
    )
    removed = command("timetable", "remove", project, added)

    assert made["start"]["days"] == ["mon", "tue", "wed", "thu", "fri"]
    assert made["pause"]["days"] == ["fri", "sun"]
    assert "08:30 mon, tue, wed, thu, fri" in shown.stdout
    assert [each["session"] for each in listed if each["project"] == project] == [added]
    assert "x is no weekday" in wrong.stderr
    assert removed.code == 0
    assert command("timetable", "show", project, added).code != 0
