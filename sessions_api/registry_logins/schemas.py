"""Registry logins as JSON; a password goes in and never out."""

from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, Field, SecretStr

from sessions_api.kit.schemas import Schema
from sessions_api.kit.secret_texts import secret_text
from sessions_api.registry_logins import hosts

PASSWORD_BYTES = 10_000
"""Some registries' tokens are long: those of Amazon's have some thousand bytes."""


def _username(name: str) -> str:
    if not name.isprintable():
        raise ValueError("This has control characters in it; leave them out.")
    if ":" in name:
        raise ValueError("This has a colon in it, which a registry would take for its end.")  # RFC 7617, 2
    return name


Host = Annotated[
    str,
    Field(
        min_length=1,
        max_length=hosts.LENGTH,
        description="Registry as the names of its images begin, with `:PORT` where they have one; "
        "`docker.io` for Docker Hub. The name of an image in it is understood, too.",
        examples=["ghcr.io"],
    ),
]
Username = Annotated[
    str,
    Field(min_length=1, max_length=200, description="User name that goes with the password."),
    AfterValidator(_username),
]
Password = Annotated[
    SecretStr,
    secret_text(PASSWORD_BYTES, one_line=True),
    Field(
        description=f"Password or, better, an access token that may only read; at most {PASSWORD_BYTES:,} "
        "bytes. It is encrypted, and nothing answers with it."
    ),
]


class RegistryLoginCreate(Schema):
    """A registry login to add."""

    host: Host
    username: Username
    password: Password


class RegistryLoginChange(Schema):
    """What is given is changed; null changes nothing. The host stays: a password is for one registry."""

    username: Username | None = None
    password: Password | None = None


class RegistryLoginRead(Schema):
    """A registry login without its password."""

    id: str
    host: Host
    username: Username
    created_by: str
    created_at: datetime
    updated_at: datetime
