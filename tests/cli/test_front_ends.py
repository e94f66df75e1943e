"""Front ends by command: given to an environment, and chosen for a session."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import Command

pytestmark = pytest.mark.slow

REQUIREMENTS = "jupyterlab==4.5.0\n"
CLASSIC = {
    "name": "Classic",
    "command": ["jupyterhub-singleuser"],
    "arguments": ["--ServerApp.default_url=/tree"],
    "default_url": "/tree",
    "port": 8888,
}


@pytest.fixture
def both(command: Command, tmp_path: Path) -> Iterator[str]:
    """The slug of an environment with two front ends."""
    file = tmp_path / "front-ends.json"
    file.write_text(json.dumps([CLASSIC]))
    made = ("environment", "add", "Both", "--requirements", "-", "--front-ends", str(file))
    slug = command(*made, answer=REQUIREMENTS).stdout.strip()
    yield slug
    command("environment", "archive", slug)


def test_the_next_version_keeps_the_front_ends_until_others_are_given(
    command: Command, both: str, tmp_path: Path
) -> None:
    none = tmp_path / "none.json"
    none.write_text("[]")
    added = ("environment", "add-version", both, "--requirements", "-")

    kept = command(*added, answer="jupyterlab==4.5.1\n").code
    shown = command("environment", "show", both).stdout
    gone = command(*added, "--front-ends", str(none), answer="jupyterlab==4.5.1\n").code

    assert (kept, gone) == (0, 0)
    assert "Classic" in shown
    difference = command("environment", "diff", both, "2", "3").stdout
    assert "front ends" in difference
    assert "Classic" in difference


def test_a_session_is_given_a_front_end_and_the_own_one_again(
    command: Command, both: str, project: str
) -> None:
    added = command("session", "add", project, both, "--front-end", "classic", "-o", "json").json()
    shown = command("session", "show", project, added["slug"]).stdout
    back = command("session", "configure", project, added["slug"], "--front-end", "none", "-o", "json").json()

    assert (added["front_end"], back["front_end"]) == ("Classic", None)
    assert "Classic (there is JupyterLab too)" in shown


def test_a_front_end_that_is_not_there_is_refused_with_those_that_are(
    command: Command, both: str, project: str
) -> None:
    refused = command("session", "add", project, both, "--front-end", "RStudio")

    assert refused.code == 2
    assert "has no front end RStudio; it has JupyterLab and Classic." in refused.stderr


def test_what_is_no_list_of_front_ends_is_refused(command: Command, tmp_path: Path) -> None:
    file = tmp_path / "front-ends.json"
    file.write_text("[{")
    made = ("environment", "add", "Broken", "--requirements", "-", "--front-ends")

    broken = command(*made, str(file), answer=REQUIREMENTS)
    file.write_text('{"name": "Classic"}')
    no_list = command(*made, str(file), answer=REQUIREMENTS)

    assert (broken.code, no_list.code) == (2, 2)
    assert "is no JSON" in broken.stderr
    assert "front_ends" in no_list.stderr
