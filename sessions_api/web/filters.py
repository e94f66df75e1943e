"""What templates turn values into: safe markup, small and without logic of any noun."""

from __future__ import annotations

import re

from markupsafe import Markup, escape

BARS = 12
"""Bars of a digest mark; each stands for one hexadecimal digit."""


def breakable(name: str) -> Markup:
    """A long name that may break after `_`, `-`, `/` and `.`, and is otherwise shown whole."""
    pieces = re.split(r"(?<=[_\-/.])(?=\w)", name)
    return Markup("<wbr>").join(escape(piece) for piece in pieces)


def sentence(text: str) -> Markup:
    """A sentence; what stands between backticks becomes code, and everything may break as names do."""
    pieces = text.split("`")
    if len(pieces) % 2 == 0:
        return breakable(text)
    return Markup("").join(
        Markup("<code>{}</code>").format(breakable(piece)) if place % 2 else breakable(piece)
        for place, piece in enumerate(pieces)
    )


def hexadecimal(digest: str) -> str:
    """The digits of `sha256:…`."""
    return digest.rpartition(":")[2]


def mark(digest: str) -> str:
    """The path of a digest's mark: bar = digit, so equal marks are equal images at a glance."""
    digits = hexadecimal(digest)[:BARS]
    return "".join(
        f"M{1 + 3 * place} 12V{round(10 - int(digit, 16) * 10 / 15, 1):g}"
        for place, digit in enumerate(digits)
    )


def short(digest: str, length: int = 7) -> str:
    """The first digits of a digest or a commit, as people compare them."""
    return hexadecimal(digest)[:length]


def initials(name: str) -> str:
    """Two letters for a person: `Ines Okafor` → `IO`, `ines` → `IN`."""
    words = re.findall(r"\w+", name)
    letters = "".join(word[0] for word in words[:2]) if len(words) > 1 else "".join(words)[:2]
    return letters.upper()
