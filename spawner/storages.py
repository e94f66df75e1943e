"""Mounting a storage on a laptop: a link in /work to a folder of the same computer."""

from __future__ import annotations

from pathlib import Path

from spawner.failures import LaunchFailedError, start_without
from spawner.launch import Outcome
from spawner.reasons import RETRY, Reason
from spawner.spec import StorageSpec


def mount(storage: StorageSpec, work: Path) -> Outcome:
    """Makes `work/FOLDER` lead to the storage's path; what is already there under that name is left alone.

    Raises:
        LaunchFailedError: the path is not there (`storage_missing`).
    """
    source, link = Path(storage.path), work / storage.folder
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
    if link.is_symlink() and link.readlink() == source:
        return Outcome()
    if link.is_symlink() or link.exists():
        return Outcome(
            state="warn",
            detail=f"not mounted: /work has something else called {storage.folder}; rename it, start again",
        )
    link.symlink_to(source, target_is_directory=True)
    return Outcome()
