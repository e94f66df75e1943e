"""Sessions as JSON."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import ConfigDict, Field

from sessions_api.environments.tables import Environment, EnvironmentVersion
from sessions_api.kit.schemas import Description, Name, Schema
from sessions_api.repositories.refs import REF_LENGTH
from sessions_api.repositories.tables import Repository
from sessions_api.runs.states import Status, status_of
from sessions_api.runs.tables import Run
from sessions_api.sessions.choices import RepositoryChoice
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


Repositories = Annotated[
    list[SessionRepository],
    Field(max_length=PARTS, description="Repositories of the project that it gets; null is all."),
]
Storages = Annotated[
    list[FolderOrId],
    Field(
        max_length=PARTS, description="Folders or ids of the project's storages that it gets; null is all."
    ),
]


class _Unstripped(Schema):
    # Blanks at the ends of a variable's value are the person's.
    model_config = ConfigDict(str_strip_whitespace=False)


class _Configuration(_Unstripped):
    description: Description | None = None
    cpus: Cpus | None = None
    memory_gib: MemoryGib | None = None
    repositories: Repositories | None = None
    storages: Storages | None = None
    variables: Variables | None = None

    def given(self) -> dict[str, Any]:
        """What the body says, as the service takes it; null counts where it means something."""
        values = {name: getattr(self, name) for name in self.model_fields_set}
        if self.repositories is not None:
            values["repositories"] = [item.choice() for item in self.repositories]
        return {
            name: value
            for name, value in values.items()
            if value is not None or name in {"cpus", "memory_gib", "repositories", "storages"}
        }


class SessionCreate(_Configuration):
    """An environment to add to the project as a session.

    Attributes:
        name: the environment's name, with a number where that is taken, when none is given.
        version: the newest when none is given.
        default: whether the project's *Start session* starts it; the first session of a project always is.
    """

    environment: EnvironmentName
    version: Version | None = None
    name: Name | None = None
    default: bool = False


class SessionChange(_Configuration):
    """What is given is changed, from the next start on.

    Null is "no limit" for `cpus` and `memory_gib`, "all" for `repositories` and `storages`, and changes
    nothing elsewhere. `default: true` takes the place of the project's present default session.
    """

    name: Name | None = None
    version: Version | None = None
    default: bool | None = None


class SessionDuplicate(Schema):
    """A copy's name; without one, that of the session with a number."""

    name: Name | None = None


class SessionEnvironment(Schema):
    """The environment of a session, and the version that it is pinned to.

    Attributes:
        latest: the newest version there is.
    """

    id: str
    slug: str
    name: str
    version: int
    latest: int
    digest: str
    front_end: str


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
    cpus: Cpus | None
    memory_gib: MemoryGib | None
    repositories: Repositories | None
    storages: Storages | None
    variables: dict[str, str]
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
            cpus=session.cpus,
            memory_gib=session.memory_gib,
            repositories=_repositories(session, around.repositories),
            storages=_storages(session, around.storages),
            variables=session.variables,
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
    """

    environments: dict[str, Environment]
    versions: dict[str, EnvironmentVersion]
    latest: dict[str, EnvironmentVersion]
    repositories: Sequence[Repository]
    storages: Sequence[Storage]
    runs: dict[str, Run]

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


def _storages(session: Session, storages: Sequence[Storage]) -> list[str] | None:
    chosen = session.storages
    return None if chosen is None else [storage.folder for storage in storages if storage.id in chosen]
