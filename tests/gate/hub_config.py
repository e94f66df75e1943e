"""A real JupyterHub whose sessions are gates in front of programs of the tests."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from jupyterhub.spawner import SimpleLocalProcessSpawner
from traitlets.config import get_config

load_subconfig(str(Path(__file__).parents[1] / "spawner" / "hub_config.py"))  # type: ignore[name-defined]  # noqa: F821


class GateSpawner(SimpleLocalProcessSpawner):  # type: ignore[misc]
    """Starts a gate with the environment variables, at the port and by the runner that a test asks for."""

    @property
    def asked(self) -> dict[str, Any]:
        """What the test asks for; JupyterHub before 6 takes the whole body of the request for it."""
        options: dict[str, Any] = self.user_options.get("user_options", self.user_options)
        return options

    def get_env(self) -> dict[str, str]:
        variables: dict[str, str] = super().get_env()
        return variables | self.asked["variables"]

    async def start(self) -> tuple[str, int]:
        self.cmd = [*self.asked["runner"], sys.executable, "-m", "spawner.gate"]
        self.port = self.asked["port"]
        address: tuple[str, int] = await super().start()
        return address

    def get_args(self) -> list[str]:
        return []


c = get_config()
c.JupyterHub.spawner_class = GateSpawner
c.JupyterHub.cleanup_servers = True
c.JupyterHub.load_roles = [
    {
        "name": "tests",
        "services": ["tests"],
        "scopes": ["admin:users", "admin:servers", "tokens", "read:hub", "access:servers"],
    }
]
c.GateSpawner.home_dir_template = os.environ["TEST_HUB_FOLDER"] + "/{username}"
c.GateSpawner.ip = "127.0.0.1"
c.GateSpawner.env_keep = ["PATH", "PYTHONPATH"]
c.GateSpawner.http_timeout = 60
# A gate that was started again, as a kubelet does it, is not the process that the hub started and looks for.
c.GateSpawner.poll_interval = 0
