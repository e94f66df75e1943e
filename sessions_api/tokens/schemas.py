"""Tokens as JSON."""

from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import Field

from sessions_api.kit.schemas import Name, Schema
from sessions_api.tokens.service import Token

Scope = Literal["read", "sessions", "everything"]


class TokenCreate(Schema):
    """A new token.

    Attributes:
        note: what it is for.
        scope: `read`: sees what you see; `sessions`: also starts, pauses and stops your sessions, and opens
            them; `everything`: all that you may.
        days: how long it lasts.
    """

    note: Name
    scope: Scope = "read"
    days: Annotated[int, Field(ge=1, le=3650)] = 30


class TokenRead(Schema):
    """A token, without itself.

    Attributes:
        expires_at: null: never, of tokens that were made at JupyterHub.
        used_at: when it was used last; null: never.
    """

    id: str
    note: str
    scope: Scope
    created_at: datetime
    expires_at: datetime | None
    used_at: datetime | None

    @classmethod
    def made(cls, token: Token, /, **more: Any) -> Self:
        """The token; `more` is what is told once."""
        return cls(
            id=token.id,
            note=token.note,
            scope=token.reach.word,
            created_at=token.created_at,
            expires_at=token.expires_at,
            used_at=token.used_at,
            **more,
        )


class TokenMade(TokenRead):
    """A new token with itself, which is told this once."""

    token: str
