"""What the gate is told by its environment variables."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, unquote, urlsplit

_ACTIVITY_SECONDS = 300.0
"""As jupyterhub-singleuser, where the hub names no interval."""


class SettingsError(Exception):
    """The environment variables do not describe a gate; the message says which and why."""


@dataclass(frozen=True)
class Settings:
    """One gate's settings.

    Attributes:
        host, port: where the gate listens.
        prefix: path of the session, begins and ends with `/`.
        default_url: path and query below the prefix that opens first; empty: the program's own root.
        app_port: where the program listens on 127.0.0.1; 0: at no port.
        app_socket: path of the Unix socket where it listens instead; else empty.
        strips_prefix: whether the program sees paths that begin at `/`; else it sees the session's own.
        ready_path: path below the program's root that answers below 500 once it is up.
        hub_api_url: the hub's API, as this machine reaches it; ends without `/`.
        hub_host: scheme and host of the hub's pages where they are not this origin's; else empty.
        hub_prefix: path of the hub, begins and ends with `/`.
        public_host: host, and port if need be, that people reach the session at; empty: not known.
        is_public_https: whether people reach the session by HTTPS; None: not known.
        client_id: the session's name as a client of the hub's OAuth.
        cookie: the name of the session's cookie.
        cookie_path: path that its cookies are for.
        callback_url: path that the hub sends browsers back to.
        scopes: one of these a token must have to enter.
        server_name: the hub's name of the server.
        activity_url: where activity is reported; empty: nowhere.
        activity_seconds: how often at most.
        logs_requests: whether every request is logged, without its query.
        token: the session's own token for the hub.
    """

    host: str
    port: int
    prefix: str
    default_url: str
    app_port: int
    app_socket: str
    strips_prefix: bool
    ready_path: str
    hub_api_url: str
    hub_host: str
    hub_prefix: str
    public_host: str
    is_public_https: bool | None
    client_id: str
    cookie: str
    cookie_path: str
    callback_url: str
    scopes: frozenset[str]
    server_name: str
    activity_url: str
    activity_seconds: float
    logs_requests: bool
    token: str = field(repr=False)

    @property
    def app_root(self) -> str:
        """Path of the program's root as the program itself sees it."""
        return "/" if self.strips_prefix else self.prefix

    @classmethod
    def of(cls, variables: Mapping[str, str]) -> Settings:
        """The settings in environment variables: JupyterHub's own (`Spawner.get_env`) and `SOJOURN_…`.

        Raises:
            SettingsError: one is missing or makes no sense.
        """
        address = urlsplit(_needed(variables, "JUPYTERHUB_SERVICE_URL"))
        if address.scheme != "http":
            raise SettingsError(
                "JUPYTERHUB_SERVICE_URL is no http address."
                " The gate cannot be used with JupyterHub's internal_ssl."
            )
        prefix = _prefix(variables.get("JUPYTERHUB_SERVICE_PREFIX") or address.path)
        public = urlsplit(variables.get("JUPYTERHUB_PUBLIC_URL", ""))
        client_id = _needed(variables, "JUPYTERHUB_CLIENT_ID")
        # Browsers take such a cookie from no other host, and only for all of one.
        locked = variables.get("JUPYTERHUB_COOKIE_HOST_PREFIX_ENABLED", "") == "1"
        socket = variables.get("SOJOURN_APP_SOCKET", "")
        return cls(
            host=address.hostname or "",
            port=_port(variables, "SOJOURN_GATE_PORT", address.port),
            prefix=prefix,
            default_url=variables.get("JUPYTERHUB_DEFAULT_URL", "").lstrip("/"),
            app_port=0 if socket else _port(variables, "SOJOURN_APP_PORT", None),
            app_socket=socket,
            strips_prefix=_strips(variables.get("SOJOURN_APP_PREFIX", "strip")),
            ready_path=variables.get("SOJOURN_APP_READY", "/").lstrip("/"),
            hub_api_url=_needed(variables, "JUPYTERHUB_API_URL").rstrip("/"),
            hub_host=variables.get("JUPYTERHUB_HOST", ""),
            hub_prefix=_prefix(f"{variables.get('JUPYTERHUB_BASE_URL') or '/'}/hub"),
            public_host=public.netloc,
            is_public_https=public.scheme == "https" if public.scheme else None,
            client_id=client_id,
            cookie=f"__Host-{client_id}" if locked else client_id,
            cookie_path="/" if locked else prefix,
            callback_url=variables.get("JUPYTERHUB_OAUTH_CALLBACK_URL") or f"{prefix}oauth_callback",
            scopes=_scopes(_needed(variables, "JUPYTERHUB_OAUTH_ACCESS_SCOPES")),
            server_name=variables.get("JUPYTERHUB_SERVER_NAME", ""),
            activity_url=variables.get("JUPYTERHUB_ACTIVITY_URL", ""),
            activity_seconds=_seconds(variables, "JUPYTERHUB_ACTIVITY_INTERVAL", _ACTIVITY_SECONDS),
            logs_requests=variables.get("SOJOURN_GATE_LOG", "") == "requests",
            token=_needed(variables, "JUPYTERHUB_API_TOKEN"),
        )


def _needed(variables: Mapping[str, str], name: str) -> str:
    if not (value := variables.get(name, "")):
        raise SettingsError(f"{name} is not set. The hub sets it for every session it starts.")
    return value


def _prefix(path: str) -> str:
    """With one slash at both ends, and escaped as in a request."""
    return "/".join(
        ["", *(quote(unquote(part), safe="@~!$&'()*+,;=:") for part in path.split("/") if part), ""]
    )


def _port(variables: Mapping[str, str], name: str, default: int | None) -> int:
    text = variables.get(name) or (str(default) if default else "")
    if not text.isdecimal() or not 0 < int(text) < 2**16:
        raise SettingsError(f"{name} is {text!r} and has to be a port, 1 to 65535.")
    return int(text)


def _strips(text: str) -> bool:
    if text not in {"strip", "keep"}:
        raise SettingsError(f"SOJOURN_APP_PREFIX is {text!r} and has to be strip or keep.")
    return text == "strip"


def _seconds(variables: Mapping[str, str], name: str, default: float) -> float:
    text = variables.get(name) or str(default)
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1
    if not 0 <= seconds < float("inf"):
        raise SettingsError(f"{name} is {text!r} and has to be a number of seconds.")
    return seconds


def _scopes(text: str) -> frozenset[str]:
    try:
        scopes = json.loads(text)
    except ValueError:
        scopes = None
    if not isinstance(scopes, list) or not scopes or not all(isinstance(scope, str) for scope in scopes):
        raise SettingsError(
            "JUPYTERHUB_OAUTH_ACCESS_SCOPES has to be a JSON list of scopes, with at least one."
        )
    return frozenset(scopes)
