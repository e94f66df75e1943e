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


def mounted(session: Session, storages: Sequence[Storage]) -> tuple[Storage, ...]:
    """The storages that the session gets, out of the project's; ones that are gone are left out."""
    chosen = session.storages
    return tuple(storage for storage in storages if chosen is None or storage.id in chosen)


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


def keep_storages(choices: Sequence[str] | None, storages: Sequence[Storage]) -> list[str] | None:
    """The choices as a session keeps them: ids of storages.

    Raises:
        Invalid: the project has no such storage, or one is named twice.
    """
    if choices is None:
        return None
    kept: list[str] = []
    for index, choice in enumerate(choices):
        found = _named(choice, storages)
        if found is None:
            raise Invalid.field(
                f"storages.{index}", f"The project has no storage {choice}{_folders(storages)}."
            )
        if found.id in kept:
            raise Invalid.field(f"storages.{index}", f"The storage {found.folder} is named twice.")
        kept.append(found.id)
    return kept


def _named(folder_or_id: str, parts: Sequence[Part]) -> Part | None:
    for part in parts:
        if folder_or_id == part.id or folder_or_id.lower() == part.folder.lower():
            return part
    return None


def _folders(parts: Sequence[Repository] | Sequence[Storage]) -> str:
    names = ", ".join(part.folder for part in parts)
    return f"; it has {names}" if names else "; it has none"
