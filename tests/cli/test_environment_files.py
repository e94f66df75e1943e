"""Environments made of files that people have, by command."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Command

pytestmark = pytest.mark.slow

PROJECT = """[project]
name = "tides"
dependencies = ["jupyterlab==4.5.0", "jupyterhub==6.1.1"]
[project.optional-dependencies]
plot = ["scipy==1.16.3"]
[dependency-groups]
docs = ["sphinx==8.1.3"]
"""
LOCK = """version = 1
requires-python = ">=3.11"
[[package]]
name = "tides"
source = { virtual = "." }
dependencies = [{ name = "jupyterhub" }, { name = "jupyterlab" }]
[[package]]
name = "jupyterhub"
version = "6.1.1"
source = { registry = "https://index.test/simple" }
[[package]]
name = "jupyterlab"
version = "4.5.1"
source = { registry = "https://index.test/simple" }
"""


def test_an_environment_is_made_of_a_pyproject_with_an_extra_and_a_group(
    command: Command, tmp_path: Path
) -> None:
    file = tmp_path / "pyproject.toml"
    file.write_text(PROJECT)

    made = command("environment", "add", "From a project", "--from", str(file), "--extra", "plot")
    again = command(
        "environment", "add-version", "from-a-project", "--from", str(file), "--group", "docs", "-o", "json"
    )
    told = command("environment", "versions", "from-a-project").stdout
    command("environment", "delete", "from-a-project")

    assert (made.code, made.stdout) == (0, "from-a-project\n")
    packages = {each["name"]: each["version"] for each in again.json()["packages"]}
    assert packages == {"jupyterlab": "4.5.0", "jupyterhub": "6.1.1", "sphinx": "8.1.3"}
    assert again.json()["made_from"] == "from pyproject.toml; group docs"
    assert "extra plot" in " ".join(told.split())


def test_the_lock_beside_a_pyproject_pins_it(command: Command, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(PROJECT.replace("lab==4.5.0", "lab"))
    (tmp_path / "uv.lock").write_text(LOCK)

    made = command(
        *("environment", "add", "Locked", "--from", str(tmp_path / "pyproject.toml"), "-o", "json")
    ).json()
    command("environment", "delete", "locked")

    assert made["latest"]["made_from"] == "from pyproject.toml and uv.lock"


def test_what_is_left_out_and_added_is_said(command: Command) -> None:
    text = "name: x\ndependencies:\n- pip:\n  - six==1.17.0\n"
    made = command("environment", "add", "From conda", "--from", "-", answer=text)
    installed = command("environment", "packages", "from-conda", "-o", "json").json()["items"]
    command("environment", "delete", "from-conda")

    assert made.code == 0, made.stderr
    assert "The name in the file was left out" in made.stderr
    assert "Added jupyterhub and jupyterlab, which JupyterLab sessions need" in made.stderr
    assert {"six", "jupyterlab", "jupyterhub", "tornado"} <= {each["name"] for each in installed}


@pytest.mark.parametrize(
    ("text", "arguments", "sentence"),
    [
        ("dependencies: [gdal, python]", (), "gdal (line 1) is a package of conda"),
        ("numpy\n-r more.txt", (), "requirements.txt, line 2: -r includes another file"),
        (PROJECT, ("--extra", "none"), "The file has no extra none; it has plot."),
        ("numpy", ("--requirements", "-"), "leave --image and --requirements out"),
        ("a" * (2**20 + 1), (), "1048576 is the most"),
    ],
)
def test_a_file_that_is_not_taken_is_refused_in_words(
    command: Command, text: str, arguments: tuple[str, ...], sentence: str
) -> None:
    refused = command("environment", "add", "Wrong", "--from", "-", *arguments, answer=text)

    assert (refused.code, refused.stdout) == (2, "")
    assert sentence in " ".join(refused.stderr.split())


def test_what_is_no_file_of_packages_is_not_sent(command: Command, tmp_path: Path) -> None:
    large = tmp_path / "large.txt"
    large.write_bytes(b"#" * (2**20 + 1))

    assert "has more than 1048576 bytes" in command("environment", "add", "W", "--from", str(large)).stderr
    assert "is no file" in command("environment", "add", "W", "--from", str(tmp_path)).stderr
    assert "--from" in command("environment", "add", "W", "--extra", "a").stderr


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_an_environment_of_an_environment_yml_is_built_and_starts(command: Command, tmp_path: Path) -> None:
    file = tmp_path / "environment.yml"
    file.write_text(
        "name: tides\ndependencies:\n  - pip\n  - pip:\n      - ipykernel\n      - tomli-w==1.2.0\n"
    )
    made = command("environment", "add", "Readings for real", "--from", str(file))
    assert made.code == 0, made.stderr

    run = command("environment", "try", "readings-for-real", "-o", "json")
    assert run.code == 0, run.stderr
    command("project", "delete", run.json()["project"], "--force", "--yes")
