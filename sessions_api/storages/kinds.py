"""The kinds of storages, and what each has beyond name and folder, named as in `spawner.spec`."""

from pathlib import PurePosixPath
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, ConfigDict, Field, StringConstraints, ValidationError

from sessions_api.kit import complaints
from sessions_api.kit.errors import FieldError, Invalid
from sessions_api.kit.folders import SAFE
from sessions_api.kit.schemas import Schema
from sessions_api.storages.paths import PATH_LENGTH

Kind = Literal["folder", "claim", "nfs", "csi", "files"]

FILES_BYTES = 256 * 1024
"""All texts of one storage together, as UTF-8: they travel with every launch."""

_KUBERNETES = "csi.storage.k8s.io/"
"""Attributes of volumes that begin so are Kubernetes' own."""


def _absolute(path: str) -> str:
    if not path.startswith("/") or not path.isprintable():
        raise ValueError(
            f"{path!r} is not a whole path; write it from the first slash on, such as /exports/data."
        )
    if ".." in PurePosixPath(path).parts:
        raise ValueError(f"{path} has .. in it; write it without.")
    return path


def _attributes(attributes: dict[str, str]) -> dict[str, str]:
    for name in attributes:
        if name.startswith(_KUBERNETES):
            raise ValueError(f"{name} is set by Kubernetes; leave it out.")
    return attributes


def _small(files: dict[str, str]) -> dict[str, str]:
    size = sum(len(text.encode()) for text in files.values())
    if size > FILES_BYTES:
        raise ValueError(
            f"The files have {size:,} bytes together; {FILES_BYTES:,} is the most. Keep larger ones in a "
            "storage of another kind."
        )
    if any("\0" in text for text in files.values()):
        raise ValueError("A file has a null character; only texts can be handed out so.")
    return files


Path = Annotated[
    str,
    Field(
        min_length=1,
        max_length=PATH_LENGTH,
        description="Absolute path of a folder of the computer that sessions run on.",
        examples=["/home/ada/data"],
    ),
]
ObjectName = Annotated[
    str,
    Field(
        min_length=1,
        max_length=253,
        pattern=r"^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$",
        description="Name of an object in Kubernetes.",
    ),
]
SizeGib = Annotated[
    float, Field(ge=1, le=65536, allow_inf_nan=False, description="Size in GiB.", examples=[50])
]
Access = Annotated[
    Literal["ReadWriteMany", "ReadWriteOnce"],
    Field(
        description="Of a new volume: whether sessions on several nodes can have it at once "
        "(`ReadWriteMany`, unless said), or those on one node (`ReadWriteOnce`)."
    ),
]
Server = Annotated[
    str,
    Field(
        min_length=1,
        max_length=253,
        pattern=r"^[A-Za-z0-9]([A-Za-z0-9.:-]*[A-Za-z0-9])?$",
        description="Host name or address of an NFS server.",
        examples=["nfs.example.org"],
    ),
]
ExportPath = Annotated[
    str,
    Field(
        min_length=1,
        max_length=1000,
        description="Directory that the server exports, or one below it.",
        examples=["/exports/data"],
    ),
    AfterValidator(_absolute),
]
Driver = Annotated[
    str,
    Field(
        min_length=1,
        max_length=63,
        pattern=r"^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$",
        description="Name of a CSI driver.",
        examples=["s3.csi.example.org"],
    ),
]
Attributes = Annotated[
    dict[
        Annotated[str, StringConstraints(min_length=1, max_length=253)],
        Annotated[str, StringConstraints(max_length=4000)],
    ],
    Field(
        max_length=50, description="What the driver is told of the volume; everybody in the project reads it."
    ),
    AfterValidator(_attributes),
]
FileName = Annotated[str, StringConstraints(pattern=f"^{SAFE}$", max_length=100)]
Files = Annotated[
    dict[FileName, str],
    Field(
        min_length=1,
        max_length=100,
        description=f"Texts by file name, at most {FILES_BYTES // 1024} KiB together.",
        examples=[{"settings.ini": "[server]\n"}],
    ),
    AfterValidator(_small),
]


class FolderDetails(Schema):
    """A folder of this computer."""

    path: Path


class ClaimDetails(Schema):
    """A persistent volume claim: one that exists, by name, or a new one, by size."""

    claim: ObjectName | None = None
    size_gib: SizeGib | None = None
    storage_class: ObjectName | None = None
    access: Access | None = None


class NfsDetails(Schema):
    """A directory of an NFS server."""

    server: Server
    path: ExportPath


class CsiDetails(Schema):
    """A volume of a CSI driver; `secret` is a Secret's name in the sessions' namespace."""

    driver: Driver
    attributes: Attributes = {}
    secret: ObjectName | None = None


class FilesDetails(Schema):
    """Small text files, handed out read-only."""

    # The blanks at the ends of a file are its own.
    model_config = ConfigDict(str_strip_whitespace=False)

    files: Files


DETAILS: dict[str, type[Schema]] = {
    "folder": FolderDetails,
    "claim": ClaimDetails,
    "nfs": NfsDetails,
    "csi": CsiDetails,
    "files": FilesDetails,
}


def checked(kind: str, details: dict[str, Any]) -> dict[str, Any]:
    """The details of a storage, when a storage of that kind can have them.

    Raises:
        Invalid: a field is not the kind's, or not what it should be.
    """
    model = DETAILS[kind]
    for name in details:
        if name not in model.model_fields:
            raise Invalid.field(name, f"A storage of kind {kind} has no {name}; leave it out.")
    try:
        return model.model_validate(details).model_dump()
    except ValidationError as error:
        errors = [
            FieldError(field=complaints.place(item["loc"]), detail=complaints.sentence(item))
            for item in error.errors()
        ]
        raise Invalid(errors[0].detail, errors=errors) from error
