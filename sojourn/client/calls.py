"""What can be asked of the API, said once for both clients: paths, bodies, and what comes back.

Every method builds a `Call` or `Pages`; `sojourn.client.sync` sends them, and `sojourn.client.asynchronous`
does so for asyncio.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypedDict, TypeVar, Unpack
from urllib.parse import quote

from sojourn.client.errors import Invalid
from sojourn.client.models import (
    Answer,
    Environment,
    Log,
    Me,
    Member,
    Project,
    Repository,
    Run,
    Session,
    Storage,
    VersionDetail,
)

T = TypeVar("T")
Model = TypeVar("Model", bound=Answer)

Body = Mapping[str, Any] | None
Read = Callable[[Mapping[str, Any], str | None], T]


@dataclass(frozen=True, slots=True)
class Call(Generic[T]):
    """One request; `read` makes the answer of its JSON body and ETag."""

    method: str
    path: str
    read: Read[T]
    body: Body = None
    params: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Pages(Generic[Model]):
    """A list that comes in pages."""

    path: str
    item: type[Model]
    params: Mapping[str, Any] = field(default_factory=dict)

    def page(self, cursor: str | None) -> Call[tuple[list[Model], str | None]]:
        """The request of one page; answers with its items and the cursor of the next page."""
        params = {**self.params, "cursor": cursor} if cursor else self.params
        return Call("GET", self.path, self._read, params=params)

    def _read(self, body: Mapping[str, Any], _etag: str | None) -> tuple[list[Model], str | None]:
        return [self.item.read(item) for item in body["items"]], body.get("next")


class ProjectChanges(TypedDict, total=False):
    """What may be changed of a project."""

    name: str
    description: str
    visibility: str


class RepositoryChanges(TypedDict, total=False):
    """What may be changed of a repository; `ref` None is its default branch."""

    url: str
    ref: str | None
    folder: str


class StorageChanges(TypedDict, total=False):
    """What may be changed of a storage."""

    name: str
    path: str
    folder: str


class RepositoryChoice(TypedDict):
    """A repository that a session is to get, by folder; `ref` None is the project's."""

    repository: str
    ref: str | None


class Configuration(TypedDict, total=False):
    """A session's configuration.

    None is "no limit" for `cpus` and `memory_gib` (in GiB), "all" for `repositories` and `storages`.
    """

    name: str
    version: int
    description: str
    default: bool
    cpus: float | None
    memory_gib: float | None
    repositories: Sequence[RepositoryChoice] | None
    storages: Sequence[str] | None
    variables: Mapping[str, str]


def _path(*parts: str) -> str:
    for part in parts:
        if part in {"", ".", ".."}:  # a path would lose them, and mean something else
            raise Invalid(f"{part!r} is the name of nothing.", code="not_a_name")
    return "/".join(["", *(quote(part, safe="") for part in parts)])


