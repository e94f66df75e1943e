"""What of a session's configuration differs from a run's frozen spec: it takes effect on the next start."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from sessions_api.environments import front_ends
from sessions_api.environments.front_ends import FrontEnd
from sessions_api.environments.tables import EnvironmentVersion
from sessions_api.repositories.tables import Repository
from sessions_api.sessions import choices
from sessions_api.sessions.tables import Session
from sessions_api.storages.specs import spec_of
from sessions_api.storages.tables import Storage
from spawner.spec import LaunchSpec, RepositorySpec, ResourcesSpec

Changed = Literal["environment version", "front end", "resources", "repositories", "storages", "variables"]


def changes(
    spec: dict[str, Any],
    session: Session,
    *,
    version: EnvironmentVersion,
    computer: Sequence[FrontEnd],
    resources: ResourcesSpec,
    repositories: Sequence[Repository],
    storages: Sequence[Storage],
    set_once: Mapping[str, str] | None = None,
) -> list[Changed]:
    """What the next start of `session` does differently from the run that `spec` was frozen for.

    `version` is the one the session is pinned to, `computer` as of `Kinds`, `resources` what it may use,
    `repositories` and `storages` are all of the project's, `set_once` are variables that the run's launch
    alone had. A repository that asks for its default branch now is taken as unchanged when the run got a
    branch: the spec does not say whether that was asked for by name.
    """
    frozen = LaunchSpec.model_validate(spec)
    found: dict[Changed, bool] = {
        "environment version": (frozen.environment.digest, frozen.environment.version)
        != (version.digest, version.number),
        "front end": frozen.environment.front_end
        != front_ends.chosen(version, session.front_end, computer).name,
        "resources": frozen.resources != resources,
        "repositories": _repositories_differ(frozen.repositories, choices.cloned(session, repositories)),
        "storages": {part.folder: part for part in frozen.storages}
        != {
            storage.folder: spec_of(storage, read_only=read_only)
            for storage, read_only in choices.mounted(session, storages)
        },
        "variables": frozen.variables != {**session.variables, **(set_once or {})},
    }
    return [word for word, differs in found.items() if differs]


def _repositories_differ(
    frozen: Sequence[RepositorySpec], wanted: Sequence[tuple[Repository, str | None]]
) -> bool:
    before = {part.folder: part for part in frozen}
    return before.keys() != {repository.folder for repository, _ in wanted} or any(
        not _same(before[repository.folder], repository, ref) for repository, ref in wanted
    )


def _same(before: RepositorySpec, repository: Repository, ref: str | None) -> bool:
    if (before.url, before.shallow) != (repository.url, repository.shallow):
        return False
    return before.branch is not None if ref is None else before.ref == ref
