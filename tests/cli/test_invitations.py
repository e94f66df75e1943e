"""Invitations, from a terminal."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Command

pytestmark = pytest.mark.slow


def test_a_link_is_made_listed_accepted_and_taken_back(command: Command, project: str) -> None:
    made = command("invitation", "create", project, "--role", "editor", "--people", "2", "--note", "Course")
    link = made.stdout.strip()
    listed = command("invitation", "list", project, "-o", "json").json()["items"]
    accepted = command("invitation", "accept", link)
    revoked = command("invitation", "revoke", project, listed[0]["id"])
    again = command("invitation", "accept", f"{link}x")

    assert "/join?invitation=" in link
    assert (listed[0]["note"], listed[0]["people"], listed[0].get("link")) == ("Course", 2, None)
    assert accepted.stderr == f"You are owner of {project}.\n"
    assert revoked.code == 0
    assert command("invitation", "list", project).stderr == f"No invitation leads into {project}.\n"
    assert (again.code, "not known here" in again.stderr) == (3, True)
