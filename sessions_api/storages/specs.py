"""Storages as a launch spec has them, and in words."""

from pydantic import TypeAdapter

from sessions_api.storages.tables import Storage
from spawner.spec import ClaimStorage, CsiStorage, FilesStorage, FolderStorage, NfsStorage, StorageSpec

_SPEC: TypeAdapter[StorageSpec] = TypeAdapter(StorageSpec)


def spec_of(storage: Storage, *, read_only: bool = False) -> StorageSpec:
    """The storage as a launch gets it; `read_only` if a session asks for it, whatever the storage says."""
    return _SPEC.validate_python(
        {
            "kind": storage.kind,
            "name": storage.name,
            "folder": storage.folder,
            "read_only": storage.read_only or read_only,
            **storage.details,
        }
    )


def stays(storage: Storage) -> str | None:
    """What is left of a storage that is removed, in one line; None: nothing."""
    match spec_of(storage):
        case FilesStorage():
            return None
        case ClaimStorage(claim=claim, size_gib=size) if size is not None:
            return (
                f"The volume claim {claim} of {size:g} GiB with what is in it, once a session had it; an "
                "administrator of the cluster can delete it"
            )
    return place_of(storage)


def place_of(storage: Storage) -> str:
    """Where its files are, in one line."""
    match spec_of(storage):
        case FolderStorage(path=path):
            return path
        case ClaimStorage(claim=claim, size_gib=None):
            return f"Volume claim {claim}"
        case ClaimStorage(size_gib=size):
            return f"Volume of {size:g} GiB"
        case NfsStorage(server=server, path=path):
            return f"{server}:{path}"
        case CsiStorage(driver=driver):
            return f"Volume of {driver}"
        case FilesStorage(files=files):
            return ", ".join(sorted(files))
