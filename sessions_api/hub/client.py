"""The hub's REST API, as far as we use it (JupyterHub 5.4 to 6)."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx
from pydantic import SecretStr

from sessions_api.people.viewer import Viewer

ADMINS = "sojourn-admins"
"""The hub's group of those who administer the platform; they need no rights at the hub itself."""


class HubAwayError(Exception):
    """The hub did not answer, or answered that it cannot now."""


class HubRefusedError(Exception):
    """The hub answered, and the answer is no; the message is the hub's own."""


@dataclass(frozen=True)
class Server:
    """A server that the hub knows and that is not stopped.

    Attributes:
        run: the run it was started for; None when nothing of ours started it.
        pending: `spawn`, `stop` or another change under way; None when there is none.
    """

    person: str
    name: str
    run: str | None
    ready: bool
    pending: str | None


class Hub:
    """One hub, asked with this service's token."""

    def __init__(self, url: str, token: SecretStr) -> None:
        self.url = url
        self._http = httpx.AsyncClient(
            base_url=url,
            headers={"Authorization": f"token {token.get_secret_value()}"},
            timeout=httpx.Timeout(15, connect=2),
            limits=httpx.Limits(max_connections=20, max_keepalive_connections=10, keepalive_expiry=5),
            trust_env=False,
        )

    async def close(self) -> None:
        """Lets go of all connections."""
        await self._http.aclose()

    async def _ask(self, method: str, path: str, **options: Any) -> httpx.Response:
        try:
            answer = await self._http.request(method, path, **options)
        except httpx.HTTPError as error:
            raise HubAwayError(f"the hub does not answer: {type(error).__name__}") from error
        if answer.is_server_error or answer.status_code == HTTPStatus.TOO_MANY_REQUESTS:
            raise HubAwayError(f"the hub answered {answer.status_code}")
        return answer

    async def viewer_of_token(self, token: str) -> Viewer | None:
        """Who a hub token stands for; None when the hub does not know it, or it is a service's."""
        answer = await self._ask("GET", "/user", headers={"Authorization": f"token {token}"})
        if answer.is_error or answer.json().get("kind") != "user":
            return None
        return _viewer(answer.json())

    async def viewer(self, person: str) -> Viewer | None:
        """A person as the hub knows them now; None when it does not."""
        answer = await self._ask("GET", f"/users/{quote(person, safe='')}")
        return None if answer.is_error else _viewer(answer.json())

    async def start(self, person: str, server: str, *, display_name: str, run: str) -> None:
        """Asks for a server; returns when the hub has taken the request, long before it runs.

        Raises:
            HubAwayError: nothing is known; ask again later.
            HubRefusedError: the hub says no.
        """
        body = {"display_name": display_name, "user_options": {"run": run}}
        answer = await self._ask("POST", _path(person, server), json=body)
        if not answer.is_error:
            return
        message = _message(answer)
        if "is pending" in message:
            raise HubAwayError(message)
        if "already running" not in message:
            raise HubRefusedError(message)

    async def stop(self, person: str, server: str, *, remove: bool) -> bool:
        """Asks for a server's end, with `remove` also for the end of what it kept.

        Returns:
            Whether it is gone now; False means that it is still on its way out, or still launching.

        Raises:
            HubAwayError: nothing is known; ask again later.
            HubRefusedError: the hub says no.
        """
        answer = await self._ask("DELETE", _path(person, server), json={"remove": remove})
        if answer.status_code in {HTTPStatus.NO_CONTENT, HTTPStatus.NOT_FOUND}:
            return True
        if answer.status_code == HTTPStatus.ACCEPTED:
            return False
        raise HubRefusedError(_message(answer))

    async def servers(self) -> dict[tuple[str, str], Server]:
        """All servers that are not stopped, by person and name.

        Raises:
            HubAwayError: nothing is known; ask again later.
        """
        return {(server.person, server.name): server async for server in self._servers()}

    async def _servers(self) -> AsyncIterator[Server]:
        offset: int | None = 0
        while offset is not None:
            answer = await self._ask(
                "GET",
                "/users",
                params={"state": "active", "offset": offset, "limit": 200},
                # Without it the hub cuts the list at its page size and does not say so.
                headers={"Accept": "application/jupyterhub-pagination+json"},
            )
            if answer.is_error:
                raise HubAwayError(f"the hub answered {answer.status_code}")
            page = answer.json()
            for user in page["items"]:
                for server in (user.get("servers") or {}).values():
                    yield _server(user["name"], server)
            following = page["_pagination"].get("next")
            offset = following["offset"] if following else None


def _path(person: str, server: str) -> str:
    return f"/users/{quote(person, safe='')}/servers/{quote(server, safe='')}"


def _message(answer: httpx.Response) -> str:
    try:
        return str(answer.json()["message"])
    except (ValueError, KeyError, TypeError):
        return f"the hub answered {answer.status_code}"


def _viewer(model: dict[str, Any]) -> Viewer:
    groups = frozenset(model.get("groups") or ())
    return Viewer(name=model["name"], groups=groups, admin=bool(model.get("admin")) or ADMINS in groups)


def _server(person: str, model: dict[str, Any]) -> Server:
    options = model.get("user_options") or {}
    options = options.get("user_options", options)
    return Server(
        person=person,
        name=model["name"],
        run=options.get("run"),
        ready=bool(model.get("ready")),
        pending=model.get("pending"),
    )
