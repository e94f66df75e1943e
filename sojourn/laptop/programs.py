"""The three programs of a laptop's Sojourn: what is started, with which environment."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from urllib.parse import urlsplit

from sojourn.laptop import traefik
from sojourn.laptop.children import CHILD_VARIABLE, Program
from sojourn.laptop.data import CACHE_VARIABLE, DATA_VARIABLE, DataFolder, Secret, State, cache_folder
from sojourn.laptop.machine import classes_file
from spawner import computer_programs

DATABASE_VARIABLE = "SOJOURN_DATABASE_URL"
"""Names another database than the data folder's own, as a SQLAlchemy URL."""

INSECURE_REGISTRIES = ("localhost", "127.0.0.1")
"""Hosts whose registries are spoken to over http."""

ACTIVITY_VARIABLE = "SOJOURN_ACTIVITY_SECONDS"
PASSED_ON = tuple(
    f"SOJOURN_{name}"
    for name in (
        "IDLE_MINUTES",
        "IDLE_MINUTES_MOST",
        "LIFE_HOURS",
        "LIFE_HOURS_MOST",
        "PAUSE_WARNING_MINUTES",
        "KEEP_ALIVE_HOURS",
    )
)
"""Settings of the API that this computer's owner may set: when sessions pause by themselves."""
_ACTIVITY_SECONDS = 60

_HERE = Path(__file__).parent
_PYTHON = (sys.executable, "-P")  # never a module from the folder it runs in
_STRANGERS = ("SOJOURN_", "JUPYTER", "JPY_", "NOTEBOOK_")
"""Variables of another Sojourn or of a Jupyter in whose terminal this one may have been started."""


def api(data: DataFolder, state: State) -> Program:
    """The API and the pages."""
    address = f"http://127.0.0.1:{state.ports.api}"
    environment = _environment(data) | {
        "SOJOURN_DATABASE_URL": os.environ.get(DATABASE_VARIABLE) or data.database_url,
        "SOJOURN_PUBLIC_URL": state.url,
        "SOJOURN_OWN_HOSTS": "true" if state.own_hosts else "false",
        "SOJOURN_SESSIONS_URL": state.local_url,
        "SOJOURN_HOST": "127.0.0.1",
        "SOJOURN_PORT": str(state.ports.api),
        "SOJOURN_HUB_API_URL": f"http://127.0.0.1:{state.ports.hub}/hub/api",
        "SOJOURN_HUB_TOKEN": data.secret(Secret.HUB_TOKEN),
        "SOJOURN_SPAWNER_TOKEN": data.secret(Secret.SPAWNER_TOKEN),
        "SOJOURN_COOKIE_SECRET": data.secret(Secret.API_COOKIE),
        "SOJOURN_SECRETS_KEY": data.secret(Secret.SECRETS_KEY),
        "SOJOURN_ENVIRONMENTS_DIR": str(_environments_folder()),
        "SOJOURN_RESOURCE_CLASSES_FILE": str(classes_file(data)),
        "SOJOURN_LOCAL_REPOSITORIES": "true",
        "SOJOURN_PRIVATE_ADDRESSES": "true",
        "SOJOURN_REGISTRY_PRIVATE": "*",
        "SOJOURN_REGISTRY_INSECURE": ",".join(INSECURE_REGISTRIES),
        "SOJOURN_STORAGE_ROOTS": str(Path.home()),
        "SOJOURN_LAPTOP": "true",
        "SOJOURN_CONTAINERS": "true" if state.engine else "false",
        "SOJOURN_COMPUTER_PROGRAMS": ",".join(computer_programs.found()),
        "SOJOURN_ACTIVITY_SECONDS": str(activity_seconds()),
        **{name: value for name in PASSED_ON if (value := os.environ.get(name))},
    }
    return Program(
        key="api",
        title="The API",
        command=(*_PYTHON, "-m", "sessions_api"),
        environment=environment,
        folder=data.root,
        log=data.logs / "api.log",
        health_urls=(f"{address}/healthz",),
    )


def activity_seconds() -> int:
    """How often sessions tell of activity: a hub of one computer has few of them."""
    return int(os.environ.get(ACTIVITY_VARIABLE) or _ACTIVITY_SECONDS)


def hub(data: DataFolder, state: State) -> Program:
    """JupyterHub."""
    return Program(
        key="hub",
        title="The hub",
        command=(*_PYTHON, "-m", "sojourn.laptop.hub_start", "-f", str(_HERE / "hub_config.py")),
        environment=_environment(data) | {ACTIVITY_VARIABLE: str(activity_seconds())},
        folder=data.hub,
        log=data.logs / "hub.log",
        health_urls=(f"http://127.0.0.1:{state.ports.hub}/hub/api/",),
    )


def proxy(data: DataFolder, state: State) -> Program:
    """Traefik."""
    return Program(
        key="proxy",
        title="The proxy",
        command=traefik.command(data),
        environment=_environment(data),
        folder=data.proxy,
        log=data.logs / "proxy.log",
        health_urls=(f"{state.local_url}/healthz", f"{state.local_url}/hub/api/"),
        host=urlsplit(state.url).netloc,
    )


def _environment(data: DataFolder) -> dict[str, str]:
    own = {name: value for name, value in os.environ.items() if not name.startswith(_STRANGERS)}
    programs = os.pathsep.join([str(Path(sys.executable).parent), own.get("PATH", os.defpath)])
    # The three talk to each other on this computer, never through a company's proxy.
    direct = ",".join(filter(None, ["127.0.0.1", "localhost", own.get("no_proxy") or own.get("NO_PROXY")]))
    return own | {
        "PATH": programs,
        "NO_PROXY": direct,
        "no_proxy": direct,
        DATA_VARIABLE: str(data.root),
        CACHE_VARIABLE: str(cache_folder()),
        CHILD_VARIABLE: str(data.root),
    }


def _environments_folder() -> Path:
    """The default environments: part of the installed package, or of the checkout."""
    installed = _HERE / "environments"
    return installed if installed.is_dir() else _HERE.parents[1] / "environments"
