"""Hosts of people's own below the main one (`JupyterHub.subdomain_host`), for the hub and its proxies.

`ann.sojourn.example.org` is where Ann's sessions are; Sojourn and the hub are at `sojourn.example.org` alone.
"""

# mypy: allow-untyped-calls, allow-untyped-decorators
from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from traitlets import validate


class EveryHost:
    """Part of a proxy of the hub's: takes `/` for a route of every host that has no route of its own.

    JupyterHub keeps that route for itself where people have hosts of their own. Here it leads to the API,
    which sends whoever comes to a session that does not run to the main host.
    """

    @validate("extra_routes")
    def _validate_extra_routes(self, proposal: Any) -> dict[str, str]:
        routes: dict[str, str] = proposal.value
        return routes


def configure(config: Any, *, public_url: str, api_url: str) -> None:
    """Gives people's sessions hosts of their own below that of `public_url`.

    Cookies are for the one host that sets them: the hub would set `jupyterhub-session-id` for all hosts below
    its own, unless it believes that its domain has no name. Over https their names tell browsers so
    (`__Host-`), which then take none that another host sets for this one.
    """
    # The hub calls the hook without what it is configured with.
    from jupyterhub.utils import subdomain_hook_idna  # noqa: PLC0415 - nobody else here needs the hub's code

    main = urlsplit(public_url).hostname

    def host_of(name: str, domain: str, kind: str) -> str:  # noqa: ARG001 - the hub's signature
        return str(subdomain_hook_idna(name, main, kind))

    config.JupyterHub.subdomain_host = public_url
    config.JupyterHub.subdomain_hook = host_of
    config.JupyterHub.hub_routespec = f"{main}/hub/"
    config.Proxy.extra_routes = {f"{main}/": api_url, "/": api_url}
    config.JupyterHub.tornado_settings = {**config.JupyterHub.tornado_settings, "domain": ""}
    config.JupyterHub.cookie_host_prefix_enabled = public_url.startswith("https:")
