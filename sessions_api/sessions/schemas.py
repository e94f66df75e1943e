"""Sessions as JSON."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, ConfigDict, Discriminator, Field, Tag

from sessions_api.environments import front_ends
from sessions_api.environments.kinds import Kinds
from sessions_api.environments.making_schemas import VersionCreate
from sessions_api.environments.tables import Environment, EnvironmentVersion
from sessions_api.kit.complaints import ALTERNATIVE
from sessions_api.kit.schemas import Description, Name, Schema
from sessions_api.repositories.refs import REF_LENGTH
from sessions_api.repositories.tables import Repository
from sessions_api.resources.amounts import Amounts
from sessions_api.resources.tables import ResourceClass
from sessions_api.runs.states import Status, status_of
from sessions_api.runs.tables import Run
from sessions_api.sessions.choices import RepositoryChoice, StorageChoice, mounted
from sessions_api.sessions.lifetimes import IdleMinutes, LifeHours
from sessions_api.sessions.pinning import NewEnvironment
from sessions_api.sessions.tables import Session
from sessions_api.sessions.variables import Variables
from sessions_api.storages.tables import Storage

PARTS = 100

EnvironmentName = Annotated[
    str, Field(min_length=1, max_length=80, description="Slug or id of an environment.", examples=["python"])
]
Version = Annotated[
    int, Field(ge=1, le=1_000_000, description="Number of a version of the environment.", examples=[1])
]
Cpus = Annotated[
    float,
    Field(ge=0.1, le=256, allow_inf_nan=False, description="CPUs; null is no limit.", examples=[2]),
]
MemoryGib = Annotated[
    float,
    Field(
        ge=0.25, le=4096, allow_inf_nan=False, description="Memory in GiB; null is no limit.", examples=[8]
    ),
]
DiskGib = Annotated[
    float,
    Field(
        ge=1,
        le=65536,
        allow_inf_nan=False,
        description="Size of /work in GiB where it is a volume of its own; null is the installation's.",
        examples=[20],
    ),
]
FrontEndChoice = Annotated[
    str,
    Field(
        min_length=1,
        max_length=100,
        description="A front end of the version by its name; null is the environment's own.",
        examples=["VS Code"],
    ),
]
ClassSlug = Annotated[
    str,
    Field(
        min_length=1,
        max_length=80,
        description="A resource class by its slug; null is of none.",
        examples=["small"],
    ),
]
FolderOrId = Annotated[str, Field(min_length=1, max_length=100)]


class SessionRepository(Schema):
    """A repository of the project that a session gets, named by its folder or id.

    Attributes:
        ref: branch, tag or whole commit id instead of the project's; null is the project's.
    """

    repository: FolderOrId
    ref: Annotated[str, Field(max_length=REF_LENGTH)] | None = None

    def choice(self) -> RepositoryChoice:
        """As the service takes it."""
        return RepositoryChoice(self.repository, self.ref)


class SessionStorage(Schema):
    """A storage of the project that a session gets, named by its folder or id.

    Attributes:
        read_only: whether the session cannot write to it; false leaves that to the project.
    """

    storage: FolderOrId
    read_only: bool = False

    def choice(self) -> StorageChoice:
        """As the service takes it."""
        return StorageChoice(self.storage, self.read_only)


def _as_storage(given: object) -> object:
    return {"storage": given} if isinstance(given, str) else given


Repositories = Annotated[
    list[SessionRepository],
    Field(max_length=PARTS, description="Repositories of the project that it gets; null is all."),
]
Storages = Annotated[
    list[
        Annotated[SessionStorage, BeforeValidator(_as_storage, json_schema_input_type=SessionStorage | str)]
    ],
    Field(
        max_length=PARTS,
        description="Storages of the project that it gets; null is all. A folder or id alone will do.",
    ),
]


class _Unstripped(Schema):
    # Blanks at the ends of a variable's value are the person's.
    model_config = ConfigDict(str_strip_whitespace=False)


_NULL_MEANS = {
    "front_end",
    "resource_class",
    "cpus",
    "memory_gib",
    "disk_gib",
    "repositories",
    "storages",
} | {
    "idle_minutes",
    "life_hours",
}


class Minimum(Schema):
    """What a session needs at least, in the place of a class: the smallest class that has it is chosen."""

    cpus: Annotated[float, Field(ge=0, le=1024, allow_inf_nan=False)] = 0
    memory_gib: Annotated[float, Field(ge=0, le=65536, allow_inf_nan=False)] = 0
    gpus: Annotated[int, Field(ge=0, le=64)] = 0


class _Configuration(_Unstripped):
    description: Description | None = None
    front_end: FrontEndChoice | None = None
    resource_class: ClassSlug | None = None
    minimum: Minimum | None = None
    cpus: Cpus | None = None
    memory_gib: MemoryGib | None = None
    disk_gib: DiskGib | None = None
    repositories: Repositories | None = None
    storages: Storages | None = None
    variables: Variables | None = None
    idle_minutes: IdleMinutes | None = None
    life_hours: LifeHours | None = None

    def given(self) -> dict[str, Any]:
        """What the body says, as the service takes it; null counts where it means something."""
        values = {name: getattr(self, name) for name in self.model_fields_set}
        if self.minimum is not None:
            least = self.minimum
            values["minimum"] = Amounts(cpus=least.cpus, memory_gib=least.memory_gib, gpus=least.gpus)
        if self.repositories is not None:
            values["repositories"] = [item.choice() for item in self.repositories]
        if self.storages is not None:
            values["storages"] = [item.choice() for item in self.storages]
        return {name: value for name, value in values.items() if value is not None or name in _NULL_MEANS}


class SessionNewEnvironment(Schema):
    """An environment that is made together with its first session: both or neither.

    Attributes:
        visibility: `private`: you and platform admins see it; `projects`: the members of the session's
            project too; `everyone`: everyone who can log in. The session works for all who see its project.
        version: as a check of an image fills it in.
    """

    name: Name
    visibility: Literal["private", "projects", "everyone"] = "private"
    version: VersionCreate

    def new(self) -> NewEnvironment:
        """As the rules take it."""
        return NewEnvironment(self.name, self.visibility, self.version.content())


def _kind(given: object) -> str:
    return f"{ALTERNATIVE}{'new' if isinstance(given, dict | SessionNewEnvironment) else 'named'}"


EnvironmentOfSession = Annotated[
    Annotated[EnvironmentName, Tag(f"{ALTERNATIVE}named")]
    | Annotated[SessionNewEnvironment, Tag(f"{ALTERNATIVE}new")],
    Discriminator(_kind),
]


class SessionCreate(_Configuration):
    """An environment to add to the project as a session: one that is there, or one that is made with it.

    Attributes:
        name: the environment's name, with a number where that is taken, when none is given.
        version: the newest when none is given.
        default: whether the project's *Start session* starts it; the first session of a project always is.
    """

    environment: EnvironmentOfSession
    version: Version | None = None
    name: Name | None = None
    default: bool = False

    def given(self) -> dict[str, Any]:
        """What the body says, as the service takes it."""
        new = self.environment.new() if isinstance(self.environment, SessionNewEnvironment) else None
        return {**super().given(), **({"environment": new} if new else {})}


class SessionChange(_Configuration):
    """What is given is changed, from the next start on.

    Null is "the environment's own" for `front_end`, "of none" for `resource_class`, "no limit" for `cpus` and
    `memory_gib`, "all" for `repositories` and `storages`, "the installation's" for `idle_minutes` and
    `life_hours`, which count at once, and changes nothing elsewhere. `default: true`
    takes the place of the project's present default session.
    """

    name: Name | None = None
    version: Version | None = None
    default: bool | None = None


class SessionUpdate(Schema):
    """The version that a session is moved to, newer or older; it takes effect on the next start."""

    version: Version


class SessionDuplicate(Schema):
    """A copy's name; without one, that of the session with a number."""

    name: Name | None = None


