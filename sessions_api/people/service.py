"""Logins: from a cookie or a bearer token to the person, re-checked with the hub."""

import hashlib
import secrets
from datetime import datetime, timedelta

from sessions_api.hub.client import Hub, HubAwayError
from sessions_api.kit import clock
from sessions_api.kit.db import Database
from sessions_api.kit.errors import Unavailable
from sessions_api.people import store
from sessions_api.people.tables import Login
from sessions_api.people.viewer import Viewer

LIFETIME = timedelta(days=14)
FRESH = timedelta(seconds=60)
MOST_TOKENS = 1000


def _key(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


class Logins:
    """Who is behind a cookie or token. What the hub said is believed for a minute."""

    def __init__(self, database: Database, hub: Hub) -> None:
        self._database = database
        self._hub = hub
        self._tokens: dict[str, tuple[Viewer, datetime]] = {}

    async def create(self, viewer: Viewer) -> str:
        """Logs a browser in.

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
                    csrf=secrets.token_urlsafe(32),
                    created_at=now,
                    checked_at=now,
                    expires_at=now + LIFETIME,
                )
            )
        return secret

    async def end(self, cookie: str) -> None:
        """Logs the browser out."""
        async with self._database.write() as db:
            await store.remove(db, _key(cookie))

    async def by_cookie(self, cookie: str) -> Viewer | None:
        """The person whose browser sent `cookie`; None when the login is over."""
        now = clock.now()
        async with self._database.read() as db:
            login = await store.get(db, _key(cookie), now)
        if login is None:
            return None
        known = Viewer(login.person, frozenset(login.groups), login.admin, login.csrf)
        if now - login.checked_at < FRESH:
            return known
        try:
            viewer = await self._hub.viewer(login.person)
        except HubAwayError:
            # Pages and configuration go on without the hub; what needs it will say so itself.
            return known
        async with self._database.write() as db:
            if viewer is None:
                await store.remove(db, login.key)
                return None
            await store.confirm(db, login.key, groups=sorted(viewer.groups), admin=viewer.admin, now=now)
        return Viewer(viewer.name, viewer.groups, viewer.admin, login.csrf)

    async def by_token(self, token: str) -> Viewer | None:
        """The person a hub token stands for; None when it stands for nobody.

        Raises:
            Unavailable: the hub does not answer and the token was not seen within the last minute.
        """
        key, now = _key(token), clock.now()
        viewer, seen = self._tokens.get(key, (None, None))
        if viewer is not None and seen is not None and now - seen < FRESH:
            return viewer
        try:
            viewer = await self._hub.viewer_of_token(token)
        except HubAwayError as error:
            raise Unavailable(
                "JupyterHub does not answer, so this token cannot be checked.",
                hint="Try again in a few seconds.",
            ) from error
        self._tokens.pop(key, None)
        if viewer is not None:
            while len(self._tokens) >= MOST_TOKENS:
                del self._tokens[next(iter(self._tokens))]
            self._tokens[key] = (viewer, now)
        return viewer
