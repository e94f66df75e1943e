"""JupyterHub's configuration on a laptop; `jupyterhub -f` runs this file with $SOJOURN_DATA set."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sojourn.laptop.data import DataFolder, Secret, State, cache_folder, data_folder
from sojourn.laptop.errors import LaptopError
from sojourn.laptop.traefik import PUBLIC, routes_file

SERVICE = "sojourn"

_LAUNCH_SECONDS = 3600
_ROUTES_CHECK_SECONDS = 60


def configure(config: Any, data: DataFolder, state: State) -> None:
    """Sets everything that differs from the hub's own defaults."""
    _configure_addresses(config, data, state)
    _configure_people(config, data, state)
    _configure_sessions(config, data, state)
    config.JupyterHub.db_url = f"sqlite:///{data.hub / 'jupyterhub.sqlite'}"
    config.JupyterHub.upgrade_db = True
    config.JupyterHub.cookie_secret_file = str(data.hub / "cookie-secret")
    config.JupyterHub.log_level = "WARN"
    config.JupyterHub.template_vars = {"link_command": data.link_command}
    config.JupyterHub.template_paths = [str(Path(__file__).parent / "templates")]


def _configure_addresses(config: Any, data: DataFolder, state: State) -> None:
    """One origin: Sojourn at `/`, the hub at `/hub/`, sessions at `/user/`."""
    config.JupyterHub.bind_url = state.url
    config.JupyterHub.hub_bind_url = f"http://127.0.0.1:{state.ports.hub}"
    config.JupyterHub.hub_routespec = "/hub/"
    config.JupyterHub.default_url = "/"
    config.JupyterHub.proxy_class = "sojourn.laptop.proxy.LaptopProxy"
    config.JupyterHub.cleanup_proxy = False
    config.JupyterHub.last_activity_interval = _ROUTES_CHECK_SECONDS
    config.Proxy.should_start = False
    config.Proxy.extra_routes = {"/": _api(state)}
    config.LaptopProxy.traefik_entrypoint = PUBLIC
    config.LaptopProxy.routes_file = str(routes_file(data))
    config.LaptopProxy.internal_url = f"http://127.0.0.1:{state.ports.proxy}"


def _configure_people(config: Any, data: DataFolder, state: State) -> None:
    """Who may log in, and what they may do: nobody but the service starts sessions."""
    config.JupyterHub.authenticator_class = "sojourn.laptop.login.OneTimeLinkAuthenticator"
    config.OneTimeLinkAuthenticator.data_dir = str(data.root)
    config.Authenticator.allowed_users = set(state.people)
    # Not even the computer's owner is the hub's admin: that role may start servers past the service.
    config.JupyterHub.load_groups = {"sojourn-admins": {"users": [state.people[0]]}}
    config.Authenticator.allow_existing_users = False
    config.JupyterHub.services = [
        {
            "name": SERVICE,
            "api_token": data.secret(Secret.HUB_TOKEN),
            "oauth_client_id": f"service-{SERVICE}",
            "oauth_redirect_uri": f"{state.url}/oauth/callback",
            "oauth_no_confirm": True,
        }
    ]
    config.JupyterHub.load_roles = [
        {
            # The hub's own role has "self", which includes starting servers with any options.
            "name": "user",
            "scopes": [
                "read:users!user",
                "access:servers!user",
                "users:activity!user",
                f"access:services!service={SERVICE}",
            ],
        },
        {
            "name": SERVICE,
            "services": [SERVICE],
            "scopes": [
                "admin:users",
                "admin:servers",
                "admin:server_state",
                "access:servers",
                "list:users",
                "read:hub",
                "shares",
                "tokens",
            ],
        },
    ]


def _configure_sessions(config: Any, data: DataFolder, state: State) -> None:
    """Sessions are processes that outlive the hub and are found again by the next one."""
    config.JupyterHub.spawner_class = "spawner.local.LocalSessionSpawner"
    config.LocalSessionSpawner.sojourn_url = _api(state)
    config.LocalSessionSpawner.sojourn_token = data.secret(Secret.SPAWNER_TOKEN)
    config.LocalSessionSpawner.data_dir = str(data.root)
    config.LocalSessionSpawner.cache_dir = str(cache_folder())
    config.Spawner.start_timeout = _LAUNCH_SECONDS
    config.Spawner.http_timeout = 10
    config.JupyterHub.cleanup_servers = False
    # A session that was starting when the hub died waits for the hub: the hub must not wait for it.
    config.JupyterHub.init_spawners_timeout = 1
    config.JupyterHub.allow_named_servers = True
    config.JupyterHub.named_server_limit_per_user = 0
    config.JupyterHub.concurrent_spawn_limit = 0
    config.JupyterHub.active_server_limit = 0
    config.JupyterHub.tornado_settings = {"slow_spawn_timeout": 0}


def _api(state: State) -> str:
    return f"http://127.0.0.1:{state.ports.api}"


def _configure_from_data_folder(config: Any) -> None:
    data = data_folder(None)
    state = data.read_state()
    if state is None:
        raise LaptopError(f"{data.root} holds no up.json. The hub is started by `sojourn up` only.")
    configure(config, data, state)


if "get_config" in globals():  # the hub puts it there when it runs this file
    _configure_from_data_folder(globals()["get_config"]())
