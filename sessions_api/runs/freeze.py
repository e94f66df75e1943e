"""Freezes what a run will use: the environment's version, and a commit for every repository."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from sqlalchemy.ext.asyncio import AsyncSession

from sessions_api.environments import front_ends
from sessions_api.environments import service as environments
from sessions_api.environments.front_ends import FrontEnd
from sessions_api.environments.kinds import Kinds
from sessions_api.environments.tables import Environment, EnvironmentVersion
from sessions_api.git_logins import service as git_logins
from sessions_api.git_logins.logins import Logins
from sessions_api.kit.sealing import Sealer
from sessions_api.projects import service as projects
from sessions_api.projects.tables import Project
from sessions_api.registry.references import parse
from sessions_api.registry_logins import service as registry_logins
from sessions_api.registry_logins.logins import Logins as RegistryLogins
from sessions_api.repositories import reader
from sessions_api.repositories import service as repositories
from sessions_api.repositories.tables import Repository
from sessions_api.resources import service as resources
from sessions_api.resources import specs as resource_specs
from sessions_api.runs.kept import service as kept
from sessions_api.runs.schemas import Overrides
from sessions_api.runs.tables import Run
from sessions_api.secrets import service as secrets
from sessions_api.secrets.service import LaunchSecrets
from sessions_api.sessions import choices
from sessions_api.sessions import service as sessions
from sessions_api.sessions.tables import Session
from sessions_api.storages import service as storages
from sessions_api.storages import specs as storage_specs
from spawner.spec import (
    EnvironmentSpec,
    GateSpec,
    KeptSpec,
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
        logins: what opens them for the person.
        registry_logins: what opens the environment's image for the person.
    """

    project: Project
    session: Session
    environment: Environment
    version: EnvironmentVersion
    front_end: FrontEnd
    repositories: Sequence[tuple[Repository, str | None]]
    storages: Sequence[StorageSpec]
    resources: ResourcesSpec
    secrets: LaunchSecrets
    logins: Logins
    registry_logins: RegistryLogins
    kept: KeptSpec | None


async def parts_of(db: AsyncSession, run: Run, *, kinds: Kinds) -> Parts:
    """Reads what the run will be made of: the configuration as it is now, changed by the run's overrides."""
    session = await sessions.by_id(db, run.session_id)
    overrides = Overrides.model_validate(run.overrides)
    cloned = choices.cloned(session, await repositories.listing(db, run.project_id))
    mounted = choices.mounted(session, await storages.listing(db, run.project_id))
    version = await environments.version(db, run.version_id)
    project = (await projects.by_ids(db, [run.project_id]))[run.project_id]
    return Parts(
        project=project,
        session=session,
        environment=(await environments.by_ids(db, [run.environment_id]))[run.environment_id],
        version=version,
        front_end=front_ends.chosen(version, session.front_end, kinds.computer),
        repositories=[
            (repository, overrides.refs.get(repository.folder) or ref)
            for repository, ref in cloned
            if repository.folder not in overrides.without
        ],
        storages=[
            storage_specs.spec_of(storage, read_only=read_only)
            for storage, read_only in mounted
            if storage.folder not in overrides.without
        ],
        resources=await _resources(db, run, session),
        secrets=await secrets.for_launch(db, project, run.person, run.groups),
        logins=await git_logins.for_launch(db, project.id, run.person, run.groups),
        registry_logins=await registry_logins.for_launch(db, project.id, run.person, run.groups),
        kept=await _kept(db, overrides),
    )


async def _kept(db: AsyncSession, overrides: Overrides) -> KeptSpec | None:
    """What /work is made from; where that is gone by now, the cluster says that it is."""
    if overrides.kept is None:
        return None
    found = await kept.find(db, overrides.kept)
    return KeptSpec(
        snapshot=kept.snapshot_name(overrides.kept), size_gib=found.size_gib if found is not None else None
    )


async def _resources(db: AsyncSession, run: Run, session: Session) -> ResourcesSpec:
    """What the session says now; what was taken of a pool is what the run was given a place for."""
    if run.resource_class_id is None:
        return resource_specs.spec_of(session, await resources.of_sessions(db, [session]))
    taken = (await resources.by_ids(db, [run.resource_class_id]))[run.resource_class_id]
    spec = resource_specs.spec_of_class(taken, disk_gib=session.disk_gib)
    return spec.model_copy(update={"cpus": run.cpus, "memory_gib": run.memory_gib, "gpus": run.gpus})


def variables_of(run: Run, session: Session) -> dict[str, str]:
    """The session's variables, with the values that this run alone has."""
    return {**session.variables, **Overrides.model_validate(run.overrides).variables}


async def freeze(run: Run, parts: Parts, rules: reader.ReadingRules, sealer: Sealer) -> LaunchSpec:
    """Asks every repository for its commit, all at once, and writes the spec.

    Raises:
        RepositoryUnresolved: a repository or its ref cannot be had; carries the reason.
        LoginUnopenedError: the login of the image's registry cannot be decrypted; carries the reason.
    """
    registry = _registry(parts, sealer)
    async with asyncio.TaskGroup() as group:
        resolving = [
            group.create_task(
                reader.resolve(
                    repository.url,
                    ref,
                    folder=repository.folder,
                    rules=rules,
                    login=partial(parts.logins.opened, repository.url, rules, sealer),
                    member=parts.logins.member,
                )
            )
            for repository, ref in parts.repositories
        ]
    found = [
        RepositorySpec(
            url=repository.url,
            ref=task.result().ref,
            commit=task.result().commit,
            branch=task.result().branch,
            folder=repository.folder,
            shallow=repository.shallow,
            credential=parts.logins.credential(repository.url, rules),
        )
        for (repository, _), task in zip(parts.repositories, resolving, strict=True)
    ]
    return _spec(run, parts, found, registry)


def _registry(parts: Parts, sealer: Sealer) -> str | None:
    """The registry whose login the image is pulled with. It is opened to see that this works."""
    if parts.version.image is None:
        return None
    image = parse(parts.version.image)
    return image.host if parts.registry_logins.opened(image, sealer) else None


def _spec(run: Run, parts: Parts, found: list[RepositorySpec], registry: str | None) -> LaunchSpec:
    environment, version, session = parts.environment, parts.version, parts.session
    front_end = parts.front_end
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
            front_end=front_end.name,
            command=tuple(front_end.command),
            default_url=front_end.default_url,
            image=version.image,
            arguments=tuple(front_end.arguments),
            port=front_end.port,
            gate=None if front_end.gate is None else GateSpec.model_validate(front_end.gate),
            uid=version.uid,
            gid=version.gid,
            working_folder=version.working_folder,
            read_only_root=version.read_only_root,
        ),
        resources=parts.resources,
        repositories=tuple(found),
        storages=tuple(parts.storages),
        variables=variables_of(run, session),
        secrets=parts.secrets.specs,
        registry=registry,
        kept=parts.kept,
    )
