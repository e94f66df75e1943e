"""The launch spec: everything one run uses, frozen when it is launched.

The API makes it, the spawner pulls it by run id and nothing else is trusted. It is the contract between the
two, so it has no defaults that either side could read differently and refuses fields it does not know.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Folder = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=100)]
"""A folder directly below /work."""


class Part(BaseModel):
    """Base of all parts of the spec: immutable, no unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Named(Part):
    """Something of the API's, named so that logs and labels can say which."""

    id: str
    slug: str
    name: str


class RepositorySpec(Part):
    """One repository at one commit.

    Attributes:
        ref: what was asked for, as people wrote it (`main`, `v1.2`, a commit).
        commit: 40 or 64 hexadecimal digits, resolved at launch.
        branch: the branch to check out at `commit`; None for a tag or a commit, which stay detached.
    """

    url: str
    ref: str
    commit: str
    branch: str | None
    folder: Folder


class StorageSpec(Part):
    """One storage of the project, shown as a folder of /work.

    Attributes:
        path: absolute, on the computer the session runs on.
    """

    kind: Literal["folder"]
    name: str
    folder: Folder
    path: str


class EnvironmentSpec(Part):
    """One version of an environment.

    Attributes:
        digest: `sha256:…` of what the version is made of; equal digests are equal environments.
        requirements: the lines of the requirements file that the local virtual environment is built from.
        front_end: what people call the program they land in, for instance `JupyterLab`.
        command: what starts it, first the program, found in the environment's own `bin`.
        default_url: path below the session's own URL that opens first.
    """

    id: str
    slug: str
    name: str
    version: int
    digest: str
    requirements: str
    front_end: str
    command: tuple[str, ...]
    default_url: str


class ResourcesSpec(Part):
    """What the session may use. None means: no limit of its own.

    Attributes:
        cpus: CPUs, may be a fraction.
        memory_gib: memory in GiB.
    """

    cpus: float | None
    memory_gib: float | None


class LaunchSpec(Part):
    """One launch of one session by one person.

    Attributes:
        run: the run's id.
        attempt: 1 for the first launch, one more with every resume.
        person: the hub's user name of who launched.
        server: the hub's name of the server; stable for a person's session.
        work: relative name of the folder that is /work: stable for a person's session, survives the run.
        variables: environment variables of the session's configuration.
    """

    run: str
    attempt: int
    person: str
    server: str
    work: str
    project: Named
    session: Named
    environment: EnvironmentSpec
    resources: ResourcesSpec
    repositories: tuple[RepositorySpec, ...]
    storages: tuple[StorageSpec, ...]
    variables: dict[str, str]


class Stage(Part):
    """One stop on the way to a running session.

    Attributes:
        key: names the stage in reports, for instance `clone:bar`.
        title: what a person reads, for instance `Cloning bar`.
    """

    key: str
    title: str


QUEUED = "queued"
ENVIRONMENT = "environment"
STARTING = "start"
READY = "ready"


def clone_key(folder: str) -> str:
    """The stage in which the repository that becomes `folder` is cloned."""
    return f"clone:{folder}"


def mount_key(folder: str) -> str:
    """The stage in which the storage that becomes `folder` is mounted."""
    return f"mount:{folder}"


def stages(
    *, environment: str, front_end: str, repositories: tuple[str, ...], storages: tuple[str, ...]
) -> tuple[Stage, ...]:
    """The stages a launch goes through, in their order; `repositories` and `storages` are folder names."""
    return (
        Stage(key=QUEUED, title="Queued"),
        Stage(key=ENVIRONMENT, title=f"Preparing {environment}"),
        *(Stage(key=clone_key(folder), title=f"Cloning {folder}") for folder in repositories),
        *(Stage(key=mount_key(folder), title=f"Mounting {folder}") for folder in storages),
        Stage(key=STARTING, title=f"Starting {front_end}"),
        Stage(key=READY, title="Ready"),
    )
