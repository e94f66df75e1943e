"""What API and spawner tell each other is made of."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict


class Part(BaseModel):
    """Base of all that the two tell each other: immutable, no unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def lean(part: Part) -> dict[str, Any]:
    """A part as JSON for a program that may be of the version before: without what has its default.

    Such a program refuses a field that it does not know, as it must: it would leave out what the field asks
    for. But whoever does not use what a newer version can do is told nothing of it.
    """
    left: dict[str, Any] = _lean(part, part.model_dump(mode="json"))
    return left


def _lean(value: Any, dumped: Any) -> Any:
    match value:
        case Part():
            return {
                name: _lean(given, dumped[name])
                for name, field in type(value).model_fields.items()
                if (given := getattr(value, name)) != field.get_default(call_default_factory=True)
                or name == _TELLS_APART
            }
        case tuple():
            return [_lean(*both) for both in zip(value, dumped, strict=True)]
        case dict():
            return {name: _lean(each, dumped[name]) for name, each in value.items()}
    return dumped


_TELLS_APART = "kind"
"""The field by which parts that may stand at one place are told apart."""
