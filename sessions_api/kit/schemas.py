"""Bases of what goes in and out over HTTP."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints


class Schema(BaseModel):
    """A JSON body: unknown fields are refused, surrounding blanks of texts are dropped."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True, from_attributes=True)


def _printable(text: str) -> str:
    if not text.isprintable():
        raise ValueError("This has control characters; leave them out.")
    return text


Name = Annotated[
    str, StringConstraints(min_length=1, max_length=100, strip_whitespace=True), AfterValidator(_printable)
]
"""What people call a thing: 1 to 100 characters of any script, on one line."""

Note = Annotated[str, StringConstraints(max_length=100, strip_whitespace=True), AfterValidator(_printable)]
"""A few words about a thing, on one line; may be none."""

Description = Annotated[str, StringConstraints(max_length=2000, strip_whitespace=True)]
