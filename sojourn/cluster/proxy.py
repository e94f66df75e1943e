"""The proxy of a cluster, as JupyterHub asks it."""

# mypy: allow-untyped-calls
from __future__ import annotations

from typing import Any

from jupyterhub.proxy import ConfigurableHTTPProxy

from sojourn.own_hosts import EveryHost


class SessionProxy(EveryHost, ConfigurableHTTPProxy):
    """Says nothing of activity: what passes is no use of a session, such as the pings of a forgotten tab.

    Sessions tell of activity themselves, and JupyterHub takes the later of the two.
    """

    async def get_all_routes(self) -> dict[str, Any]:
        """The routes, without when something last passed."""
        routes: dict[str, Any] = await super().get_all_routes()
        for route in routes.values():
            route["data"].pop("last_activity", None)
        return routes
