"""What makes a JupyterHub the hub of a Sojourn, wherever it runs: routes, rights and named servers.

Used by the hub of `sojourn up`, by the chart's, and by the hub of an installation that was there before
(docs/zero-to-jupyterhub.md); needs nothing but the standard library.
"""

from __future__ import annotations

from typing import Any

from sojourn import own_hosts as hosts_of_people

SERVICE = "sojourn"
"""The API's name as a service of the hub."""

ADMINS = "sojourn-admins"
"""The hub's group of those who administer the platform; so do those who have `ADMIN_SCOPE`.

Not the hub's own admins: these may start servers past the service.
"""

READ_SCOPE = "custom:sojourn:read"
SESSIONS_SCOPE = "custom:sojourn:sessions"
ADMIN_SCOPE = "custom:sojourn:admin"
CUSTOM_SCOPES = {
    READ_SCOPE: {"description": "See in Sojourn what one sees, and change nothing"},
    SESSIONS_SCOPE: {
        "description": "Also start, pause and stop one's sessions in Sojourn",
        "subscopes": [READ_SCOPE],
    },
    ADMIN_SCOPE: {"description": "Administer the platform of Sojourn"},
}
"""What tokens may be limited to, and what a role of the hub's may have in the place of the group `ADMINS`."""

PERSON_SCOPES = (
    # The hub's own role has "self", which includes starting servers with any options.
    "read:users!user",
    "access:servers!user",
    "users:activity!user",
    f"access:services!service={SERVICE}",
    SESSIONS_SCOPE,
)
SERVICE_SCOPES = (
    "admin:users",
    "admin:servers",
    "admin:server_state",
    "access:servers",
    "list:users",
    "read:hub",
    "shares",
    "tokens",
)

_LAUNCH_SECONDS = 3600


def configure(config: Any, *, public_url: str, api_url: str, hub_token: str, own_hosts: bool = False) -> None:
    """Sets what every hub of a Sojourn has in common; what is set after this counts.

    Args:
        config: the hub's configuration (`c`, of `get_config()`).
        public_url: the origin that people see, without a slash at the end.
        api_url: where the proxy reaches the API, which has all paths that are not the hub's or a session's.
        hub_token: the API's token of the hub.
        own_hosts: whether people's sessions have hosts of their own below that of `public_url`, which is what
            sharing needs.
    """
    config.JupyterHub.hub_routespec = "/hub/"
    config.JupyterHub.default_url = "/"
    config.Proxy.should_start = False
    config.Proxy.extra_routes = {"/": api_url}
    config.JupyterHub.services = [*_own(config, "services"), service(public_url, hub_token)]
    own_scopes = config.JupyterHub.custom_scopes if "custom_scopes" in config.JupyterHub else {}
    config.JupyterHub.custom_scopes = {**own_scopes, **CUSTOM_SCOPES}
    config.JupyterHub.load_roles = [*_own(config, "load_roles"), *roles()]
    # The one cookie for which the hub does not look at `public_url`.
    secured = {"xsrf_cookie_kwargs": {"secure": True}} if public_url.startswith("https:") else {}
    config.JupyterHub.tornado_settings = {"slow_spawn_timeout": 0, **secured}
    _configure_servers(config)
    if own_hosts:
        hosts_of_people.configure(config, public_url=public_url, api_url=api_url)


def configure_pods(
    config: Any, *, internal_url: str, spawner_token: str, image: str, installation: str, namespace: str
) -> None:
    """Has the hub start sessions as pods; KubeSpawner's own settings go on counting.

    Args:
        config: as above.
        internal_url: where the hub reaches the API.
        spawner_token: what the spawner shows there.
        image: Sojourn's own.
        installation: what the labels of pods and claims say; the API's is the same.
        namespace: where the pods are.
    """
    config.JupyterHub.spawner_class = "spawner.kubernetes.KubeSessionSpawner"
    if "proxy_class" not in config.JupyterHub:
        config.JupyterHub.proxy_class = "sojourn.cluster.proxy.SessionProxy"
    config.KubeSessionSpawner.sojourn_url = internal_url
    config.KubeSessionSpawner.sojourn_token = spawner_token
    config.KubeSessionSpawner.sojourn_image = image
    config.KubeSessionSpawner.installation = installation
    config.KubeSessionSpawner.namespace = namespace


def service(public_url: str, hub_token: str) -> dict[str, Any]:
    """The API as a service that people log in to without being asked whether they mean it."""
    return {
        "name": SERVICE,
        "api_token": hub_token,
        "oauth_client_id": f"service-{SERVICE}",
        "oauth_redirect_uri": f"{public_url}/oauth/callback",
        "oauth_no_confirm": True,
        # A login tells whether somebody has it; who has not cannot give it away.
        "oauth_client_allowed_scopes": [ADMIN_SCOPE],
    }


def roles() -> list[dict[str, Any]]:
    """What people and the API may do: nobody but the API starts sessions."""
    return [
        {"name": "user", "scopes": list(PERSON_SCOPES)},
        {"name": SERVICE, "services": [SERVICE], "scopes": list(SERVICE_SCOPES)},
    ]


def _configure_servers(config: Any) -> None:
    """Sessions outlive the hub and are found again by the next one; the API says how many there may be."""
    config.JupyterHub.cleanup_servers = False
    # A session that was starting when the hub died waits for the hub: the hub must not wait for it.
    config.JupyterHub.init_spawners_timeout = 1
    config.JupyterHub.allow_named_servers = True
    config.JupyterHub.named_server_limit_per_user = 0
    config.JupyterHub.concurrent_spawn_limit = 0
    config.JupyterHub.active_server_limit = 0
    config.Spawner.start_timeout = _LAUNCH_SECONDS


def _own(config: Any, trait: str) -> list[Any]:
    """What an installation has set of a list already; traitlets makes a list up where there is none."""
    return list(config.JupyterHub[trait]) if trait in config.JupyterHub else []