class SessionEnvironment(Schema):
    """The environment of a session, and the version that it is pinned to.

    Attributes:
        latest: the newest version there is.
        front_end: the version's own.
        front_ends: names of all that the version has, its own first.
    """

    id: str
    slug: str
    name: str
    version: int
    latest: int
    digest: str
    front_end: str
    front_ends: list[str]


class SessionRead(_Unstripped):
    """A session with its configuration and with the viewer's own status.

    Attributes:
        status: of the viewer's own latest run.
        run: id of that run; null when there was none.
        url: where it answers; null unless it is running.
    """

    id: str
    slug: str
    name: Name
    description: Description
    default: bool
    environment: SessionEnvironment
    front_end: FrontEndChoice | None
    resource_class: ClassSlug | None
    cpus: Cpus | None
    memory_gib: MemoryGib | None
    disk_gib: DiskGib | None
    repositories: Repositories | None
    storages: Storages | None
    variables: dict[str, str]
    idle_minutes: IdleMinutes | None
    life_hours: LifeHours | None
    status: Status
    run: str | None
    url: str | None
    created_by: str
    created_at: datetime
    updated_at: datetime

    @classmethod
    def made(cls, session: Session, around: "Around") -> Self:
        """The session with what it refers to."""
        run = around.runs.get(session.id)
        return cls(
            id=session.id,
            slug=session.slug,
            name=session.name,
            description=session.description,
            default=session.is_default,
            environment=around.environment(session),
            front_end=session.front_end,
            resource_class=around.classes[session.resource_class_id].slug
            if session.resource_class_id
            else None,
            cpus=session.cpus,
            memory_gib=session.memory_gib,
            disk_gib=session.disk_gib,
            repositories=_repositories(session, around.repositories),
            storages=_storages(session, around.storages),
            variables=session.variables,
            idle_minutes=session.idle_minutes,
            life_hours=session.life_hours,
            status=status_of(run.phase if run else None),
            run=run.id if run else None,
            url=run.url if run and run.phase == "running" else None,
            created_by=session.created_by,
            created_at=session.created_at,
            updated_at=session.updated_at,
        )


