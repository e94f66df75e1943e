"""Storages as JSON."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Discriminator, Field, StringConstraints, Tag, TypeAdapter

from sessions_api.kit.complaints import ALTERNATIVE
from sessions_api.kit.folders import Folder
from sessions_api.kit.schemas import Name, Schema
from sessions_api.storages.kinds import (
    DETAILS,
    Attributes,
    ClaimDetails,
    CsiDetails,
    Driver,
    Files,
    FilesDetails,
    FolderDetails,
    NfsDetails,
    ObjectName,
    Server,
)
from sessions_api.storages.paths import PATH_LENGTH
from sessions_api.storages.tables import Storage


class _Create(Schema):
    """A storage to add; without a folder, one derives from its name."""

    name: Name
    folder: Folder | None = None
    read_only: Annotated[bool, Field(description="Whether no session can write to it.")] = False

    def details(self) -> dict[str, Any]:
        """What only its kind has."""
        return self.model_dump(exclude={"kind", *_Create.model_fields})


class FolderCreate(_Create, FolderDetails):
    """A folder of the computer that sessions run on."""

    kind: Literal["folder"] = "folder"


class ClaimCreate(_Create, ClaimDetails):
    """A volume: say a size for a new one, or name a claim that exists."""

    kind: Literal["claim"]


class NfsCreate(_Create, NfsDetails):
    """A directory of an NFS server."""

    kind: Literal["nfs"]


class CsiCreate(_Create, CsiDetails):
    """A volume of a CSI driver, for instance of one that mounts S3 buckets."""

    kind: Literal["csi"]


class FilesCreate(_Create, FilesDetails):
    """Small text files, handed out read-only by platform admins."""

    kind: Literal["files"]


def _kind(given: Any) -> str | None:
    kind = given.get("kind", "folder") if isinstance(given, dict) else getattr(given, "kind", None)
    return f"{ALTERNATIVE}{kind}" if kind in DETAILS else None


StorageCreate = Annotated[
    Annotated[FolderCreate, Tag(f"{ALTERNATIVE}folder")]
    | Annotated[ClaimCreate, Tag(f"{ALTERNATIVE}claim")]
    | Annotated[NfsCreate, Tag(f"{ALTERNATIVE}nfs")]
    | Annotated[CsiCreate, Tag(f"{ALTERNATIVE}csi")]
    | Annotated[FilesCreate, Tag(f"{ALTERNATIVE}files")],
    Discriminator(
        _kind,
        custom_error_type="kind",
        custom_error_message=f"A storage's kind is one of {', '.join(DETAILS)}.",
    ),
]

creates: TypeAdapter[StorageCreate] = TypeAdapter(StorageCreate)
"""What forms are read with."""


class StorageChange(Schema):
    """What is given is changed, where the storage's kind has it.

    Null changes nothing, but for `secret`, of which it is none. A volume that Sojourn made stays as it is.
    """

    name: Name | None = None
    folder: Folder | None = None
    read_only: bool | None = None
    path: Annotated[str, StringConstraints(min_length=1, max_length=PATH_LENGTH)] | None = None
    claim: ObjectName | None = None
    server: Server | None = None
    driver: Driver | None = None
    attributes: Attributes | None = None
    secret: ObjectName | None = None
    files: Files | None = None

    # Blanks at the ends of files are their own; the service looks at the other fields again.
    model_config = ConfigDict(str_strip_whitespace=False)

    def details(self) -> dict[str, Any]:
        """What is given of the fields that only some kinds have."""
        given = self.model_dump(exclude_unset=True, exclude={"name", "folder", "read_only"})
        return {name: value for name, value in given.items() if value is not None or name == "secret"}


class _Read(Schema):
    """A storage that becomes a folder of /work."""

    id: str
    name: Name
    folder: Folder
    read_only: bool
    created_by: str
    created_at: datetime


class FolderRead(_Read, FolderDetails):
    """A folder of the computer that sessions run on."""

    kind: Literal["folder"]


class ClaimRead(_Read):
    """A volume.

    Attributes:
        claim: name of its claim in the sessions' namespace.
        size_gib: of a volume that is made at the first launch that needs it; null: the claim was there.
        storage_class: of a volume that is made; null is the cluster's default.
    """

    kind: Literal["claim"]
    claim: str
    size_gib: float | None
    storage_class: str | None
    access: str


class NfsRead(_Read, NfsDetails):
    """A directory of an NFS server."""

    kind: Literal["nfs"]


class CsiRead(_Read, CsiDetails):
    """A volume of a CSI driver."""

    kind: Literal["csi"]


class FilesRead(_Read, FilesDetails):
    """Small text files."""

    kind: Literal["files"]


StorageRead = Annotated[FolderRead | ClaimRead | NfsRead | CsiRead | FilesRead, Field(discriminator="kind")]

_READ: TypeAdapter[StorageRead] = TypeAdapter(StorageRead)


def read(storage: Storage) -> StorageRead:
    """The storage with the fields of its kind."""
    names = {*_Read.model_fields, "kind"}
    return _READ.validate_python({name: getattr(storage, name) for name in names} | storage.details)
