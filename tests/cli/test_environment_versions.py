"""Versions of environments by command: added, compared, looked into, and sessions moved between them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sojourn.client import Client
from tests.cli.conftest import Command
from tests.stack import Stack

pytestmark = pytest.mark.slow

FIRST = "jupyterlab==4.5.0\nnumpy==2.3.4\nsix==1.17.0\n"
SECOND = "jupyterlab==4.5.0\nnumpy==2.3.5\nscipy==1.16.3\n"
DIGESTS = [f"sha256:{digit * 64}" for digit in "123"]


@pytest.fixture
def waves(command: Command) -> Iterator[str]:
    """The slug of an environment with two versions."""
    slug = command("environment", "add", "Waves", "--requirements", "-", answer=FIRST).stdout.strip()
    command("environment", "add-version", slug, "--requirements", "-", answer=SECOND)
    yield slug
    command("environment", "delete", slug)


@pytest.fixture
def editor(sojourn: Stack) -> Iterator[str]:
    """The slug of an environment of an image of which everything is known."""
    with Client.from_data(sojourn.data.root) as client:
        made = client.environments.create(
            "Editor",
            {
                "image": f"registry.test/editor@{DIGESTS[0]}",
                "reference": "registry.test/editor:4.1",
                "platforms": ["linux/amd64", "linux/arm64"],
                "size": 3 * 2**29,
                "layers": [{"digest": DIGESTS[1], "size": 3 * 2**29}],
                "front_end": "Editor",
                "default_url": "/",
                "port": 8443,
                "gate": {"prefix": "strip", "ready_path": "/healthz"},
            },
        )
        yield made.slug
        client.environments.delete(made.slug)


def test_the_next_version_runs_as_the_newest_did(command: Command, waves: str) -> None:
    versions = command("environment", "versions", waves, "-o", "json").json()
    table = command("environment", "versions", waves).stdout

    assert [each["number"] for each in versions["items"]] == [2, 1]
    assert {each["front_end"] for each in versions["items"]} == {"JupyterLab"}
    assert "requirements" in table
    assert versions["items"][0]["digest"][: len("sha256:") + 12] in table


def test_what_is_made_already_is_no_new_version(command: Command, waves: str) -> None:
    again = command("environment", "add-version", waves, "--requirements", "-", answer=SECOND)
    nothing = command("environment", "add-version", waves, "--port", "9999")

    assert again.code == 4
    assert "Version 2 of Waves, the newest, is this already." in again.stderr
    assert nothing.code == 2
    assert "Say what it is made of from now on" in nothing.stderr


def test_a_difference_names_packages_with_both_versions(command: Command, waves: str) -> None:
    table = command("environment", "diff", waves, "1").stdout
    rows = {line.split()[0]: line.split()[2:] for line in table.splitlines() if "python" in line}
    back = command("environment", "diff", waves, "2", "1", "-o", "json").json()

    assert rows == {
        "numpy": ["2.3.4", "2.3.5"],
        "scipy": ["not", "there", "1.16.3"],
        "six": ["1.17.0", "not", "there"],
    }
    assert [each["name"] for each in back["added"]] == ["six"]
    same = command("environment", "diff", waves, "2")
    assert (same.stdout, same.stderr) == ("", "Nothing differs between versions 2 and 2 of waves.\n")
    assert command("environment", "diff", waves, "1", "7").code == 3


def test_an_image_keeps_what_is_known_of_it_when_it_is_run_otherwise(command: Command, editor: str) -> None:
    made = command(
        *(
            "environment",
            "add-version",
            editor,
            "--port",
            "9000",
            "--gate",
            "keep",
            "--command",
            "serve 'a b'",
        ),
        *("--read-only-root", "-o", "json"),
    ).json()
    table = command("environment", "diff", editor, "1").stdout

    assert (made["size"], made["platforms"]) == (3 * 2**29, ["linux/amd64", "linux/arm64"])
    assert made["gate"] == {"prefix": "keep", "ready_path": "/healthz"}
    assert made["command"] == ["serve", "a b"]
    for line in (
        "port 8443 9000",
        "read only root no yes",
        "command none serve 'a b'",
        "gate strips the prefix, ready when /healthz answers keeps the prefix, ready when /healthz answers",
    ):
        assert line in [" ".join(row.split()) for row in table.splitlines()]
    assert "1.6 GB" in command("environment", "versions", editor).stdout
    assert "linux/amd64, linux/arm64" in command("environment", "show", editor).stdout


def test_an_image_that_is_named_again_is_as_well_known_as_before(command: Command, editor: str) -> None:
    image = f"registry.test/editor@{DIGESTS[0]}"
    made = command(
        "environment", "add-version", editor, "--image", image, "--gate", "none", "-o", "json"
    ).json()

    assert (made["size"], made["gate"], made["reference"]) == (3 * 2**29, None, "registry.test/editor:4.1")


def test_another_image_says_what_is_downloaded_and_forgets_the_old_one(
    command: Command, sojourn: Stack, editor: str
) -> None:
    with Client.from_data(sojourn.data.root) as client:
        newest = client.environments.version(editor, 1)
        client.environments.add_version(
            editor,
            image=f"registry.test/editor@{DIGESTS[2]}",
            reference="registry.test/editor:4.2",
            size=2**30,
            layers=[{"digest": DIGESTS[1], "size": 2**20}, {"digest": DIGESTS[2], "size": 2**20}],
            front_end=newest.front_end,
            default_url=newest.default_url,
            port=newest.port,
        )
    told = [" ".join(row.split()) for row in command("environment", "diff", editor, "1").stdout.splitlines()]
    bare = command(
        "environment", "add-version", editor, "--image", f"registry.test/editor@{DIGESTS[1]}", "-o", "json"
    ).json()

    assert "Image registry.test/editor:4.1 → registry.test/editor:4.2" in told
    assert "Size 1.6 GB → 1.1 GB" in told
    assert "Download 1.0 MB for who has version 1" in told
    assert (bare["reference"], bare["size"], bare["layers"]) == (None, None, [])


def test_packages_are_those_of_the_version_that_is_asked_for(command: Command, waves: str) -> None:
    newest = command("environment", "packages", waves).stdout
    first = command(
        "environment", "packages", waves, "--version", "1", "--search", "ump", "-o", "json"
    ).json()
    none = command("environment", "packages", waves, "--ecosystem", "debian")

    assert "scipy" in newest
    assert "six" not in newest
    assert first["items"] == [{"ecosystem": "python", "name": "numpy", "version": "2.3.4"}]
    assert (none.stdout, none.stderr) == ("", "Version 2 of waves has no such package.\n")


def test_an_image_s_packages_may_not_be_known(command: Command, editor: str) -> None:
    asked = command("environment", "packages", editor)

    assert (asked.code, asked.stdout) == (0, "")
    assert "is not known" in asked.stderr


def test_a_session_is_updated_and_rolled_back(command: Command, waves: str, project: str) -> None:
    command("session", "add", project, waves, "--name", "Sea")
    command("environment", "add-version", waves, "--requirements", "-", answer=FIRST)
    before = command("session", "show", project).stdout
    updated = command("session", "update", project, "sea")
    again = command("environment", "update", project)
    back = command("environment", "update", project, "sea", "--version", "1", "-o", "json")
    wrong = command("session", "update", project, "--version", "9")

    assert "version 2 (3 is there)" in before
    assert updated.stderr == "Sea has version 3 of Waves from its next start on, in the place of version 2.\n"
    assert again.stderr == "Sea has version 3 of Waves already.\n"
    assert back.json()["environment"]["version"] == 1
    assert wrong.code == 2
    assert "The newest is 3." in wrong.stderr


def test_a_version_is_tried_and_what_it_showed_is_kept_without_the_project(
    command: Command, sojourn: Stack
) -> None:
    run = command("environment", "try", "minimal", "-o", "json").json()
    command("project", "delete", run["project"], "--force", "--yes")

    assert (run["project"], run["status"]) == ("trials", "running")
    with Client.from_data(sojourn.data.root) as client:
        shown = client.environments.version("minimal", 1).launches
    assert shown is not None
    assert (shown.works, shown.reason) == (True, None)
    assert shown.worked >= 1
