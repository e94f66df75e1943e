"""Freezes what a run will use: the environment's version, and a commit for every repository."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from sessions_api.environments import service as environments
from sessions_api.environments.tables import Environment, EnvironmentVersion
from sessions_api.projects import service as projects
from sessions_api.projects.tables import Project
from sessions_api.repositories import reader
from sessions_api.repositories import service as repositories
from sessions_api.repositories.tables import Repository
from sessions_api.runs.schemas import Overrides
from sessions_api.runs.tables import Run
from sessions_api.sessions import service as sessions
from sessions_api.sessions.tables import Session
from sessions_api.storages import service as storages
from sessions_api.storages.tables import Storage
from spawner.spec import (
    EnvironmentSpec,
    LaunchSpec,
    Named,
    RepositorySpec,
    ResourcesSpec,
    StorageSpec,
)


@dataclass(frozen=True)
class Parts:
    """What a session's configuration asks for at the moment of its launch, before commits are known.

    Attributes:
        repositories: with the ref each is wanted at; None is the repository's default branch.
    """

    project: Project
    session: Session
    environment: Environment
    version: EnvironmentVersion
    repositories: Sequence[tuple[Repository, str | None]]
    storages: Sequence[Storage]


async def parts_of(db: AsyncSession, run: Run) -> Parts:
    """Reads what the run will be made of: the configuration as it is now, changed by the run's overrides."""
    session = await sessions.by_id(db, run.session_id)
    overrides = Overrides.model_validate(run.overrides)
    chosen = session.repositories
    all_repositories = [
        repository
        for repository in await repositories.listing(db, run.project_id)
        if (chosen is None or repository.id in chosen) and repository.folder not in overrides.without
    ]
    all_storages = [
        storage
        for storage in await storages.listing(db, run.project_id)
        if (session.storages is None or storage.id in session.storages)
        and storage.folder not in overrides.without
    ]
    version = await environments.version(db, run.version_id)
    return Parts(
        project=(await projects.by_ids(db, [run.project_id]))[run.project_id],
        session=session,
        environment=(await environments.by_ids(db, [run.environment_id]))[run.environment_id],
        version=version,
        repositories=[
            (
                repository,
                overrides.refs.get(repository.folder) or (chosen or {}).get(repository.id) or repository.ref,
            )
            for repository in all_repositories
        ],
        storages=all_storages,
    )


async def freeze(run: Run, parts: Parts, rules: reader.ReadingRules) -> LaunchSpec:
    """Asks every repository for its commit, all at once, and writes the spec.

    Raises:
        RepositoryUnresolved: a repository or its ref cannot be had; carries the reason.
    """
    async with asyncio.TaskGroup() as group:
        resolving = [
            group.create_task(reader.resolve(repository.url, ref, folder=repository.folder, rules=rules))
            for repository, ref in parts.repositories
        ]
    found = [
        RepositorySpec(
            url=repository.url,
            ref=task.result().ref,
            commit=task.result().commit,
            branch=task.result().branch,
            folder=repository.folder,
        )
        for (repository, _), task in zip(parts.repositories, resolving, strict=True)
    ]
    return _spec(run, parts, found)


def _spec(run: Run, parts: Parts, found: list[RepositorySpec]) -> LaunchSpec:
    environment, version, session = parts.environment, parts.version, parts.session
    return LaunchSpec(
        run=run.id,
        attempt=run.attempt,
        person=run.person,
        server=run.server,
        work=f"{session.id}/{run.person}",
        project=Named(id=parts.project.id, slug=parts.project.slug, name=parts.project.name),
        session=Named(id=session.id, slug=session.slug, name=session.name),
        environment=EnvironmentSpec(
            id=environment.id,
            slug=environment.slug,
            name=environment.name,
            version=version.number,
            digest=version.digest,
            requirements=version.requirements,
            front_end=version.front_end,
            command=tuple(version.command),
            default_url=version.default_url,
        ),
        resources=ResourcesSpec(cpus=session.cpus, memory_gib=session.memory_gib),
        repositories=tuple(found),
        storages=tuple(
            StorageSpec(kind="folder", name=storage.name, folder=storage.folder, path=storage.path)
            for storage in parts.storages
        ),
        variables=dict(session.variables),
    )
