"""Environments by command: made, found, shared, archived, deleted."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import Command
from tests.stack import Stack

pytestmark = pytest.mark.slow

REQUIREMENTS = "# what harmonic analysis needs\njupyterlab==4.5.0\nscipy==1.16.3\n"
IMAGE = f"registry.test/team/code@sha256:{'1' * 64}"


@pytest.fixture
def tides(command: Command) -> Iterator[str]:
    """The slug of an environment of packages."""
    made = command("environment", "add", "Tides", "--requirements", "-", answer=REQUIREMENTS)
    slug = made.stdout.strip()
    yield slug
    command("environment", "delete", slug)


@pytest.fixture
def code(command: Command) -> Iterator[str]:
    """The slug of an environment of an image behind the gate."""
    slug = command(
        *("environment", "add", "Code", "--image", IMAGE, "--gate", "strip", "--port", "8443"),
        *("--arguments", "--auth none", "--ready-path", "/healthz", "--uid", "1001"),
    ).stdout.strip()
    yield slug
    command("environment", "delete", slug)


def test_an_environment_is_made_of_a_requirements_file(command: Command, tmp_path: Path) -> None:
    file = tmp_path / "requirements.txt"
    file.write_text(REQUIREMENTS)

    made = command(
        *("environment", "add", "Storm surges", "--requirements", str(file)),
        *("--description", "For the coast.", "--keyword", "surge", "--keyword", "coast"),
    )
    shown = command("environment", "show", "storm-surges").stdout
    deleted = command("environment", "delete", "storm-surges")

    assert (made.code, made.stdout) == (0, "storm-surges\n")
    assert "sojourn session add PROJECT storm-surges" in made.stderr
    for words in ("For the coast.", "surge, coast", "jupyterhub-singleuser", "no project", " only", "v1"):
        assert words in shown
    assert (deleted.code, deleted.stderr) == (0, "Deleted Storm surges.\n")


def test_an_environment_is_found_by_a_package_and_the_beginning_of_a_word(
    command: Command, tides: str
) -> None:
    found = command("environment", "search", "scip", "tide", "--mine", "-o", "json").json()["items"]
    table = command("environment", "search", "harmonic-oscillators")

    assert [each["slug"] for each in found] == [tides]
    assert (table.code, table.stdout) == (0, "")
    assert "No environment has all these words" in table.stderr
    assert tides not in command("environment", "search", "scip", "--default").stdout


def test_what_only_an_image_has_is_told(command: Command, code: str) -> None:
    shown = command("environment", "show", code).stdout

    for words in (
        *(IMAGE, "the image's own program --auth none", "8443", "1001:100"),
        "strips the prefix, ready when /healthz answers",
    ):
        assert words in shown
    made = command("environment", "list", "--mine", "-o", "json").json()["items"]
    [latest] = [each["latest"] for each in made if each["slug"] == code]
    assert (latest["front_end"], latest["default_url"]) == ("Code", "/")


def test_what_does_not_run_here_is_refused_with_the_reason(command: Command, code: str, project: str) -> None:
    refused = command("session", "add", project, code)

    assert refused.code == 2
    assert "Code" in refused.stderr


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ((), "Say what it is made of"),
        (("--image", IMAGE, "--requirements", "-"), "leave --image or --requirements out"),
        (("--image", "Python:3.13"), "Write it as python:3.13"),
        (("--requirements", "/none/at/all"), "/none/at/all cannot be read"),
        (("--requirements", "-", "--command", "lab 'x"), "does not close"),
        (("--requirements", "-", "--ready-path", "/"), "say --gate too"),
        (("--requirements", "-", "--port", "80"), "1024 is the least"),
        (("--requirements", "-", "--project", "nowhere-at-all"), "nowhere-at-all"),
    ],
)
def test_what_cannot_be_made_is_refused_in_words(
    command: Command, arguments: tuple[str, ...], sentence: str
) -> None:
    refused = command("environment", "add", "Wrong", *arguments, answer="numpy==2.3.5\n")

    assert (refused.code, refused.stdout) == (2, "")
    assert sentence in " ".join(refused.stderr.split())


def test_a_line_that_is_not_pinned_is_named(command: Command) -> None:
    refused = command("environment", "add", "Wrong", "--requirements", "-", answer="numpy>=2\n")

    assert refused.code == 2
    assert "numpy>=2 is not pinned" in refused.stderr


def test_an_environment_is_changed_piece_by_piece(command: Command, tides: str, project: str) -> None:
    change = ("environment", "change", tides, "-o", "json")
    described = command(*change, "--description", "New words", "--keyword", "moon").json()
    shared = command(*change, "--project", project).json()
    told = command("environment", "show", tides).stdout
    renamed = command(*change, "--name", "High tides", "--no-keywords", "--visibility", "everyone").json()

    assert (described["description"], described["keywords"]) == ("New words", ["moon"])
    assert (shared["visibility"], shared["projects"]) == ("projects", [project])
    assert f"members of {project}" in told
    assert (renamed["slug"], renamed["name"], renamed["keywords"]) == (tides, "High tides", [])
    assert renamed["description"] == "New words"
    assert renamed["visibility"] == "everyone"
    assert command(*change).code == 2
    assert command(*change, "--no-keywords", "--keyword", "sun").code == 2


def test_others_see_what_is_shared_and_change_nothing(
    command: Command, sojourn: Stack, tides: str, tmp_path: Path
) -> None:
    token = sojourn.command_token("bob")
    bob = Command(tmp_path, {"SOJOURN_URL": sojourn.url, "SOJOURN_TOKEN": token})
    unseen = bob("environment", "show", tides)
    command("environment", "change", tides, "--visibility", "everyone")

    assert unseen.code == 3
    assert bob("environment", "show", tides).code == 0
    assert bob("environment", "change", tides, "--name", "Mine").code == 4
    assert bob("environment", "change", "minimal", "--no-default").code == 4


def test_a_favourite_is_ones_own(command: Command, tides: str) -> None:
    added = command("environment", "favourite", tides)
    listed = command("environment", "list", "--favourites").stdout
    removed = command("environment", "favourite", tides, "--remove")

    assert added.stderr == "tides is a favourite of yours.\n"
    assert "Tides (favourite)" in listed
    assert "minimal" not in listed
    assert removed.code == 0
    assert command("environment", "list", "--favourites").stdout == ""


def test_an_archived_environment_leads_to_its_successor_until_it_is_taken_out(
    command: Command, tides: str, project: str
) -> None:
    archived = command("environment", "archive", tides, "--successor", "minimal")
    refused = command("session", "add", project, tides)
    listed = command("environment", "list", "--mine")
    away = command("environment", "list", "--archived").stdout
    alone = command("environment", "archive", tides, "--successor", "none", "-o", "json").json()
    back = command("environment", "unarchive", tides)

    assert (archived.code, archived.stdout) == (0, "")
    assert "minimal" in archived.stderr
    assert refused.code == 2
    assert "Minimal" in refused.stderr
    assert tides not in listed.stdout
    assert "Tides (archived, use minimal)" in away
    assert alone["successor"] is None
    assert back.stderr == "Tides gets sessions again.\n"
    assert command("session", "add", project, tides).code == 0


def test_a_copy_is_private_and_ones_own(command: Command) -> None:
    copied = command("environment", "duplicate", "minimal", "--name", "Like minimal", "--version", "1")
    copy = command("environment", "show", "like-minimal", "-o", "json").json()
    deleted = command("environment", "delete", "like-minimal", "--yes")

    assert copied.stdout == "like-minimal\n"
    assert (copy["visibility"], copy["default"]) == ("private", False)
    assert "minimal" in copy["latest"]["made_from"]
    assert deleted.code == 0
    assert command("environment", "duplicate", "minimal", "--version", "99").code == 3


def test_what_is_used_is_not_deleted_and_the_refusal_says_where(
    command: Command, tides: str, project: str
) -> None:
    command("session", "add", project, tides)
    refused = command("environment", "delete", tides)

    assert refused.code == 4
    assert "is used in test_what_is_used_is_not_deleted" in refused.stderr
    assert "Archive it" in refused.stderr
    assert "1 project" in command("environment", "show", tides).stdout


def test_the_shell_completes_environments_where_they_are(command: Command, tides: str) -> None:
    def completed(words: str) -> str:
        return command(
            _SOJOURN_COMPLETE="complete_bash", COMP_WORDS=f"sojourn environment {words} tid", COMP_CWORD="3"
        ).stdout

    assert (tides in completed("show"), tides in completed("unarchive")) == (True, False)
    command("environment", "archive", tides)
    assert (tides in completed("show"), tides in completed("unarchive")) == (False, True)
