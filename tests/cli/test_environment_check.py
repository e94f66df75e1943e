"""Images by command: checked where they are, and made environments of by any name."""

from __future__ import annotations

import asyncio
import os
import platform
import pty
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from sessions_api.environments.checks.rules import Rules
from sessions_api.environments.watching.watch import Pace, Watch
from sessions_api.kit.db import Database
from sessions_api.kit.events import Bus
from sessions_api.registry.fetch import Fetcher, FetchRules
from tests.cli.conftest import Command
from tests.cli.test_secrets import shown_until
from tests.laptop.stack import COMMAND
from tests.registry_server import RegistryServer

pytestmark = pytest.mark.slow

HERE = {"x86_64": "linux/amd64", "aarch64": "linux/arm64"}[platform.machine()]
SINGLE_USER = {"Cmd": ["start.sh", "jupyterhub-singleuser"], "User": "1001:1002"}
WEB_APP = {"Entrypoint": ["serve"], "ExposedPorts": {"8501/tcp": {}}, "User": "1000"}
NO_PORT = {"Entrypoint": ["compute"], "User": "1000"}


@pytest.fixture
def registry() -> Iterator[RegistryServer]:
    """A registry of three images that run here, each in its own way."""
    with RegistryServer() as server:
        images: dict[str, dict[str, Any]] = {"notebook": SINGLE_USER, "app": WEB_APP, "batch": NO_PORT}
        for name, config in images.items():
            server.push(f"team/{name}", "1", layers=[name.encode()], config=config, platform=HERE)
        yield server


@pytest.fixture
def made(command: Command, registry: RegistryServer) -> Iterator[str]:
    """The slug of an environment of the web app, by its tag."""
    image = registry.reference("team/app", "1")
    ended = command("environment", "add", "Dashboard", "--image", image)
    assert ended.code == 0, ended.stderr
    slug = ended.stdout.strip()
    yield slug
    command("environment", "delete", slug)


def digest(registry: RegistryServer, name: str) -> str:
    """Of a tag `1`."""
    return registry.repository(f"team/{name}").tags["1"]


def names(command: Command) -> set[str]:
    """Of the environments that the person made."""
    items = command("environment", "list", "--mine", "-o", "json").json()["items"]
    return {each["name"] for each in items}


def test_a_check_tells_its_steps_and_then_the_verdict(command: Command, registry: RegistryServer) -> None:
    image = registry.reference("team/notebook", "1")
    ended = command("environment", "check", image)

    assert ended.code == 0, ended.stderr
    assert ended.stdout.startswith("This image works as it is.\n")
    steps = [line for line in ended.stderr.splitlines() if line.startswith("✓ ")]
    assert steps[0].startswith(f"✓ Asking {registry.host}: ")
    assert digest(registry, "notebook") in steps[0]
    assert f"✓ Comparing platforms: Built for {HERE}" in steps
    assert steps[-1] == "✓ Judging how it runs"
    assert f"sojourn environment add NAME --image {image}" in ended.stderr


def test_programs_get_the_result_alone(command: Command, registry: RegistryServer) -> None:
    found = command("environment", "check", registry.reference("team/app", "1"), "-o", "json").json()

    assert (found["verdict"], found["digest"]) == ("behind_gate", digest(registry, "app"))
    assert (found["version"]["port"], found["version"]["gate"]["prefix"]) == (8501, "strip")


def test_an_image_that_will_not_work_is_a_failure_that_says_what_to_change(
    command: Command, registry: RegistryServer
) -> None:
    image = registry.reference("team/batch", "1")
    told = command("environment", "check", image)
    read = command("environment", "check", image, "-o", "json")

    assert (told.code, told.stdout) == (1, "")
    assert "✗ Judging how it runs\n" in told.stderr
    assert told.stderr.count("This image will not work because") == 1
    assert "Install jupyterhub-singleuser in it" in told.stderr
    assert read.code == 1
    assert '"verdict": "will_not_work"' in read.stdout


