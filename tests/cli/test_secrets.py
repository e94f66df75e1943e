"""Secrets and logins by command: values come from standard input or a file, never from arguments."""

from __future__ import annotations

import os
import pty
import select
import subprocess
from pathlib import Path

import pytest

from tests.cli.conftest import Command
from tests.laptop.stack import COMMAND

pytestmark = pytest.mark.slow


def test_a_secret_is_added_changed_and_removed_without_ever_being_shown(
    command: Command, project: str, tmp_path: Path
) -> None:
    key = tmp_path / "key"
    key.write_text("s3cret\nsecond line\n")

    added = command("secret", "add", project, "deploy-key", "--variable", "KEY", answer="s3cret")
    from_file = command("secret", "add", project, "other", "--file", str(key), "-o", "json")
    listed = command("secret", "list", project)
    changed = command(
        "secret", "change", project, "other", "--name", "more", "--variable", "MORE", "-o", "json"
    )
    bare = command("secret", "change", project, "more", "--no-variable", "-o", "json")
    replaced = command("secret", "change", project, "more", answer="s3cret 2")
    removed = command("secret", "remove", project, "more")

    assert (added.code, from_file.json()["name"]) == (0, "other")
    assert "deploy-key" in listed.stdout
    assert "KEY" in listed.stdout
    assert (changed.json()["name"], changed.json()["variable"]) == ("more", "MORE")
    assert bare.json()["variable"] is None
    assert (replaced.code, removed.code) == (0, 0)
    everything = (added, from_file, listed, changed, bare, replaced, removed)
    assert not any("s3cret" in ended.stdout + ended.stderr for ended in everything)


def test_a_value_is_no_argument(command: Command, project: str) -> None:
    assert command("secret", "add", project, "key", "s3cret").code == 2
    assert command("git-login", "add", "git.example.org", "s3cret").code == 2


def shown_until(terminal: int, words: bytes) -> bytes:
    """What a terminal shows, up to some words."""
    seen = b""
    while words not in seen:
        ready, _, _ = select.select([terminal], [], [], 30)
        assert ready, seen
        seen += os.read(terminal, 1000)
    return seen


def test_a_person_is_asked_for_a_value_that_the_terminal_does_not_show(
    command: Command, project: str
) -> None:
    ours, theirs = pty.openpty()
    variables = {name: os.environ[name] for name in ("PATH", "HOME")}
    asking = subprocess.Popen(
        [COMMAND, "secret", "add", project, "typed"],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env={**variables, "SOJOURN_DATA": str(command.data), "TERM": "dumb"},
    )
    os.close(theirs)
    try:
        seen = shown_until(ours, b"Value: ")  # the blank comes when the terminal shows nothing any more
        os.write(ours, b"s3cret\n")
        seen += shown_until(ours, b"next start on")
        assert asking.wait(30) == 0
    finally:
        asking.kill()
        asking.wait()
        os.close(ours)

    assert b"s3cret" not in seen
    assert "typed" in command("secret", "list", project).stdout


def test_what_is_no_text_is_refused(command: Command, project: str, tmp_path: Path) -> None:
    (tmp_path / "image").write_bytes(b"\xff\xfe")

    refused = command("secret", "add", project, "key", "--file", str(tmp_path / "image"))

    assert refused.code == 2
    assert "no text in UTF-8" in refused.stderr


def test_a_refusal_names_the_field_and_not_the_value(command: Command, project: str) -> None:
    refused = command("secret", "add", project, "a/b", answer="s3cret")

    assert refused.code == 2
    assert "a-b" in refused.stderr
    assert "s3cret" not in refused.stderr


def test_ones_own_git_logins_come_and_go(command: Command) -> None:
    added = command("git-login", "add", "https://git.example.org/a/b.git", "-o", "json", answer="s3cret\n")
    changed = command("git-login", "change", "git.example.org", "--username", "ann", "-o", "json")
    listed = command("git-login", "list")
    removed = command("git-login", "remove", "git.example.org")

    assert (added.json()["host"], added.json()["username"]) == ("git.example.org", "oauth2")
    assert changed.json()["username"] == "ann"
    assert "git.example.org" in listed.stdout
    assert removed.code == 0
    assert "You have no git logins." in command("git-login", "list").stderr
    assert not any("s3cret" in each.stdout + each.stderr for each in (added, changed, listed, removed))


def test_ones_own_registry_logins_come_and_go(command: Command) -> None:
    login = ("registry-login", "add", "https://ghcr.io/a/b", "--username", "ann")
    added = command(*login, "-o", "json", answer="s3cret\n")
    changed = command("registry-login", "change", "ghcr.io", "--username", "eve", "-o", "json")
    listed = command("registry-login", "list")
    removed = command("registry-login", "remove", "ghcr.io")

    assert (added.json()["host"], added.json()["username"]) == ("ghcr.io", "ann")
    assert changed.json()["username"] == "eve"
    assert "ghcr.io" in listed.stdout
    assert removed.code == 0
    assert "You have no registry logins." in command("registry-login", "list").stderr
    assert not any("s3cret" in each.stdout + each.stderr for each in (added, changed, listed, removed))


def test_a_project_has_registry_logins_of_its_own(command: Command, project: str) -> None:
    of_project = ("--project", project)
    login = ("registry-login", "add", "ghcr.io", "--username", "ann")
    assert command(*login, *of_project, answer="s3cret").code == 0

    assert "ghcr.io" in command("registry-login", "list", *of_project).stdout
    assert "ghcr.io" not in command("registry-login", "list").stdout


def test_a_project_has_git_logins_of_its_own(command: Command, project: str) -> None:
    of_project = ("--project", project)
    assert command("git-login", "add", "git.example.org", *of_project, answer="s3cret").code == 0

    assert "git.example.org" in command("git-login", "list", *of_project).stdout
    assert command("git-login", "list").stdout == ""
    assert command("git-login", "change", "git.example.org", *of_project, answer="other").code == 0
    assert command("git-login", "remove", "git.example.org", *of_project).code == 0


def test_a_repository_comes_without_its_history(command: Command, project: str, repository: str) -> None:
    added = command("repository", "add", project, repository, "--shallow", "-o", "json")

    assert added.json()["shallow"] is True
    assert "none" in command("repository", "list", project).stdout
