"""Forms that come back: what was typed is kept, each error stands at its field with a way out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from pydantic import ValidationError
from starlette.requests import Request

from sessions_api.kit.complaints import place, sentence
from sessions_api.kit.errors import Conflict, Invalid, Problem, Stale, Unavailable

REFUSALS = (ValidationError, Invalid, Conflict, Stale, Unavailable)
"""What makes a form come back with a sentence; everything else is a page of its own."""

Labels = Mapping[str, str]
"""What people call the fields, by the name of the input."""


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
    status: int = 200

    def value(self, name: str, default: str = "") -> str:
        """What was typed into a field."""
        return next(iter(self.values.get(name, ())), default)

    def chosen(self, name: str, value: str) -> bool:
        """Whether `value` is among the ticked ones of a group."""
        return value in self.values.get(name, ())

    def error(self, name: str) -> FieldError | None:
        """The first error of a field."""
        return next((error for error in self.errors if error.field == name), None)

    def given(self, *names: str) -> dict[str, str]:
        """The fields that were filled in; empty ones are left out."""
        return {name: value for name in names if (value := self.value(name).strip())}

    def refused(
        self, error: ValidationError | Problem, labels: Labels, inputs: Mapping[str, str] | None = None
    ) -> Form:
        """The same form with what was wrong with it.

        `inputs` names the input of a field where the two are called differently.
        """
        named = inputs or {}
        if isinstance(error, ValidationError):
            return replace(self, errors=_complaints(error, labels, named), status=Invalid.status)
        return replace(self, errors=_sentences(error, labels, named), status=error.status)


async def read(request: Request) -> Form:
    """The form that was sent. The button of a suggestion (`use` = `field=value`) has put its value in."""
    sent = await request.form()
    values: dict[str, list[str]] = {}
    for name, value in sent.multi_items():
        if isinstance(value, str) and name != "csrf_token":
            values.setdefault(name, []).append(value.replace("\r\n", "\n"))
    name, separator, value = "".join(values.pop("use", [])[:1]).partition("=")
    if separator:
        values[name] = [value]
    return Form(values)


def _complaints(error: ValidationError, labels: Labels, inputs: Mapping[str, str]) -> tuple[FieldError, ...]:
    found = ((place(item["loc"]), item) for item in error.errors())
    named = ((inputs.get(field, field), item) for field, item in found)
    return tuple(FieldError(name, labels.get(name, name), sentence(item)) for name, item in named)


def _sentences(problem: Problem, labels: Labels, inputs: Mapping[str, str]) -> tuple[FieldError, ...]:
    named = ((inputs.get(error.field, error.field), error) for error in problem.errors)
    found = tuple(
        FieldError(name, labels[name], error.detail, error.value or "")
        for name, error in named
        if name in labels
    )
    whole = f"{problem.detail} {problem.hint}" if problem.hint else problem.detail
    return found or (FieldError("", "", whole),)
