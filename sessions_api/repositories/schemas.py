"""Repositories as JSON."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from sessions_api.kit.folders import Folder
from sessions_api.kit.schemas import Schema
from sessions_api.repositories.refs import REF_LENGTH
from sessions_api.repositories.urls import URL_LENGTH

Url = Annotated[
    str,
    Field(
        min_length=1,
        max_length=URL_LENGTH,
        description="Address that git clones from: `https://…`, `http://…`, `ssh://…` or `git@host:path`, "
        "without user name and password.",
        examples=["https://github.com/octocat/Spoon-Knife.git"],
    ),
]
Ref = Annotated[
    str,
    Field(
        max_length=REF_LENGTH,
        description="Branch, tag or whole commit id; null is the repository's default branch.",
        examples=["main"],
    ),
]

Shallow = Annotated[
    bool,
    Field(description="Whether sessions get it without its history: smaller and faster."),
]


class RepositoryCreate(Schema):
    """A repository to add; without a folder, the last part of the URL becomes one."""

    url: Url
    ref: Ref | None = None
    folder: Folder | None = None
    shallow: Shallow = False


class RepositoryChange(Schema):
    """What is given is changed; `ref: null` is the default branch, another null changes nothing."""

    url: Url | None = None
    ref: Ref | None = None
    folder: Folder | None = None
    shallow: Shallow | None = None


class RepositoryRead(Schema):
    """A git repository that becomes a folder of /work."""

    id: str
    url: Url
    ref: Ref | None
    folder: Folder
    shallow: Shallow
    created_by: str
    created_at: datetime
