"""Forms that come back: what was typed is kept, each error stands at its field with a way out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class FieldError:
    """Why one field was not accepted.

    Attributes:
        field: the name of the input; empty when it is about the form as a whole.
        label: what people call the field.
        suggestion: a value that would be accepted, offered as a button.
    """

    field: str
    label: str
    sentence: str
    suggestion: str = ""


@dataclass(frozen=True, slots=True)
class Form:
    """The values of a form and what is wrong with them."""

    values: Mapping[str, Sequence[str]] = field(default_factory=dict)
    errors: tuple[FieldError, ...] = ()

    def value(self, name: str, default: str = "") -> str:
        """What was typed into a field."""
        return next(iter(self.values.get(name, ())), default)

    def chosen(self, name: str, value: str) -> bool:
        """Whether `value` is among the ticked ones of a group."""
        return value in self.values.get(name, ())

    def error(self, name: str) -> FieldError | None:
        """The first error of a field."""
        return next((error for error in self.errors if error.field == name), None)
