"""Rules of tokens: the hub makes and keeps them, and says what they may; we say which ones are made."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from sessions_api.audit import service as audit
from sessions_api.audit.verbs import Verb
from sessions_api.hub.client import (
    READ_SCOPE,
    SESSIONS_SCOPE,
    Hub,
    HubAwayError,
    HubRefusedError,
    reach_of,
)
from sessions_api.kit.db import Database
from sessions_api.kit.errors import Invalid, NotFound, Unavailable
from sessions_api.people.viewer import Reach, Viewer

SCOPES = {
    Reach.READ: (READ_SCOPE,),
    # Whoever starts a session by a program wants to work in it too.
    Reach.SESSIONS: (SESSIONS_SCOPE, "access:servers!user"),
    Reach.EVERYTHING: ("inherit",),
}
"""What the hub is asked for; it gives no more than the person has, and takes away what they lose."""
REACHES = {reach.word: reach for reach in SCOPES}
_DAY = 24 * 60 * 60
_OF_PEOPLE = "jupyterhub"
"""The hub's client of tokens that are none of a login."""


@dataclass(frozen=True)
class Token:
    """One token, without itself."""

    id: str
    note: str
    reach: Reach
    created_at: datetime
    expires_at: datetime | None
    used_at: datetime | None

    @classmethod
    def of(cls, model: dict[str, Any]) -> Self:
        """The token of a hub's model."""
        expires, used = model.get("expires_at"), model.get("last_activity")
        return cls(
            id=model["id"],
            note=model.get("note") or "",
            reach=reach_of(model.get("scopes") or ()),
            created_at=datetime.fromisoformat(model["created"]),
            expires_at=datetime.fromisoformat(expires) if expires else None,
            used_at=datetime.fromisoformat(used) if used else None,
        )


@asynccontextmanager
async def _hub_answers() -> AsyncIterator[None]:
    try:
        yield
    except HubAwayError as error:
        raise Unavailable(
            "JupyterHub, which keeps the tokens, does not answer.", hint="Try again in a few seconds."
        ) from error


async def listing(hub: Hub, viewer: Viewer) -> list[Token]:
    """The viewer's tokens that can do something here, newest first; not those of logins and servers.

    Raises:
        Unavailable: the hub does not answer.
    """
    async with _hub_answers():
        models = await hub.tokens(viewer.name)
    found = [Token.of(model) for model in models if model["oauth_client"].lower() == _OF_PEOPLE]
    usable = [token for token in found if token.reach is not Reach.NOTHING]
    return sorted(usable, key=lambda token: (token.created_at, token.id), reverse=True)


async def get(hub: Hub, viewer: Viewer, token_id: str) -> Token:
    """One of the viewer's tokens.

    Raises:
        NotFound: they have none of that id.
        Unavailable: the hub does not answer.
    """
    for token in await listing(hub, viewer):
        if token.id == token_id:
            return token
    raise NotFound(f"You have no token {token_id}.", hint="Your tokens are listed at /me/tokens.")


async def make(
    database: Database, hub: Hub, viewer: Viewer, *, note: str, reach: Reach, days: int, most: int
) -> tuple[Token, str]:
    """A new token, and what it is known by, which nobody tells again.

    The hub is asked outside of any transaction: it may take its time, and others write meanwhile.

    Args:
        database: of the audit log.
        hub: which makes it.
        viewer: whose it is.
        note: what it is for.
        reach: what it may do.
        days: how long it lasts.
        most: how many days tokens last at most here.

    Raises:
        Invalid: it would last too long, for us or for the hub.
        Unavailable: the hub does not answer.
    """
    if days > most:
        raise Invalid.field("days", f"Tokens last at most {most} days here.", value=str(most))
    try:
        async with _hub_answers():
            model = await hub.make_token(viewer.name, note=note, seconds=days * _DAY, scopes=SCOPES[reach])
    except HubRefusedError as refused:
        raise Invalid.field("days", f"JupyterHub makes no such token: {refused}.") from refused
    token = Token.of(model)
    async with database.write() as db:
        audit.record(db, viewer, Verb.TOKEN_CREATE, note, scope=reach.word, days=days)
    return token, str(model["token"])


async def revoke(database: Database, hub: Hub, viewer: Viewer, token_id: str) -> None:
    """Ends one of the viewer's tokens; a minute later at the latest it is known nowhere.

    Raises:
        NotFound: they have none of that id.
        Unavailable: the hub does not answer.
    """
    token = await get(hub, viewer, token_id)
    async with _hub_answers():
        await hub.revoke_token(viewer.name, token.id)
    async with database.write() as db:
        audit.record(db, viewer, Verb.TOKEN_REMOVE, token.note)
