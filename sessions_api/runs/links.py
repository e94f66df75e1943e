"""Launch links: addresses that lead to the question whether to start a session, with values for variables."""

from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import urlencode

from pydantic import ValidationError

from sessions_api.kit.complaints import sentence
from sessions_api.kit.errors import Invalid
from sessions_api.runs.schemas import Overrides

PREFIX = "set."
"""What a link or form calls a variable with before its name; everything else in a link means nothing."""


def variables(given: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """The variables of a link or form, by name; the first value of each.

    Raises:
        Invalid: one is no variable, or has no value that a process can have.
    """
    found = {name[len(PREFIX) :]: values[0] for name, values in given.items() if name.startswith(PREFIX)}
    try:
        return Overrides.model_validate({"variables": found}).variables
    except ValidationError as wrong:
        raise Invalid.field("variables", sentence(wrong.errors()[0])) from wrong


def query(named: Iterable[tuple[str, str]]) -> str:
    """What a link asks with for variables: `?set.SCALE=3`; empty without any."""
    pairs = [(f"{PREFIX}{name}", value) for name, value in named]
    return f"?{urlencode(pairs)}" if pairs else ""
