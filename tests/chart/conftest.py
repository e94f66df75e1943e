from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.chart.helm import helm
from tests.cluster.conftest import free_node_port
from tests.cluster.front import Front
from tests.cluster.installation import Installation, merged, trial_values
from tests.kube import Kubectl, fresh_namespace, kubernetes
from tests.registry.certificates import Authority

__all__ = ["helm", "kubernetes"]


HOST = "sojourn.test"


@pytest.fixture(scope="package")
def home(kubernetes: str) -> Iterator[Kubectl]:
    """The namespace of the installation that the tests of the chart share."""
    with fresh_namespace(prefix="chart") as kubectl:
        yield kubectl


@pytest.fixture(scope="package")
def front(home: Kubectl, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    """What ends TLS before it, as an ingress in a namespace of its own."""
    authority = Authority(tmp_path_factory.mktemp("authority"))
    with fresh_namespace(prefix="front") as kubectl:
        yield Front(kubectl, authority, HOST, to=f"http://sojourn-proxy.{home.namespace}.svc:80")


@pytest.fixture(scope="package")
def installation(
    home: Kubectl, front: Front, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Installation]:
    """An installation as people have it: behind https, with hosts of their own for sessions."""
    change = {
        "url": f"https://{HOST}",
        # On the tests' node the API of Kubernetes has the address of the git server that others allow.
        "sessions": {"ownHosts": True, "egress": {"allowedCidrs": []}},
    }
    values = merged(trial_values(free_node_port()), change)
    with Installation(
        home, tmp_path_factory.mktemp("installation"), values, transport=front.transport
    ) as made:
        yield made
