"""The launch spec: everything one run uses, frozen when it is launched.

The API makes it, the spawner pulls it by run id and nothing else is trusted. It is the contract between the
two and refuses fields it does not know. A paused run keeps the spec it was launched with, maybe by an earlier
version of Sojourn: a field that came later has the default that means what was so before. While Sojourn is
upgraded the two may be of two versions (`part.lean`). It holds no secret: those are pulled by themselves
(`RunSecrets`) and live no longer than the launch.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, SecretStr, field_serializer

from spawner.part import Part

Folder = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=100)]
"""A folder directly below /work."""


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
        shallow: whether only the commit itself is fetched, without its history.
        credential: which of the run's git logins (`RunSecrets.git`) opens it; None: it is public.
    """

    url: str
    ref: str
    commit: str
    branch: str | None
    folder: Folder
    shallow: bool = False
    credential: str | None = None


class Storage(Part):
    """One storage of the project, shown as a folder of /work."""

    name: str
    folder: Folder
    read_only: bool = False


class FolderStorage(Storage):
    """A folder of the computer that sessions run on, as on a laptop.

    Attributes:
        path: absolute.
    """

    kind: Literal["folder"]
    path: str


class ClaimStorage(Storage):
    """A persistent volume claim in the sessions' namespace.

    Attributes:
        claim: its name.
        size_gib: None: it exists already; else it is made, with this size, at the first launch that needs it.
        storage_class: of a claim that is made; None is the cluster's default.
        access: of a claim that is made.
    """

    kind: Literal["claim"]
    claim: str
    size_gib: float | None
    storage_class: str | None
    access: Literal["ReadWriteMany", "ReadWriteOnce", "ReadOnlyMany"]


class NfsStorage(Storage):
    """A directory that an NFS server exports."""

    kind: Literal["nfs"]
    server: str
    path: str


class CsiStorage(Storage):
    """An inline volume of a CSI driver, for instance of one that mounts S3 buckets.

    Attributes:
        attributes: `volumeAttributes` of the driver.
        secret: name of the Secret in the sessions' namespace that the driver publishes the volume with.
    """

    kind: Literal["csi"]
    driver: str
    attributes: dict[str, str]
    secret: str | None


class FilesStorage(Storage):
    """Small text files that administrators hand out; always read-only.

    Attributes:
        files: text by file name.
    """

    kind: Literal["files"]
    files: dict[str, str]


StorageSpec = Annotated[
    FolderStorage | ClaimStorage | NfsStorage | CsiStorage | FilesStorage, Field(discriminator="kind")
]


class SecretSpec(Part):
    """One secret of the project that the session gets; its value is in `RunSecrets.values`.

    Attributes:
        name: of the file it becomes.
        variable: environment variable that holds it too; None: the file only.
    """

    name: str
    variable: str | None


class GateSpec(Part):
    """How a program that knows nothing of JupyterHub is reached: behind Sojourn's gate.

    Attributes:
        prefix: `strip`: the program sees paths that begin at `/`; `keep`: it sees the session's own
            (`$SOJOURN_PREFIX`).
        ready_path: path, as the program sees it below its root, that answers below 500 once it is up.
    """

    prefix: Literal["strip", "keep"]
    ready_path: str


