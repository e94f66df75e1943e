"""Cursors of the lists of environments, read back: each names a place in one kind of list."""

import json

from sessions_api.environments.search.store import Place
from sessions_api.kit.paging import foreign

_LARGEST = 2**31 - 1
"""Number that a place in the finds of a search has."""


def listed(after: str | None) -> str:
    """A place in the list without words: a `store.sort_key`, or what comes before all.

    Raises:
        Invalid: as of all here: the cursor is of another list.
    """
    if after is None:
        return "0"
    if after[:1] not in {"0", "1"}:
        raise foreign()
    return after


def found(after: str | None) -> Place | None:
    """A place in what a search found."""
    if after is None:
        return None
    match _parsed(after):
        case [int(tier), int(later), int(other), int(unused), str(slug)] if all(
            abs(number) <= _LARGEST for number in (tier, later, other, unused)
        ):
            return tier, later, other, unused, slug
    raise foreign()


def package(after: str | None) -> tuple[str, ...]:
    """A place in the packages of a version."""
    if after is None:
        return ()
    match _parsed(after):
        case [str(folded), str(name), str(ecosystem), str(version)]:
            return folded, name, ecosystem, version
    raise foreign()


def _parsed(after: str) -> object:
    """What a cursor holds, if databases take all of it."""
    try:
        parsed: object = json.loads(after)
        texts = [each for each in parsed if isinstance(each, str)] if isinstance(parsed, list) else []
        " ".join(texts).encode()
    except (ValueError, RecursionError) as error:
        raise foreign() from error
    if any("\0" in text for text in texts):
        raise foreign()
    return parsed
