"""Who did what, from a terminal."""

from __future__ import annotations

import json

import pytest

from tests.cli.conftest import Command

pytestmark = pytest.mark.slow


def test_what_was_done_in_a_project_is_told_narrowed_and_kept(command: Command, project: str) -> None:
    command("member", "add", project, "bob", "--role", "editor")
    command("member", "remove", project, "bob")

    table = command("project", "audit", project)
    narrowed = command("project", "audit", project, "--verb", "member", "-o", "json").json()
    lines = command("project", "audit", project, "--ndjson", "--verb", "member.add").stdout.splitlines()
    none = command("project", "audit", project, "--until", "2001-01-01")
    unknown = command("project", "audit", project, "--verb", "sandwich")

    assert "member.remove" in table.stdout
    assert "project.create" in table.stdout
    assert [each["verb"] for each in narrowed["items"]] == ["member.remove", "member.add"]
    assert [json.loads(line)["details"] for line in lines] == [{"role": "editor"}]
    assert (none.code, none.stderr) == (0, "Nothing was done that is so.\n")
    assert unknown.code == 2
    assert "Nothing is called sandwich" in unknown.stderr


def test_who_administers_the_platform_is_told_everything(command: Command, project: str) -> None:
    told = command("audit", "--verb", "project.create", "-o", "json").json()["items"]

    assert project in [each["project"]["slug"] for each in told]
