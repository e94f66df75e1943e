"""Which of a project's repositories and storages a session gets."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sessions_api.kit.errors import Invalid
from sessions_api.repositories import refs
from sessions_api.repositories.tables import Repository
from sessions_api.sessions.tables import Session
from sessions_api.storages.tables import Storage

Part = TypeVar("Part", Repository, Storage)


@dataclass(frozen=True, slots=True)
class RepositoryChoice:
    """One repository that a session is to have.

    Attributes:
        repository: its folder or id.
        ref: None is the project's ref of it.
    """

    repository: str
    ref: str | None = None


@dataclass(frozen=True, slots=True)
class StorageChoice:
    """One storage that a session is to have.

    Attributes:
        storage: its folder or id.
        read_only: whether the session cannot write to it, whatever the project says.
    """

    storage: str
    read_only: bool = False


def cloned(session: Session, repositories: Sequence[Repository]) -> tuple[tuple[Repository, str | None], ...]:
    """The repositories that the session gets, out of the project's; ones that are gone are left out.

    Each with the session's own ref, else the project's; None is the repository's default branch.
    """
    chosen = session.repositories
    if chosen is None:
        return tuple((repository, repository.ref) for repository in repositories)
    return tuple(
        (repository, chosen[repository.id] or repository.ref)
        for repository in repositories
        if repository.id in chosen
    )


def mounted(session: Session, storages: Sequence[Storage]) -> tuple[tuple[Storage, bool], ...]:
    """The storages that the session gets, out of the project's; ones that are gone are left out.

    Each with whether the session asks for it read-only.
    """
    chosen = chosen_storages(session)
    return tuple(
        (storage, False if chosen is None else chosen[storage.id])
        for storage in storages
        if chosen is None or storage.id in chosen
    )


def chosen_storages(session: Session) -> dict[str, bool] | None:
    """Ids of the storages a session names, and whether it asks for each read-only; None: all, as they are."""
    if session.storages is None:
        return None
    return {
        kept if isinstance(kept, str) else kept["id"]: not isinstance(kept, str) and kept["read_only"]
        for kept in session.storages
    }


def keep_repositories(
    choices: Sequence[RepositoryChoice] | None, repositories: Sequence[Repository]
) -> dict[str, Any] | None:
    """The choices as a session keeps them: `{repository id: ref or None}`.

    Raises:
        Invalid: the project has no such repository, one is named twice, or a ref is none.
    """
    if choices is None:
        return None
    kept: dict[str, Any] = {}
    for index, choice in enumerate(choices):
        field = f"repositories.{index}"
        found = _named(choice.repository, repositories)
        if found is None:
            raise Invalid.field(
                f"{field}.repository",
                f"The project has no repository {choice.repository}{_folders(repositories)}.",
            )
        if found.id in kept:
            raise Invalid.field(f"{field}.repository", f"The repository {found.folder} is named twice.")
        kept[found.id] = refs.check(choice.ref, field=f"{field}.ref") if choice.ref else None
    return kept


def keep_storages(choices: Sequence[StorageChoice] | None, storages: Sequence[Storage]) -> list[Any] | None:
    """The choices as a session keeps them: ids of storages, or `{"id", "read_only"}`.

    Raises:
        Invalid: the project has no such storage, or one is named twice.
    """
    if choices is None:
        return None
    kept: dict[str, Any] = {}
    for index, choice in enumerate(choices):
        field = f"storages.{index}"
        found = _named(choice.storage, storages)
        if found is None:
            raise Invalid.field(field, f"The project has no storage {choice.storage}{_folders(storages)}.")
        if found.id in kept:
            raise Invalid.field(field, f"The storage {found.folder} is named twice.")
        if choice.read_only and found.kind == "folder":
            raise Invalid.field(
                field,
                f"{found.folder} is a folder of this computer, which sessions write to as its owner does.",
            )
        kept[found.id] = {"id": found.id, "read_only": True} if choice.read_only else found.id
    return list(kept.values())


def _named(folder_or_id: str, parts: Sequence[Part]) -> Part | None:
    for part in parts:
        if folder_or_id == part.id or folder_or_id.lower() == part.folder.lower():
            return part
    return None


def _folders(parts: Sequence[Repository] | Sequence[Storage]) -> str:
    names = ", ".join(part.folder for part in parts)
    return f"; it has {names}" if names else "; it has none"
