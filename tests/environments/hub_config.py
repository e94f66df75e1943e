"""A hub without a proxy: it starts sessions with `spawner.fast_start` and writes its routes to a file."""

import asyncio
import json
import os
from pathlib import Path

from jupyterhub.proxy import Proxy
from traitlets.config import get_config

from spawner.fast_start import command

c = get_config()
settings = json.loads(os.environ["HUB_SETTINGS"])


class RoutesInAFile(Proxy):
    should_start = False
    routes: dict[str, dict[str, object]] = {}

    async def add_route(self, routespec: str, target: str, data: object) -> None:
        self.routes[routespec] = {"routespec": routespec, "target": target, "data": data}
        targets = {key: one["target"] for key, one in self.routes.items()}
        await asyncio.to_thread(Path("routes.json").write_text, json.dumps(targets))

    async def delete_route(self, routespec: str) -> None:
        self.routes.pop(routespec, None)

    async def get_all_routes(self) -> dict[str, dict[str, object]]:
        return self.routes


c.JupyterHub.proxy_class = RoutesInAFile
c.JupyterHub.bind_url = settings["origin"]
c.JupyterHub.hub_bind_url = settings["hub"]
c.JupyterHub.authenticator_class = "dummy"
c.DummyAuthenticator.password = settings["password"]
c.Authenticator.allow_all = True
c.JupyterHub.allow_named_servers = True
c.JupyterHub.services = [{"name": "test", "api_token": settings["token"]}]
c.JupyterHub.load_roles = [{"name": "test", "services": ["test"], "scopes": ["admin:users", "admin:servers"]}]
c.JupyterHub.spawner_class = "simple"
c.SimpleLocalProcessSpawner.home_dir_template = settings["home"]
c.Spawner.cmd = command(Path(settings["venv"]), ("jupyterhub-singleuser", "--allow-root"))
c.Spawner.env_keep = ["PATH", "LANG"]
c.Spawner.environment = {"PYTHONPROFILEIMPORTTIME": "1"}
