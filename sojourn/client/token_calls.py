"""What can be asked of the API about your tokens: each is told once."""

from __future__ import annotations

from datetime import datetime

from sojourn.client.call import Call, Pages, nothing, path_of
from sojourn.client.models import Answer


class Token(Answer):
    """A token of JupyterHub for programs.

    Attributes:
        scope: `read`, `sessions` or `everything`.
        expires_at: None: never.
        used_at: when it was used last; None: never.
        token: itself; None but where it has just been made.
    """

    id: str
    note: str
    scope: str
    created_at: datetime
    expires_at: datetime | None
    used_at: datetime | None
    token: str | None = None


class TokenCalls:
    """Your own tokens."""

    def list(self) -> Pages[Token]:
        """Those that can do something in Sojourn, newest first, without themselves."""
        return Pages("/me/tokens", Token)

    def create(self, note: str, *, scope: str = "read", days: int = 30) -> Call[Token]:
        """A new one, with itself.

        Args:
            note: what it is for.
            scope: `read`: sees what you see; `sessions`: also starts, pauses and stops your sessions, and
                opens them; `everything`: all that you may.
            days: how long it lasts.
        """
        return Call("POST", "/me/tokens", Token.read, {"note": note, "scope": scope, "days": days})

    def revoke(self, token: str) -> Call[None]:
        """Ends one, by its id."""
        return Call("DELETE", path_of("me", "tokens", token), nothing)
