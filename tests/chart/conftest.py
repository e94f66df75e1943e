from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.chart.helm import helm
from tests.cluster.conftest import free_node_port
from tests.cluster.installation import Installation, merged, trial_values
from tests.kube import fresh_namespace, kubernetes

__all__ = ["helm", "kubernetes"]


@pytest.fixture(scope="module")
def installation(kubernetes: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """An installation that the tests of a module share."""
    folder = tmp_path_factory.mktemp("installation")
    # On the tests' node the API of Kubernetes has the address of the git server that others allow.
    values = merged(trial_values(free_node_port()), {"sessions": {"egress": {"allowedCidrs": []}}})
    with (
        fresh_namespace(prefix="chart") as kubectl,
        Installation(kubectl, folder, values) as made,
    ):
        yield made