class EnvironmentSpec(Part):
    """One version of an environment.

    Attributes:
        digest: `sha256:…` of what the version is made of; equal digests are equal environments.
        requirements: the lines of the requirements file that the local virtual environment is built from.
        front_end: what people call the program they land in, for instance `JupyterLab`.
        command: what starts it, first the program, found in the environment's own `bin`. Of an image it takes
            the place of the entry point, and empty means the image's own.
        default_url: path below the session's own URL that opens first.
        image: `REPOSITORY@sha256:…`; None: a virtual environment made from `requirements`.
        arguments: follow the command; of an image they take the place of its CMD, empty means its own.
        port: where the program listens.
        gate: None: the program is a single-user server of JupyterHub's (`jupyterhub-singleuser`).
        uid, gid: whom the program runs as, in a container.
        working_folder: where it starts, in a container.
        read_only_root: whether it is known to work on a root file system that cannot be written.
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
    image: str | None = None
    arguments: tuple[str, ...] = ()
    port: int = 8888
    gate: GateSpec | None = None
    uid: int = 1000
    gid: int = 100
    working_folder: str = "/work"
    read_only_root: bool = False


class Toleration(Part):
    """A taint that does not keep the session from a node (Kubernetes' own fields)."""

    key: str | None = None
    operator: Literal["Exists", "Equal"] = "Equal"
    value: str | None = None
    effect: Literal["NoSchedule", "PreferNoSchedule", "NoExecute"] | None = None


class ResourcesSpec(Part):
    """What the session may use, and where. None means: no limit of its own.

    Attributes:
        cpus: CPUs, may be a fraction.
        memory_gib: memory in GiB.
        disk_gib: size of /work in GiB; None is the installation's.
        gpus: how many of `gpu_resource`, for instance `nvidia.com/gpu`.
        resource_class: name of the class that all this is of, for labels and sentences; None: of no class.
        node_selector, tolerations, affinity, priority_class: as in a pod.
    """

    cpus: float | None
    memory_gib: float | None
    disk_gib: float | None = None
    gpus: int = 0
    gpu_resource: str | None = None
    resource_class: str | None = None
    node_selector: dict[str, str] = {}
    tolerations: tuple[Toleration, ...] = ()
    affinity: dict[str, Any] | None = None
    priority_class: str | None = None


class KeptSpec(Part):
    """What a new /work is made from: a snapshot, in the sessions' namespace, of an earlier one.

    Attributes:
        size_gib: the least size of a volume that is made from it; None: not known.
    """

    snapshot: str
    size_gib: float | None


class LaunchSpec(Part):
    """One launch of one session by one person.

    Attributes:
        run: the run's id.
        attempt: 1 for the first launch, one more with every resume.
        person: the hub's user name of who launched.
        server: the hub's name of the server; stable for a person's session.
        work: relative name of the folder that is /work: stable for a person's session, survives the run.
        variables: environment variables of the session's configuration.
        kept: what /work is made from at the first attempt; None: it begins empty, or is there.
        registry: whose login the image is pulled with (`RunSecrets.registry`): the host as the image's name
            begins; None: none.
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
    secrets: tuple[SecretSpec, ...] = ()
    registry: str | None = None
    kept: KeptSpec | None = None


class GitLogin(Part, hide_input_in_errors=True):
    """What opens repositories of one git host.

    Attributes:
        host: host name, with `:port` where it is not the scheme's own.
        token: an access token or password.
    """

    host: str
    username: str
    token: SecretStr

    @field_serializer("token", when_used="json")
    def _show_token(self, token: SecretStr) -> str:
        return token.get_secret_value()


class RegistryLogin(Part, hide_input_in_errors=True):
    """What opens the image of a session.

    Attributes:
        host: of its registry, as the image's name begins.
        password: a password or an access token.
    """

    host: str
    username: str
    password: SecretStr

    @field_serializer("password", when_used="json")
    def _show_password(self, password: SecretStr) -> str:
        return password.get_secret_value()


class RunSecrets(Part, hide_input_in_errors=True):
    """The secret part of a launch; handed out once more for each launch, never kept.

    What is gone since the spec was frozen is missing in it: a paused session goes on without it.

    Attributes:
        values: of the spec's `secrets`, by name.
        git: logins by the `credential` of the spec's repositories.
        registry: what the nodes pull the image with; sessions do not see it.
    """

    values: dict[str, SecretStr]
    git: dict[str, GitLogin]
    registry: RegistryLogin | None = None

    @field_serializer("values", when_used="json")
    def _show_values(self, values: dict[str, SecretStr]) -> dict[str, str]:
        return {name: value.get_secret_value() for name, value in values.items()}


class Stage(Part):
    """One stop on the way to a running session.

    Attributes:
        key: names the stage in reports, for instance `clone:bar`.
        title: what a person reads, for instance `Cloning bar`.
    """

    key: str
    title: str


QUEUED = "queued"
SCHEDULING = "schedule"
PULLING = "pull"
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
    *,
    environment: str,
    front_end: str,
    repositories: tuple[str, ...],
    storages: tuple[str, ...],
    is_image: bool,
    is_pod: bool,
) -> tuple[Stage, ...]:
    """The stages a launch goes through, in their order; `repositories` and `storages` are folder names.

    A pod mounts what it needs, then clones, then pulls its image; on a computer all goes on side by side.
    """
    clones = tuple(Stage(key=clone_key(folder), title=f"Cloning {folder}") for folder in repositories)
    mounts = tuple(Stage(key=mount_key(folder), title=f"Mounting {folder}") for folder in storages)
    pulling = Stage(key=PULLING, title="Pulling image")
    if is_pod:
        way = (Stage(key=SCHEDULING, title="Scheduling"), *mounts, *clones, pulling)
    elif is_image:
        way = (pulling, *clones, *mounts)
    else:
        way = (Stage(key=ENVIRONMENT, title=f"Preparing {environment}"), *clones, *mounts)
    return (
        Stage(key=QUEUED, title="Queued"),
        *way,
        Stage(key=STARTING, title=f"Starting {front_end}"),
        Stage(key=READY, title="Ready"),
    )
