"""Encryption of small texts at rest, such as tokens: authenticated, with keys that can be replaced.

A sealed text is a Fernet token (AES-128-CBC and HMAC-SHA-256,
https://github.com/fernet/spec/blob/master/Spec.md). The first key seals and all keys open, so a key is
replaced by putting a new one in front, and taken away once `reseal` has been over everything.
"""

from collections.abc import Awaitable, Callable, Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from sqlalchemy.ext.asyncio import AsyncSession

from sessions_api.kit.db import Database
from sessions_api.kit.errors import Conflict

VARIABLE = "SOJOURN_SECRETS_KEY"
MAKE_ONE = "python -c 'from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())'"

SealedRow = tuple[str, str]
"""The id of a row and what is sealed in it."""

_AT_ONCE = 100


class NoKey(Conflict):
    """The installation has no key to seal with."""

    code = "no_secrets_key"


class Unopened(Conflict):
    """A sealed text cannot be opened with the keys of this installation."""

    code = "secret_unopened"


class Sealer:
    """Seals and opens with the installation's keys.

    Args:
        keys: Fernet keys, separated by commas; the first seals. Empty: nothing can be sealed or opened.

    Raises:
        ValueError: one of them is no Fernet key; the message says which, and not what it is.
    """

    def __init__(self, keys: str) -> None:
        self._fernets = tuple(
            _fernet(key.strip(), place) for place, key in enumerate(keys.split(","), 1) if key.strip()
        )

    def seal(self, text: str) -> str:
        """The text, encrypted with the first key.

        Raises:
            NoKey: there is none.
        """
        return self._keys().encrypt(text.encode()).decode()

    def open(self, sealed: str, *, what: str) -> str:
        """The text that was sealed; `what` names it in sentences: `The secret deploy-key`.

        Raises:
            NoKey: there is no key.
            Unopened: it was sealed with none of the keys.
        """
        try:
            return self._keys().decrypt(sealed.encode()).decode()
        except InvalidToken as error:
            raise Unopened(
                f"{what} cannot be opened: it was encrypted with a key that this installation lacks.",
                hint=f"Enter it anew, or have an administrator put that key back into {VARIABLE}.",
            ) from error

    def reseal(self, sealed: str) -> str | None:
        """The same text sealed with the first key; None where that is so already, or no key opens it."""
        if not self._fernets or _opens(self._fernets[0], sealed):
            return None
        try:
            return self._keys().rotate(sealed.encode()).decode()
        except InvalidToken:
            return None

    def _keys(self) -> MultiFernet:
        if not self._fernets:
            raise NoKey(
                "This installation cannot keep secrets: it has no key to encrypt them with.",
                hint=f"An administrator sets {VARIABLE}; `{MAKE_ONE}` makes a key.",
            )
        return MultiFernet(self._fernets)


async def reseal_all(
    database: Database,
    sealer: Sealer,
    rows_after: Callable[[AsyncSession, str, int], Awaitable[Sequence[SealedRow]]],
    replace: Callable[[AsyncSession, str, str, str], Awaitable[None]],
) -> int:
    """Seals every row of a table with the first key, in transactions of a moment each; says how many it was.

    Args:
        database: of the table.
        sealer: with the keys.
        rows_after: reads rows after an id, by id, at most as many as asked for.
        replace: writes a row's new text unless the row has changed since: id, text before, text now.
    """
    count, after = 0, ""
    while True:
        async with database.read() as db:
            rows = await rows_after(db, after, _AT_ONCE)
        if not rows:
            return count
        after = rows[-1][0]
        resealed = [(row, before, now) for row, before in rows if (now := sealer.reseal(before)) is not None]
        if resealed:
            async with database.write() as db:
                for row, before, now in resealed:
                    await replace(db, row, before, now)
            count += len(resealed)


def _fernet(key: str, place: int) -> Fernet:
    try:
        return Fernet(key)
    except ValueError:
        # Without its cause, which could show the key.
        raise ValueError(
            f"Key {place} of {VARIABLE} is not 32 bytes in URL-safe Base64; make one with `{MAKE_ONE}`."
        ) from None


def _opens(fernet: Fernet, sealed: str) -> bool:
    try:
        fernet.decrypt(sealed.encode())
    except InvalidToken:
        return False
    return True
