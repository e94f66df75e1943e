from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
import yaml

from tests.cli.conftest import Command
from tests.stack import Stack

HEAVY = ("jupyterhub", "sqlalchemy", "httpx", "pydantic", "rich")


def test_help_imports_nothing_that_takes_long() -> None:
    shown = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "sojourn", "--help"],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    imported = {line.rsplit("|", 1)[-1].strip().split(".")[0] for line in shown.stderr.splitlines()}
    assert not imported.intersection(HEAVY)
    assert "Exit codes:" in shown.stdout


def test_json_is_what_the_api_answers_and_nothing_else(
    command: Command, sojourn: Stack, project: str
) -> None:
    shown = command("project", "show", project, "-o", "json")
    with sojourn.client() as client:
        assert shown.json() == client.get(f"/api/v1/projects/{project}").json()
        answered = client.get("/api/v1/environments").json()
    assert command("-o", "json", "environment", "list").json() == answered


def test_yaml_says_the_same_as_json(command: Command, project: str) -> None:
    shown = command("project", "show", project, "-o", "yaml")
    assert yaml.safe_load(shown.stdout) == command("project", "show", project, "-o", "json").json()


def test_slugs_derive_from_names(command: Command) -> None:
    created = command("project", "create", "Bar one")
    assert created.stdout == "bar-one\n"
    assert "sojourn session add bar-one ENVIRONMENT" in created.stderr
    assert "bar-one" in command("project", "list").stdout
    assert command("project", "delete", "bar-one").code == 0
    assert command("project", "show", "bar-one").code == 3


def test_a_project_is_not_left_without_the_repositories_it_was_to_have(
    command: Command, repository: str
) -> None:
    twice = ("--repository", repository, "--repository", repository)
    refused = command("project", "create", "Twice the same", *twice)
    assert refused.code == 2
    assert "greetings-2 is free" in refused.stderr
    assert refused.stdout == ""
    assert "twice-the-same" not in command("project", "list").stdout


@pytest.mark.slow
def test_repositories_are_added_at_a_ref_and_removed(command: Command, project: str, repository: str) -> None:
    added = command("repository", "add", project, f"{repository}@release/1", "--folder", "code", "-o", "json")
    assert (added.json()["ref"], added.json()["folder"]) == ("release/1", "code")
    assert "release/1" in command("repository", "list", project).stdout
    assert command("repository", "remove", project, "code").code == 0
    listed = command("repository", "list", project)
    assert (listed.code, listed.stdout) == (0, "")
    assert "has no repositories" in listed.stderr


@pytest.mark.slow
def test_members_come_and_go(command: Command, project: str) -> None:
    assert (
        command("member", "add", project, "ann", "--role", "editor", "-o", "json").json()["role"] == "editor"
    )
    members = command("member", "list", project, "-o", "json").json()["items"]
    assert {"ann", *(member["person"] for member in members if member["role"] == "owner")} == {
        member["person"] for member in members
    }
    assert command("member", "remove", project, "ann").code == 0


def test_a_storage_is_a_folder_of_this_computer(command: Command, project: str) -> None:
    refused = command("storage", "add", project, "/nowhere/at/all")
    assert refused.code == 2
    assert "/nowhere/at/all" in refused.stderr


@pytest.mark.slow
def test_a_storage_comes_goes_and_says_what_stays(command: Command, project: str, sojourn: Stack) -> None:
    folder = sojourn.data.root.parent / "shared data"
    folder.mkdir(exist_ok=True)
    added = command("storage", "add", project, str(folder), "--name", "Shared", "-o", "json")
    assert (added.json()["path"], added.json()["folder"]) == (str(folder), "Shared")
    assert str(folder) in command("storage", "list", project).stdout
    removed = command("storage", "remove", project, "Shared")
    assert removed.code == 0
    assert f"What lies in it stays: {folder}." in removed.stderr


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--kind", "claim", "--size", "5"), "Storages of kind claim are not offered here"),
        (
            ("/exports", "--kind", "nfs", "--server", "nfs.example.org"),
            "Storages of kind nfs are not offered",
        ),
        (
            ("--kind", "csi", "--driver", "s3", "--attribute", "bucket"),
            "bucket has no =; write it as NAME=VALUE.",
        ),
        (("--kind", "files", "--file", "/none/at/all"), "/none/at/all cannot be read"),
        (
            (
                "--kind",
                "tape",
            ),
            "'tape' is not one of",
        ),
    ],
)
def test_a_storage_that_cannot_be_had_is_refused(
    command: Command, project: str, arguments: tuple[str, ...], sentence: str
) -> None:
    refused = command("storage", "add", project, *arguments)
    assert refused.code == 2
    assert sentence in refused.stderr


@pytest.mark.slow
def test_the_classes_of_a_computer_are_parts_of_it(command: Command, project: str) -> None:
    listed = command("resource-class", "list", "-o", "json").json()["items"]
    assert [each["slug"] for each in listed] == ["quarter", "half", "whole"]
    assert not any(each["default"] for each in listed)
    refused = command("session", "add", project, "minimal", "--class", "small")
    assert refused.code == 2
    assert "There is no resource class small." in refused.stderr


def test_an_environment_says_how_it_runs(command: Command) -> None:
    shown = command("environment", "show", "minimal").stdout
    for word in ("jupyterhub-singleuser", "/lab", "sha256:"):
        assert word in shown
    assert "Image" not in shown


