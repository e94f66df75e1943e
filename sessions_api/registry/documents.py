"""JSON that a registry sent: read strictly in what is used, and in bounded memory.

Not with pydantic, which keeps every mistake that it finds: 4 MiB may hold a million.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Self

MOST_CONTAINERS = 100_000
"""Lists and objects in one document; in memory each is many times as large as its two bytes."""
_LARGEST = 2**53
_NO_TEXT = re.compile("[\x00\ud800-\udfff]")
"""What databases and UTF-8 do not take."""


class UnreadableError(Exception):
    """A document is not as it should be; the message says what is wrong, as the end of a sentence."""


class Document:
    """A JSON object; what is missing and what is null are the same, as to Go's readers.

    Attributes:
        values: what it has.
        place: where it stands in the whole, for messages; empty: it is the whole.
    """

    def __init__(self, values: Mapping[str, Any], place: str = "") -> None:
        self.values = values
        self.place = place

    @classmethod
    def read(cls, body: bytes) -> Self:
        """The object that a body is.

        Raises:
            UnreadableError: it is no JSON, or no object, or has more lists and objects than any real one.
        """
        if body.count(b"[") + body.count(b"{") > MOST_CONTAINERS:
            raise UnreadableError("it has more parts than any real one")
        try:
            found = json.loads(body.decode())
        except (ValueError, RecursionError) as error:  # UnicodeDecodeError and JSONDecodeError are the former
            raise UnreadableError("it is not JSON") from error
        if not isinstance(found, dict):
            raise UnreadableError("it is not a JSON object")
        return cls(found)

    def has(self, key: str) -> bool:
        """Whether it has anything there."""
        return self.values.get(key) is not None

    def text(self, key: str) -> str:
        """The text there; empty where there is none.

        Raises:
            UnreadableError: there is something else.
        """
        return self._text(self.values.get(key, ""), key)

    def number(self, key: str) -> int:
        """The whole number there of bytes there.

        Raises:
            UnreadableError: there is none.
        """
        found = self.values.get(key)
        if not isinstance(found, int) or isinstance(found, bool) or not 0 <= found <= _LARGEST:
            raise UnreadableError(f"{self._at(key)} is not a size")
        return found

    def flag(self, key: str) -> bool:
        """Whether it says true there.

        Raises:
            UnreadableError: there is something that is neither true nor false.
        """
        found = self.values.get(key)
        if found is not None and not isinstance(found, bool):
            raise UnreadableError(f"{self._at(key)} is neither true nor false")
        return bool(found)

    def texts(self, key: str) -> tuple[str, ...]:
        """The list of texts there; a single text is a list of one, as Docker has it for commands.

        Raises:
            UnreadableError: there is something else.
        """
        found = self.values.get(key)
        if isinstance(found, str):
            found = [found]
        return tuple(
            self._text(item, f"{key}[{number}]") for number, item in enumerate(self._list(found, key))
        )

    def mapping(self, key: str) -> dict[str, str]:
        """The texts by name there.

        Raises:
            UnreadableError: there is something else.
        """
        inner = self.document(key)
        return {} if inner is None else {_clean(name): inner.text(name) for name in inner.values}

    def document(self, key: str) -> Document | None:
        """The object there, if any.

        Raises:
            UnreadableError: there is something else.
        """
        found = self.values.get(key)
        return None if found is None else self._document(found, key)

    def documents(self, key: str, *, most: int) -> tuple[Document, ...]:
        """The list of objects there.

        Raises:
            UnreadableError: there is something else, or more of them.
        """
        found = self._list(self.values.get(key), key)
        if len(found) > most:
            raise UnreadableError(f"{self._at(key)} has {len(found)} entries; {most} is the most")
        return tuple(self._document(item, f"{key}[{number}]") for number, item in enumerate(found))

    def _list(self, found: object, key: str) -> list[Any]:
        if found is None:
            return []
        if not isinstance(found, list):
            raise UnreadableError(f"{self._at(key)} is not a list")
        return found

    def _document(self, found: object, key: str) -> Document:
        if not isinstance(found, dict):
            raise UnreadableError(f"{self._at(key)} is not an object")
        return Document(found, self._at(key))

    def _text(self, found: object, key: str) -> str:
        if found is None:
            return ""
        if not isinstance(found, str):
            raise UnreadableError(f"{self._at(key)} is not text")
        return _clean(found)

    def _at(self, key: str) -> str:
        """The place of a key as messages name it; names that somebody made up are not repeated at length."""
        name = _clean(key) if len(key) <= 60 and key.isprintable() else "an entry"  # noqa: PLR2004
        return f"{self.place}.{name}" if self.place else name


def _clean(text: str) -> str:
    return _NO_TEXT.sub("\ufffd", text)
