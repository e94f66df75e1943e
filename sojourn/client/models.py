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
    """The person that the token stands for.

    Attributes:
        scope: what the token may of what they may: `read`, `sessions` too, or `everything`.
    """

    name: str
    groups: tuple[str, ...]
    admin: bool
    scope: str = "everything"


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


class MemberGroup(Answer):
    """A group of the hub's whose people belong to a project; `role` is `viewer`, `editor` or `owner`."""

    group: str
    role: str
    created_at: datetime


class Repository(Answer):
    """A git repository that becomes a folder of /work.

    Attributes:
        ref: None is its default branch.
        shallow: whether sessions get it without its history.
    """

    id: str
    url: str
    ref: str | None
    folder: str
    shallow: bool = False
    created_by: str
    created_at: datetime


class Storage(Answer):
    """A storage that becomes a folder of /work. What its kind does not have is None.

    Attributes:
        kind: `folder`, `claim`, `nfs`, `csi` or `files`.
        path: of a folder of the computer that sessions run on, or a directory of an NFS `server`.
        claim: name of a volume's claim; `size_gib` None: the claim was there, else it is made with that size.
        driver: of a CSI volume, with its `attributes` and the name of a `secret`.
        files: texts by file name.
    """

    id: str
    name: str
    kind: str
    folder: str
    read_only: bool = False
    path: str | None = None
    claim: str | None = None
    size_gib: float | None = None
    storage_class: str | None = None
    access: str | None = None
    server: str | None = None
    driver: str | None = None
    attributes: dict[str, str] | None = None
    secret: str | None = None
    files: dict[str, str] | None = None
    created_by: str
    created_at: datetime


class Secret(Answer):
    """A secret of a project, without its value; `variable` None: sessions have it as a file only."""

    id: str
    name: str
    variable: str | None
    created_by: str
    created_at: datetime
    updated_at: datetime


class ResourceClass(Answer):
    """An offer of CPU, memory, GPUs and disk.

    Attributes:
        disk_gib: size of /work; None is the installation's.
        default: whether new sessions are of this class.
    """

    id: str
    slug: str
    name: str
    description: str
    cpus: float
    memory_gib: float
    disk_gib: float | None
    gpus: int
    gpu_resource: str | None
    default: bool


class Limit(Part):
    """How much may be taken at once, memory in GiB; None is not limited."""

    cpus: float | None = None
    memory_gib: float | None = None
    gpus: int | None = None
    sessions: int | None = None


class Amounts(Part):
    """How much is taken; memory in GiB."""

    cpus: float
    memory_gib: float
    gpus: int
    sessions: int


class ResourcePool(Answer):
    """Resource classes that share a quota, and how it is used now.

    Attributes:
        classes: slugs of its classes.
        quota: what everybody together may take; a start beyond it waits.
        per_person, per_project: what one of them may take; a start beyond it is refused.
        taken: by everybody who has a place.
        own: by you, what waits too.
        waiting: how many starts wait for a place.
    """

    slug: str
    name: str
    description: str
    classes: tuple[str, ...]
    quota: Limit
    per_person: Limit
    per_project: Limit
    taken: Amounts
    own: Amounts
    waiting: int


class SessionEnvironment(Part):
    """The environment of a session; `version` is the one it is pinned to, `latest` the newest.

    Attributes:
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
    front_ends: tuple[str, ...] = ()


class SessionRepository(Part):
    """A repository that a session gets, by folder; `ref` None is the project's."""

    repository: str
    ref: str | None


class SessionStorage(Part):
    """A storage that a session gets, by folder; `read_only` whatever the project says."""

    storage: str
    read_only: bool


class Session(Answer):
    """A session with its configuration and your own status.

    Attributes:
        front_end: name of the one that it runs; None is the environment's own.
        resource_class: slug; None: of no class.
        cpus: None is no limit, or what the class says, as is `memory_gib`.
        disk_gib: size of /work; None is the class's, else the installation's.
        repositories: None is all of the project's, as is `storages`.
        idle_minutes: without activity, after which it pauses; 0 is never, None the installation's.
        life_hours: after which it pauses in any case, likewise.
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
    front_end: str | None = None
    resource_class: str | None = None
    cpus: float | None
    memory_gib: float | None
    disk_gib: float | None = None
    repositories: tuple[SessionRepository, ...] | None
    storages: tuple[SessionStorage, ...] | None
    variables: dict[str, str]
    idle_minutes: float | None = None
    life_hours: float | None = None
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


class Queue(Part):
    """Where a run waits for a place in the pool of its class.

    Attributes:
        position: the first to be let in is 1.
        estimate_seconds: in how long that may be; None: nobody knows.
    """

    position: int
    estimate_seconds: int | None = None


class Resize(Part):
    """Another CPU and memory that is wished for a running session.

    Attributes:
        state: `wanted` until it has them; `undoing` and then `refused` when that cannot be.
        sentence: why it cannot be; `hint` what to do about it.
    """

    cpus: float | None
    memory_gib: float | None
    state: str
    sentence: str = ""
    hint: str = ""


class KeptOfRun(Part):
    """That /work of a run that was stopped is kept, and until when."""

    id: str
    expires_at: datetime


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
        reason: why it failed, why it was paused when nobody asked for that, or why its resume was taken back.
        active_at: when it was last active, as far as that is known; None while it does not run.
        keep_until: until when it was asked to be kept alive.
        pauses_at: when it pauses by itself, once that is announced.
        pauses_for: why it does: `idle`, `life` or `time`.
        queue: where it waits while its pool is full.
        resize: the size that it is to have, while that is under way or was refused.
        kept: what is kept of its /work since it was stopped.
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
    active_at: datetime | None = None
    keep_until: datetime | None = None
    pauses_at: datetime | None = None
    pauses_for: str | None = None
    queue: Queue | None = None
    resize: Resize | None = None
    kept: KeptOfRun | None = None
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
        resizes = self.resize is not None and self.resize.state != "refused"
        return resizes or self.wish != "run" or self.phase in {"queued", "launching"}
