"""Rules of storages: which folders of this computer a project may have, and as what."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Literal, TypedDict, Unpack

from sqlalchemy.ext.asyncio import AsyncSession

from sessions_api.kit import clock, etags, folders
from sessions_api.kit.db import notify
from sessions_api.kit.errors import Conflict, NotFound
from sessions_api.kit.ids import new_id
from sessions_api.kit.paging import Paging
from sessions_api.people.viewer import Role
from sessions_api.projects import service as projects
from sessions_api.projects.service import Access
from sessions_api.storages import paths, store
from sessions_api.storages.tables import Storage

MOST = 100
"""Storages a project can have: every launch looks at each."""


class Changes(TypedDict, total=False):
    """What can be changed of a storage; what is missing stays."""

    name: str
    path: str
    folder: str


async def listing(db: AsyncSession, project_id: str) -> Sequence[Storage]:
    """All storages of a project, in the order in which they were added; at most `MOST`."""
    return await store.listing(db, project_id)


async def page(db: AsyncSession, access: Access, paging: Paging) -> Sequence[Storage]:
    """Some storages of a project, one more than asked for if there is."""
    return await store.page(db, access.project.id, paging)


async def get(db: AsyncSession, access: Access, folder_or_id: str) -> Storage:
    """One storage of the project.

    Raises:
        NotFound: the project has none of that folder or id.
    """
    return _found(await store.get(db, access.project.id, folder_or_id), access, folder_or_id)


async def add(
    db: AsyncSession,
    access: Access,
    *,
    name: str,
    path: str,
    kind: Literal["folder"] = "folder",
    folder: str | None = None,
    roots: Sequence[Path],
) -> Storage:
    """Adds a folder of this computer; without `folder`, one derived from the name.

    Raises:
        Forbidden: only editors add storages.
        Invalid: the path cannot be offered, or the folder is taken (`folder_taken`, proposes a free one).
        Conflict: the project has as many as it can.
    """
    access.require(Role.EDITOR)
    project_id = access.project.id
    resolved = await asyncio.to_thread(paths.check, path, roots)
    taken = folders.check(folder) if folder else folders.derive(name, otherwise="storage")
    await projects.claim_folder(db, project_id, taken)
    if await store.count(db, project_id) >= MOST:
        raise Conflict(
            f"{access.project.name} has {MOST} storages, which is the most.",
            code="too_many_storages",
            hint="Remove one that is not needed.",
        )
    added = Storage(
        id=new_id(),
        project_id=project_id,
        name=name,
        folder=taken,
        kind=kind,
        path=resolved,
        created_by=access.viewer.name,
        created_at=clock.now(),
        revision=1,
    )
    db.add(added)
    await db.flush()
    notify(db, projects.topic(project_id))
    return added


async def change(
    db: AsyncSession,
    access: Access,
    folder_or_id: str,
    *,
    roots: Sequence[Path],
    if_match: str | None = None,
    **changes: Unpack[Changes],
) -> Storage:
    """Changes what is given; it takes effect on the next start of a session.

    Raises:
        Forbidden: only editors change storages.
        NotFound: the project has none of that folder or id.
        Stale: it was changed since `if_match`.
        Invalid: the path cannot be offered, or the folder is taken (`folder_taken`, proposes a free one).
    """
    access.require(Role.EDITOR)
    storage = await _held(db, access, folder_or_id, if_match)
    if "path" in changes:
        storage.path = await asyncio.to_thread(paths.check, changes["path"], roots)
    if "name" in changes:
        storage.name = changes["name"]
    if "folder" in changes:
        await _move(db, storage, folders.check(changes["folder"]))
    storage.revision += 1
    await db.flush()
    notify(db, projects.topic(access.project.id))
    return storage


async def remove(db: AsyncSession, access: Access, folder_or_id: str, *, if_match: str | None = None) -> None:
    """Takes a storage out of the project; its files stay where they are.

    Raises:
        Forbidden: only editors remove storages.
        NotFound: the project has none of that folder or id.
        Stale: it was changed since `if_match`.
    """
    access.require(Role.EDITOR)
    storage = await _held(db, access, folder_or_id, if_match)
    await store.remove(db, storage.id)
    await projects.release_folder(db, access.project.id, storage.folder)
    notify(db, projects.topic(access.project.id))


async def _held(db: AsyncSession, access: Access, folder_or_id: str, if_match: str | None) -> Storage:
    found = await store.get(db, access.project.id, folder_or_id, locked=True)
    storage = _found(found, access, folder_or_id)
    etags.require(if_match, storage.revision, f"The storage {storage.name}")
    return storage


async def _move(db: AsyncSession, storage: Storage, folder: str) -> None:
    if folder.lower() != storage.folder.lower():
        await projects.claim_folder(db, storage.project_id, folder)
        await projects.release_folder(db, storage.project_id, storage.folder)
    storage.folder = folder


def _found(storage: Storage | None, access: Access, folder_or_id: str) -> Storage:
    if storage is None:
        raise NotFound(f"{access.project.name} has no storage {folder_or_id}.")
    return storage
