"""From tokens to what pages show of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sessions_api.tokens.service import Token
from sessions_api.web import words
from sessions_api.web.parts import Action, Confirm, Crumb

PATH = "/me/tokens"
MAY = {
    "read": ("Reads", "Sees what you see, and changes nothing"),
    "sessions": ("Sessions", "Also starts, pauses and stops your sessions, and opens them"),
    "everything": ("Everything", "Does all that you may do"),
}


@dataclass(frozen=True, slots=True)
class TokenRow:
    """A token in the list."""

    name: str
    may: str
    facts: tuple[str, ...]
    revoke: Action


def crumbs(title: str) -> tuple[Crumb, ...]:
    """Where a page about tokens is."""
    return (Crumb("Tokens", PATH), Crumb(title))


def row(token: Token, now: datetime) -> TokenRow:
    """One token."""
    ends = f"ends {words.day(token.expires_at, now)}" if token.expires_at else "never ends"
    used = f"last used {words.ago(token.used_at, now)}" if token.used_at else "never used"
    return TokenRow(
        name=token.note or "Without a note",
        may=MAY[token.reach.word][0],
        facts=(ends, used, f"made {words.day(token.created_at, now)}"),
        revoke=Action("Revoke…", f"{PATH}/{token.id}/revoke", about=token.note, ask=True, danger=True),
    )


def revoking(token: Token) -> Confirm:
    """The question before a token is revoked."""
    name = token.note or "Without a note"
    return Confirm(
        title=f"Revoke the token {name}?",
        crumbs=crumbs(name),
        lines=("Programs that use it are refused from then on, a minute later at the latest.",),
        do=Action("Revoke token", f"{PATH}/{token.id}/revoke", "trash", post=True, danger=True),
        back=PATH,
        keep="Keep it",
    )
