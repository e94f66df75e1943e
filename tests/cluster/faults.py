"""What breaks the cluster, and how people ask of a Sojourn that it breaks."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator

import httpx
import pytest

from tests.cluster.installation import Installation
from tests.e2e.projects import API, Project
from tests.stack import eventually


class Components:
    """The components of the cluster, which a command kills and starts."""

    def __init__(self, command: str) -> None:
        self._command = command

    def stop(self, component: str) -> None:
        """Kills one, which stays away."""
        self._do("stop", component)

    def start(self, component: str) -> None:
        """Starts one that was killed; returns when the cluster answers."""
        self._do("start", component)
        eventually(self._is_back, "the cluster is back")

    def restart(self, component: str) -> None:
        """Kills one and starts it again; returns when the cluster answers."""
        self._do("restart", component)
        eventually(self._is_back, "the cluster is back")

    def _do(self, verb: str, component: str) -> None:
        subprocess.run([self._command, verb, component], check=True, capture_output=True, timeout=120)

    @staticmethod
    def _is_back() -> bool:
        looked = subprocess.run(
            ["kubectl", "get", "--raw=/readyz"], capture_output=True, timeout=60, check=False
        )
        return looked.returncode == 0


@pytest.fixture(scope="session")
def components() -> Components:
    """The components, where something can break them."""
    command = os.environ.get("SOJOURN_TEST_FAULTS")
    if not command:
        pytest.skip("SOJOURN_TEST_FAULTS names no command that breaks the cluster.")
    return Components(command)


@pytest.fixture
def whole(installation: Installation) -> Iterator[Installation]:
    """The installation, of which everything answers before and after the test."""
    installation.until_ready()
    yield installation
    installation.until_ready()


def asked(project: Project, verb: str) -> dict[str, object]:
    """Asks for something until the API has taken it; asking twice is asking once."""
    path = f"{project.path}/start" if verb == "start" else f"{project.path}/sessions/files/{verb}"

    def ask() -> dict[str, object] | None:
        try:
            answer = project.http.post(path)
        except httpx.HTTPError:
            return None
        read: dict[str, object] | None = answer.json() if answer.status_code == 202 else None
        return read

    return eventually(ask, f"{verb} is taken", seconds=90)


def quick_project(installation: Installation) -> Project:
    """A project whose session is quick to start."""
    made = Project.create(installation)
    made.post("/sessions", {"environment": "files"})
    return made


def patiently(project: Project, run: str, *phases: str) -> dict[str, object]:
    """The run once it is in one of the phases, across answers that a restart swallows."""
    read: dict[str, object] = {}

    def look() -> dict[str, object] | None:
        try:
            read.update(project.http.get(f"{API}/runs/{run}").raise_for_status().json())
        except (httpx.HTTPError, ValueError):
            return None
        return read if read["phase"] in phases and read["wish"] == "run" else None

    try:
        return eventually(look, f"run {run} {' or '.join(phases)}", seconds=120)
    except TimeoutError as error:
        error.add_note(f"Last it was {read}")
        raise
