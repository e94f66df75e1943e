"""The hub's REST API, as far as we use it (JupyterHub 5.4 to 6)."""

from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx
from pydantic import SecretStr

from sessions_api.people.viewer import Reach, Viewer

ADMINS = "sojourn-admins"
"""The hub's group of those who administer the platform; they need no rights at the hub itself."""
ADMIN_SCOPE = "custom:sojourn:admin"
"""What a role of the hub's has to say so in the place of the group."""
READ_SCOPE = "custom:sojourn:read"
SESSIONS_SCOPE = "custom:sojourn:sessions"
FULL_SCOPES = frozenset({"access:services", "access:services!service=sojourn"})
"""Whoever may use the service at all may do all that they may."""


class HubAwayError(Exception):
    """The hub did not answer, or answered that it cannot now."""


class HubBusyError(HubAwayError):
    """The hub answered that it is still at what it was asked before."""


class HubRefusedError(Exception):
    """The hub answered, and the answer is no; the message is the hub's own."""


@dataclass(frozen=True)
class Server:
    """A server that the hub knows and that is not stopped.

    Attributes:
        run: the run it was started for; None when nothing of ours started it.
        pending: `spawn`, `stop` or another change under way; None when there is none.
        url: where people open it: a path, or with a host where people have hosts of their own.
        last_activity: when it was last active, as far as the hub was told; None: it was told of none.
    """

    person: str
    name: str
    run: str | None
    ready: bool
    pending: str | None
    url: str
    last_activity: datetime | None


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
        model = answer.json()
        scopes = frozenset(model.get("scopes") or ())
        if "groups" not in model:
            # A limited token does not tell the groups of its person; the service may ask for them.
            whole = await self._ask("GET", f"/users/{quote(model['name'], safe='')}")
            model = model if whole.is_error else whole.json()
        return _viewer(model, admin=ADMIN_SCOPE in scopes, reach=reach_of(scopes))

    async def viewer(self, person: str) -> Viewer | None:
        """A person as the hub knows them now; None when it does not."""
        answer = await self._ask("GET", f"/users/{quote(person, safe='')}")
        return None if answer.is_error else _viewer(answer.json())

    async def tokens(self, person: str) -> list[dict[str, Any]]:
        """The tokens of a person, as the hub's models, those of logins and servers too.

        Raises:
            HubAwayError: nothing is known; ask again later.
            HubRefusedError: the hub says no.
        """
        answer = await self._ask("GET", f"/users/{quote(person, safe='')}/tokens")
        if answer.is_error:
            raise HubRefusedError(_message(answer))
        return list(answer.json()["api_tokens"])

    async def make_token(
        self, person: str, *, note: str, seconds: int, scopes: Sequence[str]
    ) -> dict[str, Any]:
        """A new token of a person, as the hub's model, with itself as `token`.

        Raises:
            HubAwayError: whether it was made is not known.
            HubRefusedError: the hub says no, as to scopes that the person has not.
        """
        body = {"note": note, "expires_in": seconds, "scopes": list(scopes)}
        answer = await self._ask("POST", f"/users/{quote(person, safe='')}/tokens", json=body)
        if answer.is_error:
            raise HubRefusedError(_message(answer))
        return dict(answer.json())

    async def revoke_token(self, person: str, token_id: str) -> None:
        """Ends a token; one that is gone is no error.

        Raises:
            HubAwayError: whether it is gone is not known.
        """
        at = f"/users/{quote(person, safe='')}/tokens/{quote(token_id, safe='')}"
        await self._ask("DELETE", at)

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
            raise HubBusyError(message)
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

    async def has_forgotten(self, person: str, server: str) -> bool:
        """Whether the hub has no server of that name, running or not.

        Raises:
            HubAwayError: nothing is known; ask again later.
        """
        person_at = f"/users/{quote(person, safe='')}"
        answer = await self._ask("GET", person_at, params={"include_stopped_servers": "true"})
        return answer.is_error or server not in (answer.json().get("servers") or {})

    async def visitor_token(self, person: str, server: str, *, seconds: int) -> str:
        """A token of the person's that opens this one server of theirs, for so many seconds.

        What answers there is the person's own program: it is never shown what else this service may do.

        Raises:
            HubAwayError: nothing is known; ask again later.
            HubRefusedError: the hub says no.
        """
        body = {
            "note": "Sojourn asks what is not saved",
            "expires_in": seconds,
            "scopes": [f"access:servers!server={person}/{server}"],
        }
        answer = await self._ask("POST", f"/users/{quote(person, safe='')}/tokens", json=body)
        if answer.is_error:
            raise HubRefusedError(_message(answer))
        return str(answer.json()["token"])

    async def shares(self, person: str, server: str) -> set[str]:
        """The people whom the hub lets into a server that is not theirs; of a server that is gone, nobody.

        Raises:
            HubAwayError: nothing is known; ask again later.
            HubRefusedError: the hub says no.
        """
        answer = await self._ask("GET", _shares(person, server), params={"limit": 200})
        if answer.status_code == HTTPStatus.NOT_FOUND:
            return set()
        if answer.is_error:
            raise HubRefusedError(_message(answer))
        return {share["user"]["name"] for share in answer.json()["items"] if share.get("user")}

    async def share(self, person: str, server: str, other: str) -> None:
        """Lets somebody into a server: to open it, and nothing else. Once more is no error.

        Raises:
            HubAwayError: whether it was done is not known.
            HubRefusedError: the hub says no, as to somebody it does not know.
        """
        await self._told("POST", _shares(person, server), other)

    async def unshare(self, person: str, server: str, other: str) -> None:
        """Lets somebody in no more. Once more is no error.

        Raises:
            HubAwayError: whether it was done is not known.
            HubRefusedError: the hub says no.
        """
        await self._told("PATCH", _shares(person, server), other)

    async def _told(self, method: str, path: str, other: str) -> None:
        answer = await self._ask(method, path, json={"user": other})
        if answer.is_error and not (method == "PATCH" and answer.status_code == HTTPStatus.NOT_FOUND):
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


def _shares(person: str, server: str) -> str:
    return f"/shares/{quote(person, safe='')}/{quote(server, safe='')}"


def _message(answer: httpx.Response) -> str:
    try:
        return str(answer.json()["message"])
    except (ValueError, KeyError, TypeError):
        return f"the hub answered {answer.status_code}"


def reach_of(scopes: Collection[str]) -> Reach:
    """What a token with these scopes may do here."""
    if not FULL_SCOPES.isdisjoint(scopes):
        return Reach.EVERYTHING
    if SESSIONS_SCOPE in scopes:
        return Reach.SESSIONS
    return Reach.READ if READ_SCOPE in scopes else Reach.NOTHING


def _viewer(model: dict[str, Any], *, admin: bool = False, reach: Reach = Reach.EVERYTHING) -> Viewer:
    groups = frozenset(model.get("groups") or ())
    admin = admin or bool(model.get("admin")) or ADMINS in groups
    return Viewer(name=model["name"], groups=groups, admin=admin, reach=reach)


def _server(person: str, model: dict[str, Any]) -> Server:
    options = model.get("user_options") or {}
    options = options.get("user_options", options)
    return Server(
        person=person,
        name=model["name"],
        run=options.get("run"),
        ready=bool(model.get("ready")),
        pending=model.get("pending"),
        url=model.get("url") or "",
        last_activity=_time(model.get("last_activity")),
    )


def _time(text: str | None) -> datetime | None:
    """A time of the hub's, which is in UTC also where it does not say so."""
    at = datetime.fromisoformat(text) if text else None
    return at.replace(tzinfo=at.tzinfo or UTC) if at else None
