"""Git logins as JSON; a token goes in and never out."""

from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, Field, SecretStr

from sessions_api.git_logins import hosts
from sessions_api.kit.schemas import Schema
from sessions_api.kit.secret_texts import secret_text

TOKEN_BYTES = 4096
USERNAME = "oauth2"
"""Goes with an access token at GitHub, GitLab, Gitea and Forgejo, which look at the token only."""


def _username(name: str) -> str:
    if not name.isprintable():
        raise ValueError("This has control characters in it; leave them out.")
    return name


Host = Annotated[
    str,
    Field(
        min_length=1,
        max_length=hosts.LENGTH,
        description="Host of the repositories, with `:PORT` where their addresses have one; the address of a "
        "repository is understood, too.",
        examples=["git.example.org"],
    ),
]
Username = Annotated[
    str,
    Field(
        min_length=1,
        max_length=200,
        description=f"User name that goes with the token. `{USERNAME}` will do for access tokens of GitHub, "
        "GitLab, Gitea and Forgejo; other hosts want your own.",
    ),
    AfterValidator(_username),
]
Token = Annotated[
    SecretStr,
    secret_text(TOKEN_BYTES, one_line=True),
    Field(
        description=f"Access token or password, at most {TOKEN_BYTES:,} bytes. It is encrypted, and nothing "
        "answers with it."
    ),
]


class GitLoginCreate(Schema):
    """A git login to add."""

    host: Host
    username: Username = USERNAME
    token: Token


class GitLoginChange(Schema):
    """What is given is changed; null changes nothing. The host stays: a token is for one host."""

    username: Username | None = None
    token: Token | None = None


class GitLoginRead(Schema):
    """A git login without its token."""

    id: str
    host: Host
    username: Username
    created_by: str
    created_at: datetime
    updated_at: datetime
