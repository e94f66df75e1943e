"""A real JupyterHub on this machine that starts sessions in a namespace of the cluster."""

from __future__ import annotations

from pathlib import Path

from tests.kube import Kubectl, host, image
from tests.spawner.hub import Hub
from tests.spawner.stand_in_api import StandInApi


class KubeHub(Hub):
    """One hub.

    Args:
        config: what an administrator adds to its configuration, as Python.
        kubeconfig: another way to the cluster than the tests' own.
    """

    config_file = Path(__file__).with_name("hub_config.py")

    def __init__(
        self,
        folder: Path,
        api: StandInApi,
        kubectl: Kubectl,
        config: str = "",
        kubeconfig: Path | None = None,
    ) -> None:
        super().__init__(folder, api, folder)
        self.database = folder / "hub.sqlite"
        if kubeconfig is not None:
            self._environment["KUBECONFIG"] = str(kubeconfig)
        self._environment |= {
            "SOJOURN_TEST_HOST": host(),
            "TEST_NAMESPACE": kubectl.namespace,
            "TEST_SOJOURN_IMAGE": image("sojourn"),
            "TEST_HUB_CONFIG": config,
        }

    def configure(self, config: str) -> None:
        """Another administrator's part, from the next start on."""
        self._environment["TEST_HUB_CONFIG"] = config
