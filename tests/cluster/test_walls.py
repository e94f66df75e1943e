"""What a session cannot reach."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.cluster.installation import Installation
from tests.e2e.projects import Project
from tests.kube import Raw

pytestmark = [pytest.mark.cluster, pytest.mark.slow, pytest.mark.timeout(600)]

CONNECT = """
import socket, sys
try:
    socket.create_connection((sys.argv[1], int(sys.argv[2])), timeout=3).close()
    print("open")
except OSError as error:
    print("closed")
"""


@pytest.fixture(scope="module")
def sessions(installation: Installation) -> Iterator[list[Raw]]:
    """The pods of two sessions that run."""
    projects = [Project.with_session(installation, person=person) for person in ("ann", "bob")]
    runs = [project.running()["id"] for project in projects]
    yield [installation.pods(sojourn__run=run)[0] for run in runs]
    for project, run in zip(projects, runs, strict=True):
        project.stop(run)


def inside(installation: Installation, pod: Raw, *command: str) -> str:
    """What a command prints in a session."""
    name = pod["metadata"]["name"]
    return installation.kubectl("exec", name, "-c", "notebook", "--", *command).strip()


def reaches(installation: Installation, pod: Raw, address: str, port: int) -> bool:
    """Whether a session can connect."""
    return inside(installation, pod, "python3", "-c", CONNECT, address, str(port)) == "open"


def service(installation: Installation, part: str) -> str:
    """The address of a part's Service."""
    found = installation.kubectl.get("service", f"{installation.name}-{part}")
    assert found is not None
    return str(found["spec"]["clusterIP"])


def test_a_session_reaches_what_it_needs(installation: Installation, sessions: list[Raw]) -> None:
    assert reaches(installation, sessions[0], service(installation, "hub"), 8081)


@pytest.mark.parametrize("part", ["kubernetes", "database", "proxy api", "internal api", "other session"])
def test_a_session_does_not_reach(installation: Installation, sessions: list[Raw], part: str) -> None:
    kubectl = installation.kubectl
    kubernetes = kubectl("get", "service", "-n", "default", "kubernetes", "-o", "jsonpath={.spec.clusterIP}")
    api = installation.pods_of("api")[0]
    targets: dict[str, list[tuple[str, int]]] = {
        "kubernetes": [(kubernetes, 443)],
        "database": [(service(installation, "database"), 5432)],
        "proxy api": [(installation.address_of(installation.pods_of("proxy")[0]), 8001)],
        "internal api": [(installation.address_of(api), port) for port in installation.ports_of(api)],
        "other session": [(sessions[1]["status"]["podIP"], 8888)],
    }
    assert targets[part]
    for address, port in targets[part]:
        assert not reaches(installation, sessions[0], address, port), (address, port)


def test_a_session_has_no_right_at_the_cluster(installation: Installation, sessions: list[Raw]) -> None:
    spec: dict[str, Any] = sessions[0]["spec"]
    assert spec["automountServiceAccountToken"] is False
    folder = "/var/run/secrets/kubernetes.io"
    assert (
        inside(installation, sessions[0], "sh", "-c", f"test -e {folder} && echo there || echo none")
        == "none"
    )


def test_the_api_may_not_read_secrets(installation: Installation) -> None:
    account = f"system:serviceaccount:{installation.kubectl.namespace}:{installation.name}-api"
    for verb in ("get", "list", "watch"):
        asked = installation.kubectl.run("auth", "can-i", verb, "secrets", f"--as={account}")
        assert asked.stdout.strip() == "no"