def _given(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _match(etag: str | None) -> Mapping[str, str]:
    return {"If-Match": etag} if etag else {}


def _nothing(_body: Mapping[str, Any], _etag: str | None) -> None:
    return None


class ClientCalls:
    """What belongs to no namespace."""

    def me(self) -> Call[Me]:
        """Who the token stands for."""
        return Call("GET", "/me", Me.read)

    def start(
        self, project: str, *, without: Sequence[str] = (), refs: Mapping[str, str] | None = None
    ) -> Call[Run]:
        """Starts the project's default session; see `sessions(project).start`."""
        return Call("POST", _path("projects", project, "start"), Run.read, _launch(without, refs))


def _launch(without: Sequence[str], refs: Mapping[str, str] | None) -> Body:
    return {"without": list(without), "refs": dict(refs or {})}


class ProjectCalls:
    """Projects."""

    def list(self, *, search: str = "") -> Pages[Project]:
        """The projects that you see, newest first; `search` is a part of the name."""
        return Pages("/projects", Project, _given(search=search or None))

    def get(self, project: str) -> Call[Project]:
        """One project by slug."""
        return Call("GET", _path("projects", project), Project.read)

    def create(self, name: str, *, description: str = "", visibility: str = "private") -> Call[Project]:
        """A new project, yours; its slug derives from its name."""
        body = {"name": name, "description": description, "visibility": visibility}
        return Call("POST", "/projects", Project.read, body)

    def change(
        self, project: str, *, if_match: str | None = None, **changes: Unpack[ProjectChanges]
    ) -> Call[Project]:
        """Changes what is given; the slug stays."""
        return Call("PATCH", _path("projects", project), Project.read, {**changes}, headers=_match(if_match))

    def delete(self, project: str, *, force: bool = False) -> Call[None]:
        """Deletes a project; refused while sessions of it are live, unless `force` stops them."""
        params = {"force": "true"} if force else {}
        return Call("DELETE", _path("projects", project), _nothing, params=params)


@dataclass(frozen=True, slots=True)
class RepositoryCalls:
    """Repositories of one project."""

    project: str

    def list(self) -> Pages[Repository]:
        """The repositories in the order in which they were added."""
        return Pages(self._at(), Repository)

    def get(self, folder: str) -> Call[Repository]:
        """One repository by folder or id."""
        return Call("GET", self._at(folder), Repository.read)

    def add(self, url: str, *, ref: str | None = None, folder: str | None = None) -> Call[Repository]:
        """Adds a repository; sessions have it from their next start on."""
        return Call("POST", self._at(), Repository.read, {"url": url, **_given(ref=ref, folder=folder)})

    def change(
        self, folder: str, /, *, if_match: str | None = None, **changes: Unpack[RepositoryChanges]
    ) -> Call[Repository]:
        """Changes what is given, from the next start on."""
        return Call("PATCH", self._at(folder), Repository.read, {**changes}, headers=_match(if_match))

    def remove(self, folder: str) -> Call[None]:
        """Removes a repository from the project; what sessions have cloned stays where it is."""
        return Call("DELETE", self._at(folder), _nothing)

    def _at(self, *parts: str) -> str:
        return _path("projects", self.project, "repositories", *parts)


@dataclass(frozen=True, slots=True)
class StorageCalls:
    """Storages of one project."""

    project: str

    def list(self) -> Pages[Storage]:
        """The storages in the order in which they were added."""
        return Pages(self._at(), Storage)

    def get(self, folder: str) -> Call[Storage]:
        """One storage by folder or id."""
        return Call("GET", self._at(folder), Storage.read)

    def add(self, name: str, path: str, *, folder: str | None = None) -> Call[Storage]:
        """Adds a folder of the computer that sessions run on; they have it from their next start on."""
        return Call("POST", self._at(), Storage.read, {"name": name, "path": path, **_given(folder=folder)})

    def change(
        self, folder: str, /, *, if_match: str | None = None, **changes: Unpack[StorageChanges]
    ) -> Call[Storage]:
        """Changes what is given, from the next start on."""
        return Call("PATCH", self._at(folder), Storage.read, {**changes}, headers=_match(if_match))

    def remove(self, folder: str) -> Call[None]:
        """Removes a storage from the project; its files stay where they are."""
        return Call("DELETE", self._at(folder), _nothing)

    def _at(self, *parts: str) -> str:
        return _path("projects", self.project, "storages", *parts)


@dataclass(frozen=True, slots=True)
class MemberCalls:
    """Members of one project."""

    project: str

    def list(self) -> Pages[Member]:
        """Who belongs to the project, by name."""
        return Pages(self._at(), Member)

    def get(self, person: str) -> Call[Member]:
        """One member."""
        return Call("GET", self._at(person), Member.read)

    def add(self, person: str, *, role: str = "viewer") -> Call[Member]:
        """Makes a person `viewer`, `editor` or `owner`."""
        return Call("POST", self._at(), Member.read, {"person": person, "role": role})

    def change(self, person: str, *, role: str) -> Call[Member]:
        """Gives a member another role."""
        return Call("PATCH", self._at(person), Member.read, {"role": role})

    def remove(self, person: str) -> Call[None]:
        """Takes a person out of the project; anybody may leave."""
        return Call("DELETE", self._at(person), _nothing)

    def _at(self, *parts: str) -> str:
        return _path("projects", self.project, "members", *parts)


@dataclass(frozen=True, slots=True)
class SessionCalls:
    """Sessions of one project, by slug or id."""

    project: str

    def list(self) -> Pages[Session]:
        """The sessions by slug, with your own status of each."""
        return Pages(self._at(), Session)

    def get(self, session: str) -> Call[Session]:
        """One session."""
        return Call("GET", self._at(session), Session.read)

    def add(self, environment: str, **configuration: Unpack[Configuration]) -> Call[Session]:
        """Adds an environment (slug or id) as a session; the project's first is its default."""
        return Call("POST", self._at(), Session.read, {"environment": environment, **configuration})

    def configure(
        self, session: str, *, if_match: str | None = None, **changes: Unpack[Configuration]
    ) -> Call[Session]:
        """Changes what is given, from the next start on."""
        return Call("PATCH", self._at(session), Session.read, {**changes}, headers=_match(if_match))

    def duplicate(self, session: str, *, name: str | None = None) -> Call[Session]:
        """Adds a copy with all its configuration."""
        return Call("POST", self._at(session, "duplicate"), Session.read, _given(name=name))

    def remove(self, session: str, *, force: bool = False) -> Call[None]:
        """Removes a session; refused while anybody's run of it is live, unless `force` stops them."""
        params = {"force": "true"} if force else {}
        return Call("DELETE", self._at(session), _nothing, params=params)

    def start(
        self, session: str, *, without: Sequence[str] = (), refs: Mapping[str, str] | None = None
    ) -> Call[Run]:
        """Starts a session or resumes it; answers with the live run if there is one.

        Args:
            session: slug or id.
            without: folders of repositories and storages to leave out this time.
            refs: other refs this time, by repository folder.
        """
        return Call("POST", self._at(session, "start"), Run.read, _launch(without, refs))

    def pause(self, session: str) -> Call[Run]:
        """Asks for the pause of your run: /work is kept, CPU and memory are given back."""
        return Call("POST", self._at(session, "pause"), Run.read)

    def stop(self, session: str) -> Call[Run]:
        """Asks for the end of your run; its /work is deleted."""
        return Call("POST", self._at(session, "stop"), Run.read)

    def cancel(self, session: str) -> Call[Run]:
        """Asks for the end of your launch before it is ready; /work stays as it is."""
        return Call("POST", self._at(session, "cancel"), Run.read)

    def _at(self, *parts: str) -> str:
        return _path("projects", self.project, "sessions", *parts)


class RunCalls:
    """Your own runs."""

    def list(self, *, project: str | None = None) -> Pages[Run]:
        """Your runs, newest first; `project` leaves only those of one project."""
        return Pages("/runs", Run, _given(project=project))

    def get(self, run: str) -> Call[Run]:
        """One run."""
        return Call("GET", _path("runs", run), Run.read)

    def log(self, run: str, *, tail: int = 1000) -> Call[Log]:
        """The last lines of a run's log, at most `tail`."""
        return Call("GET", _path("runs", run, "log"), Log.read, params={"tail": tail})


class EnvironmentCalls:
    """Environments, by slug or id."""

    def list(self, *, search: str = "") -> Pages[Environment]:
        """The environments that sessions can be made from, default ones first."""
        return Pages("/environments", Environment, _given(search=search or None))

    def get(self, environment: str) -> Call[Environment]:
        """One environment with its versions."""
        return Call("GET", _path("environments", environment), Environment.read)

    def version(self, environment: str, number: int) -> Call[VersionDetail]:
        """One version with what is installed in it."""
        return Call("GET", _path("environments", environment, "versions", str(number)), VersionDetail.read)
