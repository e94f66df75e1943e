"""Secrets as JSON; a value goes in and never out."""

from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, Field, SecretStr

from sessions_api.kit import folders
from sessions_api.kit.schemas import Schema
from sessions_api.kit.secret_texts import secret_text
from sessions_api.secrets.names import LENGTH
from sessions_api.sessions import variables

VALUE_BYTES = 64 * 1024

Name = Annotated[
    str,
    Field(
        min_length=1,
        max_length=LENGTH,
        description="File in the folder `$SOJOURN_SECRETS` of sessions: letters, digits, `.`, `_` and `-`, "
        "beginning with a letter or digit. Capitals make no difference.",
        examples=["deploy-key"],
        json_schema_extra={"pattern": f"^{folders.SAFE}$"},
    ),
]
Variable = Annotated[
    str,
    Field(
        max_length=LENGTH,
        description="Environment variable that holds the value too, in every session of the project; null: "
        "the file only.",
        examples=["API_TOKEN"],
    ),
    AfterValidator(variables.check_name),
]
Value = Annotated[
    SecretStr,
    secret_text(VALUE_BYTES, one_line=False),
    Field(
        description=f"A text of at most {VALUE_BYTES:,} bytes, kept as it is. It is encrypted, and nothing "
        "answers with it."
    ),
]


class SecretCreate(Schema):
    """A secret to add."""

    name: Name
    value: Value
    variable: Variable | None = None


class SecretChange(Schema):
    """What is given is changed; `variable: null` leaves the file only, another null changes nothing."""

    name: Name | None = None
    value: Value | None = None
    variable: Variable | None = None


class SecretRead(Schema):
    """A secret without its value. Sessions that members of the project start get it."""

    id: str
    name: Name
    variable: Variable | None
    created_by: str
    created_at: datetime
    updated_at: datetime
