"""A real JupyterHub for the spawner's tests; what differs between tests comes in the environment."""

from __future__ import annotations

import os
from typing import Any

from jupyterhub.proxy import Proxy
from traitlets.config import get_config


class RoutesInMemory(Proxy):
    """Keeps routes and passes nothing on: the tests speak to hub and sessions directly."""

    should_start = False

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._routes: dict[str, dict[str, Any]] = {}

    async def add_route(self, routespec: str, target: str, data: dict[str, Any]) -> None:
        self._routes[routespec] = {"routespec": routespec, "target": target, "data": data}

    async def delete_route(self, routespec: str) -> None:
        self._routes.pop(routespec, None)

    async def get_all_routes(self) -> dict[str, dict[str, Any]]:
        return self._routes


c = get_config()
c.JupyterHub.proxy_class = RoutesInMemory
c.JupyterHub.bind_url = os.environ["TEST_PUBLIC_URL"]
c.JupyterHub.hub_bind_url = os.environ["TEST_HUB_URL"]
c.JupyterHub.db_url = f"sqlite:///{os.environ['TEST_HUB_FOLDER']}/hub.sqlite"
c.JupyterHub.cookie_secret_file = f"{os.environ['TEST_HUB_FOLDER']}/cookie-secret"
c.JupyterHub.authenticator_class = "dummy"
c.Authenticator.allow_all = True
c.JupyterHub.allow_named_servers = True
c.JupyterHub.cleanup_servers = False
c.JupyterHub.tornado_settings = {"slow_spawn_timeout": 0}
c.JupyterHub.services = [{"name": "tests", "api_token": os.environ["TEST_HUB_TOKEN"]}]
c.JupyterHub.load_roles = [
    {
        "name": "tests",
        "services": ["tests"],
        "scopes": ["admin:users", "admin:servers", "admin:server_state", "read:hub"],
    }
]
c.JupyterHub.spawner_class = "spawner.local.LocalSessionSpawner"
c.Spawner.start_timeout = 60
c.LocalSessionSpawner.sojourn_url = os.environ["TEST_API_URL"]
c.LocalSessionSpawner.sojourn_token = os.environ["SOJOURN_SPAWNER_TOKEN"]
c.LocalSessionSpawner.data_dir = os.environ["TEST_DATA"]
c.LocalSessionSpawner.cache_dir = os.environ["TEST_CACHE"]
c.LocalSessionSpawner.answer_timeout = 8
c.LocalSessionSpawner.stop_grace = 3
