"""The words that find an environment.

They are kept apart from the texts they come from, folded and with the kind of their place, so that a search
reads a short stretch of an index however many environments there are. A word finds what begins with it.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from enum import IntEnum
from typing import Any

from sessions_api.environments.packages import Package
from sessions_api.environments.tables import TERM_LENGTH, Environment

_AROUND = "\"'“”„‘’«»()[]{}<>,.;:!?|*`"
_BETWEEN = re.compile(r"[^\w.+#]+")


class Kind(IntEnum):
    """Where a word stands; a lower one makes a better find."""

    WHOLE = 1
    """The slug, or the name from its first to its last word."""
    KEYWORD = 2
    WORD = 3
    """A word of name or description."""
    PACKAGE = 4
    """A package that is installed in the newest version."""
    CREATOR = 5


def fold(text: str) -> str:
    """A text as it is kept and asked for: without case, `_` as `-`, one blank between words."""
    plain = unicodedata.normalize("NFKC", text).casefold().replace("_", "-")
    return " ".join(printable(plain).split())[:TERM_LENGTH]


def printable(text: str) -> str:
    """A text with a blank for each control character, which databases do not all keep."""
    return "".join(sign if sign.isprintable() else " " for sign in text)


def wanted(search: str) -> tuple[str, ...]:
    """The words of a search, each once; none that another begins with, which it says already."""
    words = {word.strip(_AROUND) or word for word in fold(search).split()}
    return tuple(
        sorted(word for word in words if not any(other != word and other.startswith(word) for other in words))
    )


def of_environment(environment: Environment) -> set[tuple[Kind, str]]:
    """What finds an environment whatever is installed in it."""
    texts = (environment.name, *environment.description.split("\n"))
    found = {(Kind.WORD, word) for text in texts for word in _words(text)}
    found |= {(Kind.WHOLE, fold(environment.name)), (Kind.WHOLE, fold(environment.slug))}
    found |= {(Kind.KEYWORD, fold(keyword)) for keyword in environment.keywords}
    found.add((Kind.CREATOR, fold(environment.created_by)))
    return {(kind, term) for kind, term in found if term}


def of_packages(packages: Iterable[Package]) -> set[tuple[Kind, str]]:
    """What finds an environment by what is installed in it."""
    return {(Kind.PACKAGE, fold(package.name)) for package in packages}


def rows(environment: Environment, found: Iterable[tuple[Kind, str]]) -> list[dict[str, Any]]:
    """The words as rows of `tables.EnvironmentTerm`."""
    first = "0" if environment.default else "1"
    return [
        {
            "environment_id": environment.id,
            "term": term,
            "kind": int(kind),
            "place": first + (environment.slug if kind == Kind.KEYWORD else ""),
        }
        for kind, term in found
    ]


def _words(text: str) -> Iterator[str]:
    """`snow-depth (v2)` → `snow-depth`, `snow`, `depth`, `v2`."""
    for token in text.split():
        word = fold(token).strip(_AROUND)
        yield word
        parts = _BETWEEN.split(word)
        if len(parts) > 1:
            yield from parts
