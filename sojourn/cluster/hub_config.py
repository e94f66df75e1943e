"""JupyterHub's configuration in a cluster; `jupyterhub -f` runs this file with $SOJOURN_HUB_VALUES set."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine
from sqlalchemy.exc import OperationalError

from sojourn import hub_settings
from sojourn.cluster.values import FILE_VARIABLE, SHARED_PASSWORD, HubSecrets, HubValues

EXTRA_VARIABLE = "SOJOURN_HUB_EXTRA_CONFIG"
"""Names a folder of Python files that are run last, in the order of their names, with `c`."""

PORT = 8081

_PROMETHEUS = "prometheus"
_ROUTES_CHECK_SECONDS = 5
"""The proxy keeps routes in memory: this long after it was started anew all sessions have theirs again."""

_DATABASE_SECONDS = 120.0
_DATABASE_PAUSE = 1.0


def configure(config: Any, values: HubValues, secrets: HubSecrets) -> None:
    """Sets everything that differs from the hub's own defaults."""
    hub_settings.configure(
        config,
        public_url=values.url,
        api_url=values.api_url,
        hub_token=secrets.hub_token.get_secret_value(),
        own_hosts=values.sessions.own_hosts,
    )
    _configure_addresses(config, values)
    _configure_people(config, values, secrets)
    _configure_sessions(config, values, secrets)
    _configure_metrics(config, secrets)
    config.JupyterHub.db_url = secrets.hub_database_url.get_secret_value()
    config.JupyterHub.upgrade_db = True
    for name, settings in values.config.items():
        config[name].update(settings)


def _configure_addresses(config: Any, values: HubValues) -> None:
    """Sojourn at `/`, the hub at `/hub/`, sessions at `/user/`: of one host, unless people have their own."""
    config.JupyterHub.public_url = f"{values.url}/"
    config.JupyterHub.bind_url = "http://:8000/"
    config.JupyterHub.hub_bind_url = f"http://:{PORT}"
    config.JupyterHub.hub_connect_url = values.hub_url
    config.ConfigurableHTTPProxy.api_url = values.proxy_api_url
    config.JupyterHub.cleanup_proxy = False
    config.JupyterHub.last_activity_interval = _ROUTES_CHECK_SECONDS


def _configure_people(config: Any, values: HubValues, secrets: HubSecrets) -> None:
    """Who may log in, and how."""
    authentication = values.authentication
    config.JupyterHub.authenticator_class = authentication.authenticator
    config.Authenticator.allowed_users = set(authentication.people)
    if authentication.admins:
        config.JupyterHub.load_groups = {hub_settings.ADMINS: {"users": list(authentication.admins)}}
        config.Authenticator.allowed_users |= set(authentication.admins)
    if authentication.authenticator == SHARED_PASSWORD:
        password = secrets.trial_password
        config.SharedPasswordAuthenticator.user_password = password and password.get_secret_value()
        config.Authenticator.allow_all = not authentication.people
    for name, settings in authentication.config.items():
        config[name].update(settings)


def _configure_sessions(config: Any, values: HubValues, secrets: HubSecrets) -> None:
    """Sessions are pods."""
    hub_settings.configure_pods(
        config,
        internal_url=values.internal_url,
        spawner_token=secrets.spawner_token.get_secret_value(),
        image=values.sessions.image,
        installation=values.installation,
        namespace=values.sessions.namespace,
    )
    # By this label the hub finds its pods: another installation's in the same namespace are not among them.
    config.KubeSessionSpawner.component_label = values.installation
    config.KubeSessionSpawner.update(values.sessions.config)


def _configure_metrics(config: Any, secrets: HubSecrets) -> None:
    """Prometheus reads the hub's metrics with a token that is good for nothing else."""
    config.JupyterHub.services = [
        *config.JupyterHub.services,
        {"name": _PROMETHEUS, "api_token": secrets.metrics_token.get_secret_value()},
    ]
    config.JupyterHub.load_roles = [
        *config.JupyterHub.load_roles,
        {"name": _PROMETHEUS, "services": [_PROMETHEUS], "scopes": ["read:metrics"]},
    ]


def _wait_for_database(url: str) -> None:
    """Returns when the database takes connections: it may be starting with the hub.

    Raises:
        OperationalError: it took none for `_DATABASE_SECONDS`.
    """
    engine = create_engine(url)
    end = time.monotonic() + _DATABASE_SECONDS
    while True:
        try:
            engine.connect().close()
        except OperationalError:
            if time.monotonic() > end:
                raise
            time.sleep(_DATABASE_PAUSE)
        else:
            return engine.dispose()


def _run_extra(config: Any, folder: Path) -> None:
    """What the installation's administrators wrote, as JupyterHub's own configuration files are run."""
    for file in sorted(folder.glob("*.py")):
        exec(compile(file.read_text(encoding="utf-8"), file, "exec"), {"c": config})  # noqa: S102


def _configure_from_environment(config: Any) -> None:
    secrets = HubSecrets()
    configure(config, HubValues.load(Path(os.environ[FILE_VARIABLE])), secrets)
    if extra := os.environ.get(EXTRA_VARIABLE):
        _run_extra(config, Path(extra))
    _wait_for_database(config.JupyterHub.db_url)


if "get_config" in globals():  # the hub puts it there when it runs this file
    _configure_from_environment(globals()["get_config"]())
