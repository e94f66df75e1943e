"""Logins: from a cookie or a bearer token to the person, re-checked with the hub."""

import base64
import contextlib
import hashlib
import secrets
from datetime import datetime, timedelta

from pydantic import SecretStr

from sessions_api.hub.client import Hub, HubAwayError
from sessions_api.kit import clock
from sessions_api.kit.db import Database
from sessions_api.kit.errors import Unavailable
from sessions_api.kit.sealing import Sealer, Unopened
from sessions_api.people import store
from sessions_api.people.tables import Login
from sessions_api.people.viewer import Viewer

LIFETIME = timedelta(days=14)
FRESH = timedelta(seconds=60)
PATIENCE = timedelta(minutes=5)
"""How long a token is believed that the hub knew when it last answered, while it does not answer."""
MOST = 10_000
"""Logins and tokens whose last answer of the hub is remembered."""


def _key(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


class Logins:
    """Who is behind a cookie or token. What the hub said is believed for a minute."""

    def __init__(self, database: Database, hub: Hub, secret: SecretStr) -> None:
        """`secret` is the installation's for cookies; what is kept of logins is sealed with it."""
        self._database = database
        key = hashlib.sha256(f"logins\0{secret.get_secret_value()}".encode()).digest()
        self._sealer = Sealer(base64.urlsafe_b64encode(key).decode())
        self._hub = hub
        self._seen: dict[str, tuple[Viewer, datetime]] = {}

    def _remember(self, key: str, viewer: Viewer) -> None:
        self._seen.pop(key, None)
        while len(self._seen) >= MOST:
            del self._seen[next(iter(self._seen))]
        self._seen[key] = (viewer, clock.now())

    def _seen_within(self, age: timedelta, key: str) -> Viewer | None:
        viewer, seen = self._seen.get(key, (None, None))
        return viewer if seen is not None and clock.within(seen, age) else None

    async def create(self, viewer: Viewer, hub_token: str | None = None) -> str:
        """Logs a browser in; the hub gave `hub_token` for that.

        Returns:
            The cookie's value; only its hash is kept.
        """
        secret = secrets.token_urlsafe(32)
        now = clock.now()
        async with self._database.write() as db:
            await store.remove_expired(db, now)
            db.add(
                Login(
                    key=_key(secret),
                    person=viewer.name,
                    groups=sorted(viewer.groups),
                    admin=viewer.admin,
                    hub_token=self._sealer.seal(hub_token) if hub_token and viewer.admin else None,
                    csrf=secrets.token_urlsafe(32),
                    created_at=now,
                    expires_at=now + LIFETIME,
                )
            )
        return secret

    async def end(self, cookie: str) -> None:
        """Logs the browser out."""
        async with self._database.write() as db:
            await store.remove(db, _key(cookie))

    async def by_cookie(self, cookie: str) -> Viewer | None:
        """The person whose browser sent `cookie`; None when the login is over.

        It only reads: a request may ask while it holds the one transaction that writes.
        """
        key = _key(cookie)
        async with self._database.read() as db:
            login = await store.get(db, key, clock.now())
        if login is None:
            return None
        if (fresh := self._seen_within(FRESH, key)) is not None:
            return fresh
        try:
            viewer = await self._asked(login)
        except HubAwayError:
            # Pages and configuration go on without the hub; what needs it will say so itself.
            return Viewer(login.person, frozenset(login.groups), login.admin, login.csrf)
        if viewer is None:
            return None
        viewer = Viewer(viewer.name, viewer.groups, viewer.admin, login.csrf)
        self._remember(key, viewer)
        return viewer

    async def _asked(self, login: Login) -> Viewer | None:
        """What the hub says of who logged in; their token tells whether a role makes them an admin."""
        if login.hub_token is not None:
            with contextlib.suppress(Unopened):
                token = self._sealer.open(login.hub_token, what="A login's token")
                if (viewer := await self._hub.viewer_of_token(token)) is not None:
                    return viewer
        return await self._hub.viewer(login.person)

    async def by_token(self, token: str) -> Viewer | None:
        """The person a hub token stands for; None when it stands for nobody.

        Raises:
            Unavailable: the hub does not answer and the token was not seen within the last five minutes.
        """
        key = _key(token)
        if (fresh := self._seen_within(FRESH, key)) is not None:
            return fresh
        try:
            viewer = await self._hub.viewer_of_token(token)
        except HubAwayError as error:
            if (known := self._seen_within(PATIENCE, key)) is not None:
                return known
            raise Unavailable(
                "JupyterHub does not answer, so this token cannot be checked.",
                hint="Try again in a few seconds.",
            ) from error
        if viewer is None:
            self._seen.pop(key, None)
        else:
            self._remember(key, viewer)
        return viewer
