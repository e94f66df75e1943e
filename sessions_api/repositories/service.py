"""Rules of repositories: which URLs, refs and folders a project may have."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import TypedDict, Unpack

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
from sessions_api.repositories import refs, store, urls
from sessions_api.repositories.tables import Repository
from sessions_api.repositories.urls import ReadingRules
from sessions_api.rights.policy import CONFIGURE

MOST = 30
"""Repositories a project can have: every launch asks the host of each."""


class Changes(TypedDict, total=False):
    """What can be changed of a repository; what is missing stays. `ref: None` is the default branch."""

    url: str
    ref: str | None
    folder: str
    shallow: bool


async def listing(db: AsyncSession, project_id: str) -> Sequence[Repository]:
    """All repositories of a project, in the order in which they were added; at most `MOST`."""
    return await store.listing(db, project_id)


async def page(db: AsyncSession, access: Access, paging: Paging) -> Sequence[Repository]:
    """Some repositories of a project, one more than asked for if there is."""
    return await store.page(db, access.project.id, paging)


async def get(db: AsyncSession, access: Access, folder_or_id: str) -> Repository:
    """One repository of the project.

    Raises:
        NotFound: the project has none of that folder or id.
    """
    return _found(await store.get(db, access.project.id, folder_or_id), access, folder_or_id)


async def add(
    db: AsyncSession,
    access: Access,
    *,
    url: str,
    ref: str | None = None,
    folder: str | None = None,
    shallow: bool = False,
    rules: ReadingRules,
) -> Repository:
    """Adds a repository; without `folder`, one derived from the URL.

    Raises:
        Forbidden: only editors add repositories.
        Invalid: a field cannot be accepted, or the folder is taken (`folder_taken`, proposes a free one).
        Conflict: the project has as many as it can.
    """
    access.require(CONFIGURE)
    project_id = access.project.id
    await _check_url(url, rules)
    taken = folders.check(folder) if folder else urls.derive_folder(url)
    checked_ref = refs.check(ref) if ref else None
    await projects.claim_folder(db, project_id, taken)
    if await store.count(db, project_id) >= MOST:
        raise Conflict(
            f"{access.project.name} has {MOST} repositories, which is the most.",
            code="too_many_repositories",
            hint="Remove one that is not needed, or put what belongs together into a project of its own.",
        )
    added = Repository(
        id=new_id(),
        project_id=project_id,
        url=url,
        ref=checked_ref,
        folder=taken,
        shallow=shallow,
        created_by=access.viewer.name,
        created_at=clock.now(),
        revision=1,
    )
    db.add(added)
    projects.record(db, access, Verb.REPOSITORY_ADD, added.folder, thing=added.id)
    await db.flush()
    notify(db, projects.topic(project_id))
    return added


async def change(
    db: AsyncSession,
    access: Access,
    folder_or_id: str,
    *,
    rules: ReadingRules,
    if_match: str | None = None,
    **changes: Unpack[Changes],
) -> Repository:
    """Changes what is given; it takes effect on the next start of a session.

    Raises:
        Forbidden: only editors change repositories.
        NotFound: the project has none of that folder or id.
        Stale: it was changed since `if_match`.
        Invalid: a field cannot be accepted, or the folder is taken (`folder_taken`, proposes a free one).
    """
    access.require(CONFIGURE)
    repository = await _held(db, access, folder_or_id, if_match)
    before = audit.state(repository)
    if "url" in changes:
        await _check_url(changes["url"], rules)
        repository.url = changes["url"]
    if "ref" in changes:
        ref = changes["ref"]
        repository.ref = refs.check(ref) if ref else None
    if "shallow" in changes:
        repository.shallow = changes["shallow"]
    if "folder" in changes:
        await _move(db, repository, folders.check(changes["folder"]))
    repository.revision += 1
    projects.record(
        db,
        access,
        Verb.REPOSITORY_CHANGE,
        repository.folder,
        thing=repository.id,
        fields=audit.changed(repository, before),
    )
    await db.flush()
    notify(db, projects.topic(access.project.id))
    return repository


async def remove(db: AsyncSession, access: Access, folder_or_id: str, *, if_match: str | None = None) -> None:
    """Takes a repository out of the project; what is in anybody's /work stays.

    Raises:
        Forbidden: only editors remove repositories.
        NotFound: the project has none of that folder or id.
        Stale: it was changed since `if_match`.
    """
    access.require(CONFIGURE)
    repository = await _held(db, access, folder_or_id, if_match)
    await store.remove(db, repository.id)
    projects.record(db, access, Verb.REPOSITORY_REMOVE, repository.folder, thing=repository.id)
    await projects.release_folder(db, access.project.id, repository.folder)
    notify(db, projects.topic(access.project.id))


async def _held(db: AsyncSession, access: Access, folder_or_id: str, if_match: str | None) -> Repository:
    found = await store.get(db, access.project.id, folder_or_id, locked=True)
    repository = _found(found, access, folder_or_id)
    etags.require(if_match, repository.revision, f"The repository {repository.folder}")
    return repository


async def _move(db: AsyncSession, repository: Repository, folder: str) -> None:
    if folder.lower() != repository.folder.lower():
        await projects.claim_folder(db, repository.project_id, folder)
        await projects.release_folder(db, repository.project_id, repository.folder)
    repository.folder = folder


async def _check_url(url: str, rules: ReadingRules) -> None:
    address = urls.parse(url, rules)
    if address.scheme == "path" and not await asyncio.to_thread(Path(address.path).is_dir):
        raise Invalid.field("url", f"There is no folder {url} on this computer.")


def _found(repository: Repository | None, access: Access, folder_or_id: str) -> Repository:
    if repository is None:
        raise NotFound(f"{access.project.name} has no repository {folder_or_id}.")
    return repository
