"""Rules of storages: what a project may have, and as what."""

import asyncio
from collections.abc import Sequence
from typing import Any, TypedDict, Unpack

from sqlalchemy.ext.asyncio import AsyncSession

from sessions_api.audit import service as audit
from sessions_api.audit.verbs import Verb
from sessions_api.kit import clock, etags, folders
from sessions_api.kit.db import notify
from sessions_api.kit.errors import Conflict, Invalid, NotFound
from sessions_api.kit.ids import new_id
from sessions_api.kit.paging import Paging
from sessions_api.projects import service as projects
from sessions_api.projects.service import Access
from sessions_api.rights.policy import CONFIGURE
from sessions_api.storages import kinds, offers, paths, store
from sessions_api.storages.offers import Offer
from sessions_api.storages.tables import Storage

MOST = 100
"""Storages a project can have: every launch looks at each."""


class Changes(TypedDict, total=False):
    """What can be changed of a storage; what is missing stays."""

    name: str
    folder: str
    read_only: bool


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
    offer: Offer,
    kind: kinds.Kind,
    name: str,
    details: dict[str, Any],
    folder: str | None = None,
    read_only: bool = False,
) -> Storage:
    """Adds a storage; without `folder`, its folder derives from the name.

    `details` is what only its kind has, see `storages.kinds`.

    Raises:
        Forbidden: only editors add storages.
        Invalid: it cannot be offered to the viewer, or the folder is taken (`folder_taken`, proposes a free
            one).
        Conflict: the project has as many as it can.
        Unavailable: Kubernetes does not say whether a claim exists.
    """
    access.require(CONFIGURE)
    project_id, storage_id = access.project.id, new_id()
    offers.require_kind(offer, kind)
    settled = await _settled(offer, storage_id, kind, details)
    await offers.require(offer, access.viewer, kind, settled)
    taken = folders.check(folder) if folder else folders.derive(name, otherwise="storage")
    await projects.claim_folder(db, project_id, taken)
    if await store.count(db, project_id) >= MOST:
        raise Conflict(
            f"{access.project.name} has {MOST} storages, which is the most.",
            code="too_many_storages",
            hint="Remove one that is not needed.",
        )
    added = Storage(
        id=storage_id,
        project_id=project_id,
        name=name,
        folder=taken,
        kind=kind,
        details=settled,
        read_only=_read_only(kind, wanted=True if kind == "files" else read_only),
        created_by=access.viewer.name,
        created_at=clock.now(),
        revision=1,
    )
    db.add(added)
    projects.record(db, access, Verb.STORAGE_ADD, added.name, thing=added.id)
    await db.flush()
    notify(db, projects.topic(project_id))
    return added


async def change(
    db: AsyncSession,
    access: Access,
    folder_or_id: str,
    *,
    offer: Offer,
    details: dict[str, Any],
    if_match: str | None = None,
    **changes: Unpack[Changes],
) -> Storage:
    """Changes what is given; it takes effect on the next start of a session.

    Where it leads, and that it can be written to, is changed by those who may add such a storage.

    Raises:
        Forbidden: only editors change storages.
        NotFound: the project has none of that folder or id.
        Stale: it was changed since `if_match`.
        Invalid: its kind has no such field, it cannot be offered to the viewer, or the folder is taken
            (`folder_taken`, proposes a free one).
        Unavailable: Kubernetes does not say whether a claim exists.
    """
    access.require(CONFIGURE)
    storage = await _held(db, access, folder_or_id, if_match)
    before = audit.state(storage)
    settled = await _changed(offer, storage, details)
    read_only = _read_only(storage.kind, wanted=changes.get("read_only", storage.read_only))
    if settled != storage.details or (storage.read_only and not read_only):
        offers.require_kind(offer, storage.kind)
        await offers.require(offer, access.viewer, storage.kind, settled)
    storage.details = settled
    storage.read_only = read_only
    if "name" in changes:
        storage.name = changes["name"]
    if "folder" in changes:
        await _move(db, storage, folders.check(changes["folder"]))
    storage.revision += 1
    projects.record(
        db, access, Verb.STORAGE_CHANGE, storage.name, thing=storage.id, fields=audit.changed(storage, before)
    )
    await db.flush()
    notify(db, projects.topic(access.project.id))
    return storage


async def remove(db: AsyncSession, access: Access, folder_or_id: str, *, if_match: str | None = None) -> None:
    """Takes a storage out of the project; what lies in it stays where it is.

    Raises:
        Forbidden: only editors remove storages.
        NotFound: the project has none of that folder or id.
        Stale: it was changed since `if_match`.
    """
    access.require(CONFIGURE)
    storage = await _held(db, access, folder_or_id, if_match)
    await store.remove(db, storage.id)
    projects.record(db, access, Verb.STORAGE_REMOVE, storage.name, thing=storage.id)
    await projects.release_folder(db, access.project.id, storage.folder)
    notify(db, projects.topic(access.project.id))


async def _settled(offer: Offer, storage_id: str, kind: str, details: dict[str, Any]) -> dict[str, Any]:
    """The details as they are kept, and as a launch spec has them."""
    found = kinds.checked(kind, details)
    if kind == "folder":
        found["path"] = await asyncio.to_thread(paths.check, found["path"], offer.roots)
    if kind != "claim":
        return found
    if (found["claim"] is None) == (found["size_gib"] is None):
        raise Invalid.field("claim", "Name a volume claim that exists, or say the size of a new volume.")
    if found["claim"] is not None:
        for name in ("storage_class", "access"):
            if found[name] is not None:
                raise Invalid.field(name, "This is of new volumes; leave it out, or name no claim.")
    return {
        **found,
        "claim": found["claim"] or offers.made_claim(storage_id),
        "access": found["access"] or "ReadWriteMany",
    }


async def _changed(offer: Offer, storage: Storage, changes: dict[str, Any]) -> dict[str, Any]:
    if not changes:
        return storage.details
    if storage.kind == "claim":
        if storage.details["size_gib"] is not None and "claim" in changes:
            raise Invalid.field(
                "claim", f"{storage.name} has a volume of its own; add another storage for another claim."
            )
        return await _settled(offer, storage.id, storage.kind, changes)
    return await _settled(offer, storage.id, storage.kind, {**storage.details, **changes})


def _read_only(kind: str, *, wanted: bool) -> bool:
    if kind == "files" and not wanted:
        raise Invalid.field("read_only", "Files are handed out read-only; leave it so.")
    if kind == "folder" and wanted:
        raise Invalid.field(
            "read_only",
            "Sessions write to folders of this computer as its owner does; leave it out.",
        )
    return wanted


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
