"""What the API answers with, typed.

Fields that a newer Sojourn adds are not typed here, but are in `body`; words that may grow (phases, statuses)
are plain texts for the same reason.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, PrivateAttr


class Part(BaseModel):
    """A part of an answer."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class Answer(Part):
    """Something the API answers with."""

    _body: Mapping[str, Any] = PrivateAttr(default_factory=dict)
    _etag: str | None = PrivateAttr(default=None)

    @classmethod
    def read(cls, body: Mapping[str, Any], etag: str | None = None) -> Self:
        """The answer that a JSON body is.

        Raises:
            pydantic.ValidationError: it is no such answer.
        """
        return cls.model_validate(body, context=(body, etag))

    def model_post_init(self, context: Any) -> None:
        """Keeps what the answer was read from."""
        if context is not None:
            self._body, self._etag = context

    @property
    def body(self) -> Mapping[str, Any]:
        """The JSON as it came."""
        return self._body

    @property
    def etag(self) -> str | None:
        """The state this is of, to be given as `if_match`; None for the items of a list."""
        return self._etag


class Me(Answer):
    """The person that the token stands for."""

    name: str
    groups: tuple[str, ...]
    admin: bool


class Project(Answer):
    """A project.

    Attributes:
        visibility: `private` or `public`.
        role: what you may do in it: `viewer`, `editor` or `owner`.
    """

    id: str
    slug: str
    name: str
    description: str
    visibility: str
    role: str
    created_by: str
    created_at: datetime
    updated_at: datetime


class Member(Answer):
    """A member of a project; `role` is `viewer`, `editor` or `owner`."""

    person: str
    role: str
    created_at: datetime


class Repository(Answer):
    """A git repository that becomes a folder of /work; `ref` None is its default branch."""

    id: str
    url: str
    ref: str | None
    folder: str
    created_by: str
    created_at: datetime


class Storage(Answer):
    """A storage that becomes a folder of /work."""

    id: str
    name: str
    kind: str
    path: str
    folder: str
    created_by: str
    created_at: datetime


class Version(Part):
    """One immutable version of an environment; equal digests are equal environments."""

    number: int
    digest: str
    front_end: str
    default_url: str
    created_by: str
    created_at: datetime


class Environment(Answer):
    """An environment.

    Attributes:
        default: whether it is offered first.
        versions: all of them, newest first; empty for the items of a list.
    """

    id: str
    slug: str
    name: str
    description: str
    keywords: tuple[str, ...]
    default: bool
    created_by: str
    created_at: datetime
    updated_at: datetime
    latest: Version
    versions: tuple[Version, ...] = ()


class Package(Part):
    """An installed package."""

    name: str
    version: str


class VersionDetail(Answer):
    """A version with how it is started and what is installed in it."""

    number: int
    digest: str
    front_end: str
    default_url: str
    created_by: str
    created_at: datetime
    command: tuple[str, ...]
    packages: tuple[Package, ...]


class SessionEnvironment(Part):
    """The environment of a session; `version` is the one it is pinned to, `latest` the newest."""

    id: str
    slug: str
    name: str
    version: int
    latest: int
    digest: str
    front_end: str


class SessionRepository(Part):
    """A repository that a session gets, by folder; `ref` None is the project's."""

    repository: str
    ref: str | None


class Session(Answer):
    """A session with its configuration and your own status.

    Attributes:
        cpus: None is no limit, as is `memory_gib`.
        repositories: None is all of the project's, as is `storages`.
        status: `inactive`, `launching`, `running`, `paused` or `failed`.
        run: id of your latest run; None when there was none.
        url: where it answers; None unless it is running.
    """

    id: str
    slug: str
    name: str
    description: str
    default: bool
    environment: SessionEnvironment
    cpus: float | None
    memory_gib: float | None
    repositories: tuple[SessionRepository, ...] | None
    storages: tuple[str, ...] | None
    variables: dict[str, str]
    status: str
    run: str | None
    url: str | None
    created_by: str
    created_at: datetime
    updated_at: datetime


class Stage(Part):
    """One stage of a launch; `state` is `next`, `now`, `done`, `warn` or `fail`."""

    key: str
    title: str
    state: str
    started_at: datetime | None
    ended_at: datetime | None
    detail: str


class Reason(Part):
    """Why a run failed: a code for programs, a sentence, and what is known beyond it or helps."""

    code: str
    sentence: str
    hint: str = ""
    detail: str = ""


class Run(Answer):
    """One launch of a session.

    Attributes:
        project: slug, as is `session`.
        attempt: counts launches; a resume is the next.
        phase: `queued`, `launching`, `running`, `paused`, `succeeded`, `failed` or `stopped`.
        wish: what was asked for: `pause`, `stop`, `resume` or `cancel` while that is under way, else `run`.
        status: the word people read: `inactive`, `launching`, `running`, `paused` or `failed`.
        url: where the session answers; None until it is ready.
        page: where a browser shows the launch.
        reason: why it failed.
        stages: of the present attempt.
    """

    id: str
    project: str
    session: str
    person: str
    attempt: int
    phase: str
    wish: str
    status: str
    url: str | None
    page: str
    events: str
    reason: Reason | None
    created_at: datetime
    launched_at: datetime
    ready_at: datetime | None
    ended_at: datetime | None
    stages: tuple[Stage, ...]

    @property
    def under_way(self) -> bool:
        """Whether it is on its way to something else without anybody doing more."""
        if self.phase in {"stopped", "succeeded"}:
            return False
        return self.wish != "run" or self.phase in {"queued", "launching"}


class LogLine(Part):
    """One line of a run's log; `seconds` since the present attempt began."""

    at: datetime
    seconds: float
    source: str
    text: str


class Log(Answer):
    """The last lines of a run's log, oldest first."""

    lines: tuple[LogLine, ...]