@pytest.mark.slow
def test_a_session_is_configured_piece_by_piece(command: Command, project: str) -> None:
    assert command("session", "add", project, "minimal", "--name", "Small one").stdout == "small-one\n"
    configure = ("session", "configure", project, "small-one", "-o", "json")
    first = command(*configure, "--cpus", "2", "--variable", "A=1", "--variable", "B=x=y").json()
    assert (first["cpus"], first["variables"]) == (2, {"A": "1", "B": "x=y"})
    second = command(*configure, "--cpus", "none", "--unset", "A", "--no-repositories").json()
    assert (second["cpus"], second["variables"], second["repositories"]) == (None, {"B": "x=y"}, [])
    assert command(*configure, "--all-repositories").json()["repositories"] is None
    sized = command(*configure, "--disk", "20", "--class", "none").json()
    assert (sized["disk_gib"], sized["resource_class"]) == (20, None)
    assert "20 GiB disk" in command("session", "list", project).stdout
    assert command(*configure, "--disk", "none").json()["disk_gib"] is None
    assert command(*configure).code == 2
    shown = command("session", "show", project).stdout
    assert "Small one" in shown


@pytest.mark.slow
def test_the_default_session_is_meant_when_none_is_named(command: Command, project: str) -> None:
    nothing = command("session", "show", project)
    assert nothing.code == 3
    assert f"sojourn session add {project} ENVIRONMENT" in nothing.stderr
    command("session", "add", project, "minimal", "--name", "first")
    command("session", "add", project, "minimal", "--name", "second", "--default")
    assert command("session", "show", project, "-o", "json").json()["slug"] == "second"


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (("project", "show", "nothing-like-it"), 3, "nothing-like-it"),
        (("project", "show", ".."), 2, "'..'"),
        (("project", "create", "x" * 300), 2, "name"),
        (("session", "list"), 2, "Missing argument"),
        (("environment", "show", "minimum"), 3, "There is minimal."),
    ],
)
def test_the_exit_code_tells_what_was_wrong(
    command: Command, arguments: tuple[str, ...], code: int, sentence: str
) -> None:
    ended = command(*arguments)
    assert (ended.code, ended.stdout) == (code, "")
    assert sentence in ended.stderr


def test_a_name_in_the_place_of_a_slug_is_answered_with_the_slug(command: Command) -> None:
    command("project", "create", "Two Words")
    asked = command("session", "list", "Two Words")
    assert asked.code == 3
    assert "Its slug is two-words." in asked.stderr
    command("project", "delete", "two-words")


@pytest.mark.slow
def test_what_does_not_run_is_neither_opened_nor_paused_and_has_no_log(
    command: Command, project: str
) -> None:
    command("session", "add", project, "minimal")
    opened = command("session", "open", project)
    assert opened.code == 4
    assert f"sojourn session start {project} minimal" in opened.stderr
    assert command("session", "pause", project).code == 4
    assert command("session", "log", project).code == 3


def test_nobody_there_is_said_in_a_sentence(command: Command, tmp_path: Path) -> None:
    never = command("--data", str(tmp_path), "project", "list")
    assert (never.code, never.stdout) == (5, "")
    assert "sojourn up" in never.stderr
    gone = command("project", "list", SOJOURN_URL="http://127.0.0.1:9", SOJOURN_TOKEN="x")
    assert gone.code == 5
    assert "http://127.0.0.1:9" in gone.stderr


def test_an_installation_elsewhere_needs_its_address_and_a_token(sojourn: Stack, tmp_path: Path) -> None:
    elsewhere = Command(tmp_path / "none", {"SOJOURN_URL": sojourn.url})
    token = sojourn.command_token()
    assert elsewhere("project", "list", SOJOURN_TOKEN=token).code == 0
    assert elsewhere("project", "list", SOJOURN_TOKEN="wrong").code == 4
    assert "SOJOURN_TOKEN" in elsewhere("project", "list").stderr


def test_a_link_logs_in(command: Command) -> None:
    link = command("link", "--person", "ann").stdout.strip()
    with httpx.Client(trust_env=False) as browser:
        assert not browser.get(link).is_error
    assert command("link", "--person", "nobody").code == 1


@pytest.mark.slow
def test_the_shell_completes_slugs(command: Command, project: str) -> None:
    words = f"sojourn project show {project[:-2]}"
    completed = command(_SOJOURN_COMPLETE="complete_bash", COMP_WORDS=words, COMP_CWORD="3")
    assert project in completed.stdout
    nobody = command(
        _SOJOURN_COMPLETE="complete_bash", COMP_WORDS=words, COMP_CWORD="3", SOJOURN_DATA="/nowhere"
    )
    assert (nobody.stdout.strip(), nobody.stderr) == ("", "")


@pytest.mark.slow
def test_lists_are_one_page_however_long(command: Command, sojourn: Stack, project: str) -> None:
    with sojourn.client() as client:
        for number in range(105):
            body = {"person": f"someone-{number:03}", "role": "viewer"}
            client.post(f"/api/v1/projects/{project}/members", json=body).raise_for_status()
    listed = json.loads(command("member", "list", project, "-o", "json").stdout)
    assert len(listed["items"]) == 106
    assert listed["next"] is None
