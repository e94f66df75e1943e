"""Who a token stands for and whether they may enter, as the hub says, remembered for less than a minute."""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Collection
from dataclasses import dataclass

from spawner.gate.hub import Hub, HubAwayError

REMEMBERED_SECONDS = 50.0
"""A login that ended, or a share that was taken back, is noticed after this."""

_MOST_REMEMBERED = 1000
_MOST_ASKED_AT_ONCE = 50
_TOKEN = re.compile(r"[!-~]{8,512}")


@dataclass(frozen=True)
class Verdict:
    """What the hub says of a token.

    Attributes:
        name: of the user or service; None: the hub does not know the token.
        may_enter: whether it has one of the scopes that open the session.
    """

    name: str | None
    may_enter: bool = False


_NOBODY = Verdict(None)


class Access:
    """Asks the hub, and once for all who ask the same at a time."""

    def __init__(self, hub: Hub, scopes: Collection[str]) -> None:
        self._hub = hub
        self._scopes = scopes
        self._remembered: dict[bytes, tuple[float, Verdict]] = {}
        self._asked: dict[bytes, asyncio.Task[Verdict]] = {}

    async def verdict(self, token: str, login: str = "") -> Verdict:
        """What the hub says; `login` names the browser's login at the hub: with another one it is asked anew.

        Raises:
            HubAwayError: it says nothing.
        """
        if not _TOKEN.fullmatch(token):
            return _NOBODY
        key = hashlib.sha256(f"{login} {token}".encode()).digest()
        remembered = self._remembered.get(key)
        if remembered is not None and asyncio.get_running_loop().time() < remembered[0]:
            return remembered[1]
        if (task := self._asked.get(key)) is None:
            if len(self._asked) >= _MOST_ASKED_AT_ONCE:
                raise HubAwayError("Too many logins are being checked.")
            task = self._asked[key] = asyncio.create_task(self._ask(key, token))
            task.add_done_callback(lambda task: self._answered(key, task))
        return await asyncio.shield(task)

    def _answered(self, key: bytes, task: asyncio.Task[Verdict]) -> None:
        del self._asked[key]
        if not task.cancelled():
            # Whoever asked may be gone; nobody has to hear of a failure then.
            task.exception()

    async def _ask(self, key: bytes, token: str) -> Verdict:
        until = asyncio.get_running_loop().time() + REMEMBERED_SECONDS
        model = await self._hub.whoami(token)
        verdict = _NOBODY
        if model is not None:
            verdict = Verdict(str(model["name"]), is_granted(self._scopes, model.get("scopes") or ()))
        self._remembered.pop(key, None)
        self._remembered[key] = until, verdict
        if len(self._remembered) > _MOST_REMEMBERED:
            del self._remembered[next(iter(self._remembered))]
        return verdict


def is_granted(wanted: Collection[str], held: Collection[str]) -> bool:
    """Whether scopes that are `held` include one that is `wanted`.

    As `jupyterhub.services.auth.check_scopes`: a scope without a filter includes all of its kind, one of a
    user includes those of the user's servers.
    """
    for scope in wanted:
        base, _, narrowed = scope.partition("!")
        if base in held or scope in held:
            return True
        if narrowed.startswith("server=") and f"{base}!user={_owner(narrowed)}" in held:
            return True
    return False


def _owner(narrowed: str) -> str:
    return narrowed.removeprefix("server=").partition("/")[0]
