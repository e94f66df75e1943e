"""The hub's side of the proxy: routes are in force, not merely written, when `add_route` returns."""

from __future__ import annotations

import asyncio
import json
import time
from pathlib import Path
from typing import Any

from jupyterhub_traefik_proxy.fileprovider import TraefikFileProviderProxy
from tornado.httpclient import AsyncHTTPClient, HTTPClientError
from traitlets import Unicode

from sojourn.laptop.data import write_private
from sojourn.laptop.traefik import INTERNAL
from sojourn.own_hosts import EveryHost

_FIRST_POLL_SECONDS = 0.002
_LONGEST_POLL_SECONDS = 0.1
_POLL_GROWTH = 1.3


class _RoutesFile:
    """Reads and writes the routes; stands in for upstream's handler, which writes TOML, slowly."""

    def __init__(self, path: str) -> None:
        self._path = Path(path)

    def load(self) -> dict[str, Any]:
        loaded: dict[str, Any] = json.loads(self._path.read_bytes())
        return loaded

    def atomic_dump(self, routes: dict[str, Any]) -> None:
        write_private(self._path, json.dumps(routes))  # JSON is YAML


class LaptopProxy(EveryHost, TraefikFileProviderProxy):
    """Traefik with a file of routes, started by the supervisor.

    Upstream asks Traefik's API for each route and its service, through a password hash of 250 ms, with
    pauses of up to seconds. Here the file of routes itself says which revision it is, as one more route on an
    internal port: when that one answers, all of the file is in force, and Traefik's API stays shut.
    What else is in the file (see `sojourn.laptop.traefik`) is kept.
    """

    routes_file = Unicode(help="the file that Traefik reads its routes from").tag(config=True)
    internal_url = Unicode(help="where Traefik says which revision is in force").tag(config=True)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        # Time, because another hub may have counted before this one.
        self._revision = time.time_ns()
        self.dynamic_config_handler = _RoutesFile(self.routes_file)

    async def delete_route(self, routespec: str) -> None:
        """Takes a route away; when this returns, requests no longer follow it."""
        await super().delete_route(routespec)
        await self._wait_until_in_force()

    async def _setup_traefik_dynamic_config(self) -> None:
        self._persist_dynamic_config()

    def _persist_dynamic_config(self) -> None:
        self._revision += 1
        self.dynamic_config["http"]["routers"]["revision"] = {
            "rule": f"Path(`/{self._revision}`)",
            "service": "ping@internal",
            "entryPoints": [INTERNAL],
        }
        super()._persist_dynamic_config()

    async def _wait_for_static_config(self) -> None:
        await self._wait_until_in_force()

    async def _wait_for_route(self, routespec: str) -> None:  # noqa: ARG002  # all routes come at once
        await self._wait_until_in_force()

    async def _wait_until_in_force(self) -> None:
        """Returns when Traefik has what was written last, which includes all that was written before.

        Raises:
            TimeoutError: it did not take it within `check_route_timeout`.
        """
        pause = _FIRST_POLL_SECONDS
        async with asyncio.timeout(self.check_route_timeout):
            while not await self._is_in_force(self._revision):
                await asyncio.sleep(pause)
                pause = min(pause * _POLL_GROWTH, _LONGEST_POLL_SECONDS)

    async def _is_in_force(self, revision: int) -> bool:
        try:
            await AsyncHTTPClient().fetch(f"{self.internal_url}/{revision}")
        except (HTTPClientError, OSError):
            return False
        return True
