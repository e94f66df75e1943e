"""The real command, as a shell runs it."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.git_server import GitServer
from tests.laptop.stack import COMMAND
from tests.stack import Stack


@dataclass(frozen=True)
class Ended:
    """What a command left behind."""

    code: int
    stdout: str
    stderr: str

    def json(self) -> Any:
        assert self.code == 0, self.stderr
        return json.loads(self.stdout)


@dataclass(frozen=True)
class Command:
    """`sojourn` with arguments, for one data folder."""

    data: Path
    variables: dict[str, str] = field(default_factory=dict)

    def __call__(self, *arguments: str, answer: str | None = None, **variables: str) -> Ended:
        names = ("PATH", "HOME", "SOJOURN_CACHE")
        environment = {name: os.environ[name] for name in names if name in os.environ}
        done = subprocess.run(
            [COMMAND, *arguments],
            env={
                **environment,
                "PYTHONWARNINGS": "error",
                "SOJOURN_DATA": str(self.data),
                **self.variables,
                **variables,
            },
            input=answer or "",
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
        )
        assert "Traceback" not in done.stderr
        return Ended(done.returncode, done.stdout, done.stderr)


@pytest.fixture(scope="session")
def command(sojourn: Stack) -> Command:
    """The command on the computer where Sojourn runs."""
    return Command(sojourn.data.root)


@pytest.fixture(scope="session")
def repository(git_server: GitServer) -> str:
    """The address of a repository that has a branch `release/1` too."""
    git_server.create("greetings", {"hello.txt": "hello\n"})
    git_server.commit("greetings", {"hello.txt": "hello from the release\n"}, branch="release/1")
    return git_server.url("greetings")


@pytest.fixture
def project(command: Command, request: pytest.FixtureRequest) -> Iterator[str]:
    """The slug of a project of the test's own."""
    slug: str = command("project", "create", request.node.name, "-o", "json").json()["slug"]
    yield slug
    command("project", "delete", slug, "--force", "--yes")
