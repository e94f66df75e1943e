"""Reads examples out of the pages of docs/, and compares what they say with what is so."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from email.parser import HeaderParser
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).parents[2]
DOCS = REPOSITORY / "docs"
ANYTHING = "…"
"""In an example: whatever it is, it is left out."""

_FENCED = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_ID = re.compile(r"[0-9A-HJKMNP-TV-Z]{26}")


def page(name: str) -> str:
    return (DOCS / name).read_text()


def fenced(text: str, *languages: str) -> list[str]:
    """The fenced blocks of some languages, in their order."""
    return [content for language, content in _FENCED.findall(text) if language in languages]


def matches(example: str, text: str) -> bool:
    """Whether a text is as the example says."""
    pattern = ".*?".join(re.escape(piece) for piece in example.split(ANYTHING))
    return re.fullmatch(pattern, text, re.DOTALL) is not None


@dataclass(frozen=True)
class Message:
    """An HTTP request or answer as a page shows it."""

    first: str
    headers: Mapping[str, str]
    body: str

    @classmethod
    def of(cls, block: str) -> Message:
        head, _, body = block.partition("\n\n")
        first, _, headers = head.partition("\n")
        return cls(first.strip(), dict(HeaderParser().parsestr(headers).items()), body.strip())

    @property
    def is_answer(self) -> bool:
        return self.first.startswith("HTTP/")


class Ids:
    """Ids that a page makes up, and what they really are."""

    def __init__(self) -> None:
        self._known: dict[str, str] = {}

    def real(self, text: str) -> str:
        return _ID.sub(lambda found: self._known.get(found[0], found[0]), text)

    def learn(self, example: str, text: str) -> None:
        """A made-up id stands for what is in its place."""
        pattern = _ID.sub("(.{26})", re.escape(example))
        found = re.fullmatch(pattern, text)
        if found:
            self._known |= dict(zip(_ID.findall(example), found.groups(), strict=True))


def differences(example: Any, found: Any, ids: Ids, where: str = "the answer") -> list[str]:
    """What the example shows and is not so. What it does not show does not matter."""
    if isinstance(example, dict) and isinstance(found, dict):
        return [
            difference
            for key, value in example.items()
            for difference in (
                differences(value, found[key], ids, f"{where}.{key}")
                if key in found
                else [f"{where} has no {key}"]
            )
        ]
    if isinstance(example, list) and isinstance(found, list) and len(example) == len(found):
        return [
            difference
            for place, (one, other) in enumerate(zip(example, found, strict=True))
            for difference in differences(one, other, ids, f"{where}[{place}]")
        ]
    if isinstance(example, str) and isinstance(found, str):
        ids.learn(example, found)
        if matches(ids.real(example), found):
            return []
    return [] if example == found else [f"{where} is {found!r} and not {example!r}"]


def events(text: str) -> list[tuple[str, Any]]:
    """The server-sent events of an example: kind and data."""
    found = []
    for block in text.split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines())
        found.append((fields["event"], json.loads(fields["data"])))
    return found