def test_an_image_that_is_not_there_is_a_failure_with_the_registry_s_name(
    command: Command, registry: RegistryServer
) -> None:
    told = command("environment", "check", registry.reference("team/app", "2"))
    read = command("environment", "check", registry.reference("team/app", "2"), "-o", "json")

    assert (told.code, told.stdout) == (1, "")
    assert f"✗ Asking {registry.host}\n" in told.stderr
    assert f"The repository team/app of the registry {registry.host} has no tag 2." in told.stderr
    assert (read.code, '"code": "image_not_found"' in read.stdout) == (1, True)


def test_what_is_no_image_s_name_is_a_wrong_value(command: Command) -> None:
    ended = command("environment", "check", "docker pull python:3.13")

    assert (ended.code, ended.stdout) == (2, "")
    assert "Write it as python:3.13." in ended.stderr


def test_a_private_image_is_checked_with_a_password_from_standard_input(
    command: Command, registry: RegistryServer
) -> None:
    registry.protect("team/app", login="ann:t0ken")
    image = registry.reference("team/app", "1")

    closed = command("environment", "check", image)
    wrong = command("environment", "check", image, "--login", "ann", answer="t1ken\n")
    opened = command("environment", "check", image, "--login", "ann", answer="t0ken\n")

    assert [each.code for each in (closed, wrong, opened)] == [1, 1, 0]
    assert "environment add" not in opened.stderr, "whose check would have no login"
    assert not any("t0ken" in each.stdout + each.stderr for each in (closed, wrong, opened))


def test_a_person_sees_the_steps_change_and_not_the_password(
    command: Command, registry: RegistryServer
) -> None:
    registry.protect("team/app", login="ann:t0ken")
    ours, theirs = pty.openpty()
    variables = {name: os.environ[name] for name in ("PATH", "HOME")}
    asking = subprocess.Popen(
        [COMMAND, "environment", "check", registry.reference("team/app", "1"), "--login", "ann"],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env={**variables, "SOJOURN_DATA": str(command.data), "TERM": "xterm"},
    )
    os.close(theirs)
    try:
        seen = shown_until(ours, b"Password of ann: ")
        os.write(ours, b"t0ken\n")
        seen += shown_until(ours, b"behind the gate on port 8501.")
        assert asking.wait(30) == 0
    finally:
        asking.kill()
        asking.wait()
        os.close(ours)

    assert b"Comparing platforms" in seen
    assert b"t0ken" not in seen


def test_an_image_named_by_a_tag_becomes_what_the_check_found(
    command: Command, registry: RegistryServer, made: str
) -> None:
    version = command("environment", "versions", made, "-o", "json").json()["items"][0]
    shown = command("environment", "show", made).stdout

    assert version["image"] == f"{registry.host}/team/app@{digest(registry, 'app')}"
    assert version["reference"] == registry.reference("team/app", "1")
    assert version["size"] > 0
    for words in ("8501", "strips the prefix, ready when / answers", HERE):
        assert words in shown


def test_options_go_before_what_the_check_found(command: Command, registry: RegistryServer) -> None:
    image = registry.reference("team/app", "1")
    options = ("--port", "9000", "--gate", "keep", "--front-end", "Tides", "--uid", "1234")
    added = command("environment", "add", "Own port", "--image", image, *options, "-o", "json").json()
    command("environment", "delete", added["slug"])

    [version] = added["versions"]
    assert (version["digest"], version["front_end"]) == (digest(registry, "app"), "Tides")


def test_the_next_version_of_a_tag_that_moved_is_what_it_means_now(
    command: Command, registry: RegistryServer, made: str
) -> None:
    moved = {**WEB_APP, "ExposedPorts": {"8600/tcp": {}}}
    new = registry.push("team/app", "1", layers=[b"newer"], config=moved, platform=HERE)
    image = registry.reference("team/app", "1")
    added = command("environment", "add-version", made, "--image", image, "--gid", "50", "-o", "json").json()

    assert (added["number"], added["digest"]) == (2, new)
    assert (added["port"], added["gid"], added["uid"]) == (8600, 50, 1000)


