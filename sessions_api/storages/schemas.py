"""Storages as JSON."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from sessions_api.kit.folders import Folder
from sessions_api.kit.schemas import Name, Schema
from sessions_api.storages.paths import PATH_LENGTH

Kind = Literal["folder"]
Path = Annotated[
    str,
    Field(
        min_length=1,
        max_length=PATH_LENGTH,
        description="Absolute path of a folder of the computer that sessions run on.",
        examples=["/home/ada/data"],
    ),
]


class StorageCreate(Schema):
    """A storage to add; without a folder, one derives from its name."""

    name: Name
    kind: Kind = "folder"
    path: Path
    folder: Folder | None = None


class StorageChange(Schema):
    """What is given is changed; null changes nothing."""

    name: Name | None = None
    path: Path | None = None
    folder: Folder | None = None


class StorageRead(Schema):
    """A storage that becomes a folder of /work; `kind` `folder` is a folder of this computer."""

    id: str
    name: Name
    kind: Kind
    path: Path
    folder: Folder
    created_by: str
    created_at: datetime
