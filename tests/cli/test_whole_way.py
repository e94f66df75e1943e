from __future__ import annotations

import pytest

from tests.cli.conftest import Command
from tests.stack import Stack

pytestmark = pytest.mark.slow


def test_a_person_works_from_project_to_stop_by_the_command_alone(
    command: Command, sojourn: Stack, repository: str
) -> None:
    at = f"{repository}@release/1"
    slug = command("project", "create", "Whole way", "--repository", at, "-o", "json").json()["slug"]
    command("session", "add", slug, "minimal", "--default")

    started = command("session", "start", slug, "--wait")
    assert started.code == 0, started.stderr
    assert "Cloning greetings" in started.stderr
    url = started.stdout.strip()
    assert url.startswith(f"{sojourn.url}/user/")
    assert command("session", "open", slug).stdout.strip() == url

    run = command("session", "start", slug, "-o", "json").json()
    assert (run["status"], run["attempt"]) == ("running", 1)
    assert "greetings" in command("session", "log", slug).stdout
    [cloned] = sojourn.data.work.rglob("hello.txt")
    assert cloned.read_text() == "hello from the release\n"
    cloned.write_text("edited\n")

    paused = command("session", "pause", slug, "-o", "json").json()
    assert (paused["id"], paused["phase"]) == (run["id"], "paused")
    assert command("session", "open", slug).code == 4

    assert command("session", "start", slug, "--wait").stdout.strip() == url
    assert cloned.read_text() == "edited\n"
    refused = command("project", "delete", slug)
    assert refused.code == 4
    assert "Whole way" in refused.stderr

    assert command("session", "stop", slug, "--yes", "-o", "json").json()["phase"] == "stopped"
    assert not cloned.exists()
    [session] = command("session", "list", slug, "-o", "json").json()["items"]
    assert session["status"] == "inactive"
    assert command("project", "delete", slug).code == 0


def test_a_failed_launch_ends_with_its_sentence_and_exit_code_1(command: Command, repository: str) -> None:
    at = f"{repository}@no-such-branch"
    slug = command("project", "create", "Fails", "--repository", at, "-o", "json").json()["slug"]
    command("session", "add", slug, "minimal")
    failed = command("session", "start", slug, "--wait")
    assert (failed.code, failed.stdout) == (1, "")
    assert "no-such-branch" in failed.stderr
    assert f"sojourn session log {slug} minimal" in failed.stderr
    command("project", "delete", slug)


def test_a_followed_log_ends_with_the_run(command: Command, project: str) -> None:
    command("session", "add", project, "minimal")
    command("session", "start", project, "--wait")
    command("session", "stop", project)
    followed = command("session", "log", project, "--follow")
    assert followed.code == 0
    assert "session" in followed.stdout
    assert command("session", "log", project, "--follow", "-o", "json").code == 2
