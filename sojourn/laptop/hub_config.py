"""JupyterHub's configuration on a laptop; `jupyterhub -f` runs this file with $SOJOURN_DATA set."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sojourn import hub_settings
from sojourn.laptop.data import DataFolder, Secret, State, cache_folder, data_folder
from sojourn.laptop.errors import LaptopError
from sojourn.laptop.programs import INSECURE_REGISTRIES, activity_seconds
from sojourn.laptop.traefik import PUBLIC, program, routes_file

_ROUTES_CHECK_SECONDS = 60


def configure(config: Any, data: DataFolder, state: State) -> None:
    """Sets everything that differs from the hub's own defaults."""
    hub_settings.configure(
        config,
        public_url=state.url,
        api_url=_api(state),
        hub_token=data.secret(Secret.HUB_TOKEN),
        own_hosts=state.own_hosts is not None,
    )
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
    """Sojourn at `/`, the hub at `/hub/`, sessions at `/user/`: of one host, unless people have their own."""
    config.JupyterHub.bind_url = state.local_url
    config.JupyterHub.hub_bind_url = f"http://127.0.0.1:{state.ports.hub}"
    config.JupyterHub.proxy_class = "sojourn.laptop.proxy.LaptopProxy"
    config.JupyterHub.cleanup_proxy = False
    config.JupyterHub.last_activity_interval = _ROUTES_CHECK_SECONDS
    config.LaptopProxy.traefik_entrypoint = PUBLIC
    config.LaptopProxy.routes_file = str(routes_file(data))
    config.LaptopProxy.internal_url = f"http://127.0.0.1:{state.ports.proxy}"


def _configure_people(config: Any, data: DataFolder, state: State) -> None:
    """Who may log in."""
    config.JupyterHub.authenticator_class = "sojourn.laptop.login.OneTimeLinkAuthenticator"
    config.OneTimeLinkAuthenticator.data_dir = str(data.root)
    config.Authenticator.allowed_users = set(state.people)
    # Not even the computer's owner is the hub's admin: that role may start servers past the service.
    config.JupyterHub.load_groups = {hub_settings.ADMINS: {"users": [state.people[0]]}}
    config.Authenticator.allow_existing_users = False


def _configure_sessions(config: Any, data: DataFolder, state: State) -> None:
    """Sessions are processes and containers that outlive the hub and are found again by the next one."""
    config.JupyterHub.spawner_class = "spawner.local.LocalSessionSpawner"
    config.LocalSessionSpawner.sojourn_url = _api(state)
    config.LocalSessionSpawner.sojourn_token = data.secret(Secret.SPAWNER_TOKEN)
    config.LocalSessionSpawner.activity_seconds = activity_seconds()
    config.LocalSessionSpawner.data_dir = str(data.root)
    config.LocalSessionSpawner.cache_dir = str(cache_folder())
    config.LocalSessionSpawner.container_engine = state.engine.model_dump() if state.engine else {}
    config.LocalSessionSpawner.installation = data.installation
    config.LocalSessionSpawner.relay_program = str(program())
    config.LocalSessionSpawner.insecure_registries = list(INSECURE_REGISTRIES)


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
