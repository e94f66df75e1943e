"""What can be asked of the API, said once for both clients: paths, bodies, and what comes back.

Every method builds a `Call` or `Pages`; `sojourn.client.sync` sends them, and `sojourn.client.asynchronous`
does so for asyncio.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypedDict, Unpack

from sojourn.client.call import Call, Pages, given, match, nothing, path_of
from sojourn.client.models import (
    Me,
    Member,
    MemberGroup,
    Project,
    Repository,
    Run,
    Storage,
)
from sojourn.client.session_calls import launch_body


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
    shallow: bool


class StorageOfOtherKind(TypedDict, total=False):
    """What a storage has beyond name and folder, by its kind; see `models.Storage`."""

    claim: str
    size_gib: float
    storage_class: str
    access: str
    server: str
    driver: str
    attributes: Mapping[str, str]
    secret: str | None
    files: Mapping[str, str]


class StorageChanges(StorageOfOtherKind, total=False):
    """What may be changed of a storage, as far as its kind has it."""

    name: str
    path: str
    folder: str
    read_only: bool


class ClientCalls:
    """What belongs to no namespace."""

    def me(self) -> Call[Me]:
        """Who the token stands for."""
        return Call("GET", "/me", Me.read)

    def join(self, invitation: str) -> Call[Project]:
        """Makes you a member of the project that an invitation, by its link, is of."""
        return Call("POST", "/join", Project.read, {"invitation": invitation})

    def start(
        self,
        project: str,
        *,
        without: Sequence[str] = (),
        refs: Mapping[str, str] | None = None,
        variables: Mapping[str, str] | None = None,
        anew: bool = False,
    ) -> Call[Run]:
        """Starts the project's default session; see `sessions(project).start`."""
        body = launch_body(without, refs, variables, anew=anew)
        return Call("POST", path_of("projects", project, "start"), Run.read, body)


class ProjectCalls:
    """Projects."""

    def list(self, *, search: str = "") -> Pages[Project]:
        """The projects that you see, newest first; `search` is a part of the name."""
        return Pages("/projects", Project, given(search=search or None))

    def get(self, project: str) -> Call[Project]:
        """One project by slug."""
        return Call("GET", path_of("projects", project), Project.read)

    def create(self, name: str, *, description: str = "", visibility: str = "private") -> Call[Project]:
        """A new project, yours; its slug derives from its name."""
        body = {"name": name, "description": description, "visibility": visibility}
        return Call("POST", "/projects", Project.read, body)

    def change(
        self, project: str, *, if_match: str | None = None, **changes: Unpack[ProjectChanges]
    ) -> Call[Project]:
        """Changes what is given; the slug stays."""
        return Call("PATCH", path_of("projects", project), Project.read, {**changes}, headers=match(if_match))

    def delete(self, project: str, *, force: bool = False) -> Call[None]:
        """Deletes a project; refused while sessions of it are live, unless `force` stops them."""
        params = {"force": "true"} if force else {}
        return Call("DELETE", path_of("projects", project), nothing, params=params)


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

    def add(
        self, url: str, *, ref: str | None = None, folder: str | None = None, shallow: bool = False
    ) -> Call[Repository]:
        """Adds a repository, `shallow` without its history; sessions have it from their next start on."""
        body = {"url": url, "shallow": shallow, **given(ref=ref, folder=folder)}
        return Call("POST", self._at(), Repository.read, body)

    def change(
        self, folder: str, /, *, if_match: str | None = None, **changes: Unpack[RepositoryChanges]
    ) -> Call[Repository]:
        """Changes what is given, from the next start on."""
        return Call("PATCH", self._at(folder), Repository.read, {**changes}, headers=match(if_match))

    def remove(self, folder: str) -> Call[None]:
        """Removes a repository from the project; what sessions have cloned stays where it is."""
        return Call("DELETE", self._at(folder), nothing)

    def _at(self, *parts: str) -> str:
        return path_of("projects", self.project, "repositories", *parts)


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

    def add(
        self,
        name: str,
        path: str | None = None,
        *,
        kind: str = "folder",
        folder: str | None = None,
        read_only: bool = False,
        **details: Unpack[StorageOfOtherKind],
    ) -> Call[Storage]:
        """Adds a storage; sessions have it from their next start on.

        Args:
            name: what people call it.
            path: a folder of the computer that sessions run on, or a directory of an NFS `server`.
            kind: `folder`, `claim`, `nfs`, `csi` or `files`.
            folder: its folder of /work; derives from the name.
            read_only: whether no session can write to it.
            details: what only its kind has.
        """
        body = {"name": name, "kind": kind, "read_only": read_only, **given(path=path, folder=folder)}
        return Call("POST", self._at(), Storage.read, {**body, **details})

    def change(
        self, folder: str, /, *, if_match: str | None = None, **changes: Unpack[StorageChanges]
    ) -> Call[Storage]:
        """Changes what is given, from the next start on."""
        return Call("PATCH", self._at(folder), Storage.read, {**changes}, headers=match(if_match))

    def remove(self, folder: str) -> Call[None]:
        """Removes a storage from the project; what lies in it stays where it is."""
        return Call("DELETE", self._at(folder), nothing)

    def _at(self, *parts: str) -> str:
        return path_of("projects", self.project, "storages", *parts)


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
        return Call("DELETE", self._at(person), nothing)

    def groups(self) -> Pages[MemberGroup]:
        """The groups of the hub's whose people belong to the project, by name."""
        return Pages(self._groups(), MemberGroup)

    def put_group(self, group: str, *, role: str = "viewer") -> Call[MemberGroup]:
        """Makes a group's people members, or gives them another role."""
        return Call("PUT", self._groups(group), MemberGroup.read, {"role": role})

    def remove_group(self, group: str) -> Call[None]:
        """Takes a group out of the project; who is a member without it stays one."""
        return Call("DELETE", self._groups(group), nothing)

    def _at(self, *parts: str) -> str:
        return path_of("projects", self.project, "members", *parts)

    def _groups(self, *parts: str) -> str:
        return path_of("projects", self.project, "groups", *parts)