@pytest.mark.parametrize("version", ["batch:1", "nothing:1"])
def test_nothing_is_made_of_an_image_that_cannot_be_a_session(
    command: Command, registry: RegistryServer, made: str, version: str
) -> None:
    image = f"{registry.host}/team/{version}"
    first = command("environment", "add", "Hopeless", "--image", image)
    second = command("environment", "add-version", made, "--image", image)

    assert [(each.code, each.stdout) for each in (first, second)] == [(1, ""), (1, "")]
    assert "Hopeless" not in names(command)
    assert len(command("environment", "versions", made, "-o", "json").json()["items"]) == 1


def test_an_image_that_is_pinned_is_not_asked_about(command: Command, registry: RegistryServer) -> None:
    image = registry.reference("team/batch", digest(registry, "batch"))
    told = command("environment", "check", registry.reference("team/batch", "1"))
    asked = len(registry.asked)
    added = command("environment", "add", "Pinned", "--image", image, "--gate", "strip")
    command("environment", "delete", added.stdout.strip())

    assert (told.code, added.code) == (1, 0)
    assert len(registry.asked) == asked


def test_packages_and_an_image_are_too_much_before_anything_is_asked(
    command: Command, registry: RegistryServer, made: str
) -> None:
    asked = len(registry.asked)
    both = ("--image", registry.reference("team/app", "1"), "--requirements", "-")
    ended = [command("environment", *what, *both) for what in (("add", "Both"), ("add-version", made))]

    assert [each.code for each in ended] == [2, 2]
    assert len(registry.asked) == asked


def test_a_session_of_an_image_is_added_with_its_environment_or_not_at_all(
    command: Command, registry: RegistryServer, project: str
) -> None:
    before = names(command)
    bad = command("session", "add", project, "--image", registry.reference("team/batch", "1"))
    away = command("session", "add", project, "--image", registry.reference("team/app", "1"))

    assert (bad.code, bad.stdout) == (1, "")
    assert "Install jupyterhub-singleuser in it" in bad.stderr
    assert f"sojourn environment add NAME --image {registry.host}/team/batch@sha256:" in bad.stderr
    assert (away.code, away.stdout) == (2, "")
    assert "This image works behind the gate on port 8501." in away.stderr
    assert "this computer has neither podman nor docker" in away.stderr
    assert names(command) == before
    assert command("session", "list", project, "-o", "json").json()["items"] == []


def test_a_session_is_of_an_environment_or_of_an_image(command: Command, project: str) -> None:
    for arguments in ((), ("minimal", "--image", "python")):
        ended = command("session", "add", project, *arguments)
        assert ended.code == 2
        assert "Name an environment, or an image with --image; one of both." in " ".join(
            ended.stderr.replace("│", " ").split()
        )
    ended = command("session", "add", project, "minimal", "--visibility", "private")
    assert ended.code == 2


def test_a_tag_that_moved_is_told_with_the_command_that_follows_it(
    command: Command, registry: RegistryServer, made: str
) -> None:
    moved = registry.push("team/app", "1", layers=[b"newer"], config=WEB_APP, platform=HERE)
    asyncio.run(_asked(command, registry))

    shown = command("environment", "show", made)
    listed = command("environment", "versions", made)
    read = command("environment", "show", made, "-o", "json").json()

    image = registry.reference("team/app", "1")
    assert f"moved: means {moved[:19]}" in shown.stdout
    assert f"sojourn environment add-version {made} --image {image}" in shown.stderr
    assert "moved" in listed.stdout
    assert read["latest"]["upstream"]["digest"] == moved


async def _asked(command: Command, registry: RegistryServer) -> None:
    """What the running Sojourn does every few hours, done by another process now."""
    database = Database(f"sqlite+aiosqlite:///{command.data / 'sojourn.db'}", Bus())
    fetcher = Fetcher(FetchRules(private=(registry.host,), insecure=(registry.host,)))
    pace = Pace(timedelta(microseconds=1), registry=timedelta(0))
    watch = Watch(database, Rules(fetcher, ()), pace)
    await watch.list()
    await watch.ask()
    await database.close()
