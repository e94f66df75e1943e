"""Groups of the hub's as members, from a terminal."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Command

pytestmark = pytest.mark.slow


def test_a_group_is_added_given_another_role_and_removed(command: Command, project: str) -> None:
    added = command("member", "add-group", project, "mappers")
    changed = command("member", "add-group", project, "mappers", "--role", "editor", "-o", "json").json()
    listed = command("member", "groups", project)
    removed = command("member", "remove-group", project, "mappers")
    none = command("member", "groups", project)

    assert added.stderr == f"Everybody in mappers is now viewer of {project}.\n"
    assert (changed["group"], changed["role"]) == ("mappers", "editor")
    assert "mappers" in listed.stdout
    assert removed.code == 0
    assert none.stderr == f"No group belongs to {project}.\n"
