"""Two installations on one cluster, whose sessions are in the same namespace even."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cluster.conftest import free_node_port
from tests.cluster.installation import Installation, merged, trial_values
from tests.e2e.projects import Project
from tests.kube import Kubectl, fresh_namespace

pytestmark = [pytest.mark.cluster, pytest.mark.slow, pytest.mark.timeout(400)]


@pytest.fixture
def shared(kubernetes: str) -> Iterator[Kubectl]:
    """A namespace for the sessions of both."""
    with fresh_namespace(prefix="chart") as made:
        yield made


@pytest.fixture
def pair(shared: Kubectl, tmp_path: Path) -> Iterator[tuple[Installation, Installation]]:
    """Two of the same name, each in a namespace of its own; the other's hub keeps its database in a file."""
    change = {"api": {"replicas": 1}, "sessions": {"namespace": shared.namespace}}
    values = [merged(trial_values(free_node_port()), change) for _ in range(2)]
    values[1] = merged(values[1], {"hub": {"claim": {"enabled": True}}})
    with (
        fresh_namespace(prefix="chart") as first,
        fresh_namespace(prefix="chart") as second,
        Installation(first, tmp_path, values[0]) as one,
        Installation(second, tmp_path, values[1]) as other,
    ):
        yield one, other


def test_one_going_takes_nothing_of_the_other(
    pair: tuple[Installation, Installation], shared: Kubectl
) -> None:
    for installation in pair:
        Project.with_session(installation).running()
    pods = {pod["metadata"]["labels"]["sojourn/installation"]: pod for pod in shared.list("pod")}
    one, other = pair
    homes = [f"{each.kubectl.namespace}.sojourn" for each in pair]
    assert sorted(pods) == sorted(homes)

    one.helm("uninstall", one.name, "--timeout=120s")

    left = [pod for pod in shared.list("pod") if "deletionTimestamp" not in pod["metadata"]]
    assert [pod["metadata"]["uid"] for pod in left] == [pods[homes[1]]["metadata"]["uid"]]
    runs = other.http().get("/api/v1/runs").json()["items"]
    assert [run["phase"] for run in runs] == ["running"]
    rights = f"system:serviceaccount:{other.kubectl.namespace}:sojourn-hub"
    assert other.kubectl.run("auth", "can-i", "list", "pods", f"--as={rights}").returncode != 0