@dataclass(frozen=True)
class Around:
    """What the sessions of a page refer to, read at once.

    Attributes:
        latest: newest version by the environment's id.
        runs: the viewer's latest run by the session's id.
        classes: resource classes by id.
    """

    environments: dict[str, Environment]
    versions: dict[str, EnvironmentVersion]
    latest: dict[str, EnvironmentVersion]
    repositories: Sequence[Repository]
    storages: Sequence[Storage]
    runs: dict[str, Run]
    classes: dict[str, ResourceClass]
    kinds: Kinds

    def environment(self, session: Session) -> SessionEnvironment:
        """The session's environment and version."""
        environment = self.environments[session.environment_id]
        version = self.versions[session.version_id]
        return SessionEnvironment(
            id=environment.id,
            slug=environment.slug,
            name=environment.name,
            version=version.number,
            latest=self.latest[environment.id].number,
            digest=version.digest,
            front_end=version.front_end,
            front_ends=[each.name for each in front_ends.all_of(version, self.kinds.computer)],
        )


def _repositories(session: Session, repositories: Sequence[Repository]) -> list[SessionRepository] | None:
    chosen = session.repositories
    if chosen is None:
        return None
    return [
        SessionRepository(repository=repository.folder, ref=chosen[repository.id])
        for repository in repositories
        if repository.id in chosen
    ]


def _storages(session: Session, storages: Sequence[Storage]) -> list[SessionStorage] | None:
    if session.storages is None:
        return None
    return [
        SessionStorage(storage=storage.folder, read_only=read_only)
        for storage, read_only in mounted(session, storages)
    ]
