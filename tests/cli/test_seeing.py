"""What a session says and uses, from a terminal."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Command


@pytest.mark.parametrize("what", ["log", "usage"])
def test_a_session_that_never_ran_has_neither_log_nor_usage(
    command: Command, project: str, what: str
) -> None:
    command("session", "add", project, "minimal")
    told = command("session", what, project, "minimal")
    assert told.code == 3
    assert f"You never started Minimal, so it has no {what}." in told.stderr
    assert f"sojourn session start {project} minimal" in told.stderr
