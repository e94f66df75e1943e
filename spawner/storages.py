"""Mounting a storage on a laptop, a folder of the same computer: a link in /work, or room for a container."""

from __future__ import annotations

import contextlib
from pathlib import Path

from spawner.failures import LaunchFailedError, start_without
from spawner.outcome import Outcome
from spawner.reasons import RETRY, Reason
from spawner.spec import FolderStorage, StorageSpec


def link(storage: StorageSpec, work: Path) -> Outcome:
    """Makes `work/FOLDER` lead to the storage's path; what is already there under that name is left alone.

    Raises:
        LaunchFailedError: the path is not there (`storage_missing`), or the storage is one that only a
            cluster can mount (`storage_unsupported`).
    """
    source, at = _source(storage), work / storage.folder
    if at.is_symlink() and at.readlink() == source:
        return Outcome()
    # What a container had it mounted at, maybe.
    _remove_empty(at)
    if _is_taken(at):
        return _not_mounted(storage)
    at.symlink_to(source, target_is_directory=True)
    return Outcome()


def make_room(storage: StorageSpec, work: Path) -> tuple[Path | None, Outcome]:
    """Makes the empty folder `work/FOLDER` for a container to mount it at; what is there is left alone.

    Returns what to mount, None if it cannot be.

    Raises:
        LaunchFailedError: as `link`.
    """
    source, at = _source(storage), work / storage.folder
    if at.is_symlink() and at.readlink() == source:
        at.unlink()
    _remove_empty(at)
    if _is_taken(at):
        return None, _not_mounted(storage)
    at.mkdir()
    return source.resolve(), Outcome()


def _source(storage: StorageSpec) -> Path:
    if not isinstance(storage, FolderStorage):
        raise LaunchFailedError(
            Reason(
                code="storage_unsupported",
                sentence=f"Storage {storage.name} did not mount: a {storage.kind} storage needs a cluster.",
                hint="On this computer storages are folders.",
                remedies=(start_without(storage.folder), RETRY),
            )
        )
    source = Path(storage.path)
    if not source.is_dir():
        what = "is not a folder" if source.exists() else "does not exist"
        raise LaunchFailedError(
            Reason(
                code="storage_missing",
                sentence=f"Storage {storage.name} did not mount: {source} {what}.",
                hint="Bring the folder back, or change the storage's path in the project.",
                remedies=(RETRY, start_without(storage.folder)),
            )
        )
    return source


def _is_taken(at: Path) -> bool:
    return at.is_symlink() or at.exists()


def _remove_empty(at: Path) -> None:
    if not at.is_symlink():
        with contextlib.suppress(OSError):
            at.rmdir()


def _not_mounted(storage: StorageSpec) -> Outcome:
    return Outcome(
        state="warn",
        detail=f"not mounted: /work has something else called {storage.folder}; rename it, start again",
    )
