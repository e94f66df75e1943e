"""What can be asked of the API about environments and their versions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Required, TypedDict, Unpack

from sojourn.client.call import Call, Pages, Stream, given, match, nothing, path_of
from sojourn.client.checks import CheckEvent, read
from sojourn.client.environment_models import (
    Difference,
    Environment,
    ListedPackage,
    ListedVersion,
    PackagesFile,
    VersionDetail,
)
from sojourn.client.models import Run


class EnvironmentFilters(TypedDict, total=False):
    """Which environments a list has; what is not given does not matter.

    `archived` lists archived ones in the place of the others.
    """

    keyword: str
    favourite: bool
    mine: bool
    default: bool
    archived: bool


class GateSettings(TypedDict, total=False):
    """How a program that knows nothing of JupyterHub is reached; `prefix` is `strip` or `keep`."""

    prefix: str
    ready_path: str


class NewFrontEnd(TypedDict, total=False):
    """A program that a session can run in the place of the version's own, and how; see `VersionDetail`."""

    name: Required[str]
    default_url: Required[str]
    port: Required[int]
    command: Sequence[str]
    arguments: Sequence[str]
    gate: GateSettings | None


class LayerSize(TypedDict):
    """A layer of an image; `size` is compressed, in bytes."""

    digest: str
    size: int


class NewVersion(TypedDict, total=False):
    """What a version is made of, `image` or `requirements`, and how it is run; see `VersionDetail`.

    `requirements` are the lines of a requirements file, each pinned to one version; `source` is the file that
    they were read from.
    """

    image: str
    requirements: str
    source: str
    reference: str
    platforms: Sequence[str]
    size: int | None
    layers: Sequence[LayerSize]
    labels: Mapping[str, str]
    front_end: Required[str]
    default_url: Required[str]
    port: Required[int]
    command: Sequence[str]
    arguments: Sequence[str]
    gate: GateSettings | None
    front_ends: Sequence[NewFrontEnd]
    uid: int
    gid: int
    working_folder: str
    read_only_root: bool


READING_SECONDS = 120.0
"""For a file: versions that it does not pin are asked of a package index."""


class NewEnvironment(TypedDict, total=False):
    """An environment that is made together with its first session, yours.

    `visibility` is `private`, `projects` (the members of the session's project) or `everyone`.
    """

    name: Required[str]
    visibility: str
    version: Required[NewVersion]


class CheckLogin(TypedDict):
    """What opens the registry of an image; `password` may be a token."""

    username: str
    password: str


class EnvironmentChanges(TypedDict, total=False):
    """What may be changed of an environment; `successor` None is none.

    `projects` come in the place of those that you see. Only platform admins say `default`.
    """

    name: str
    description: str
    keywords: Sequence[str]
    visibility: str
    projects: Sequence[str]
    default: bool
    archived: bool
    successor: str | None


class EnvironmentCalls:
    """Environments, by slug or id."""

    def list(self, *, search: str = "", **filters: Unpack[EnvironmentFilters]) -> Pages[Environment]:
        """The environments that you see, default ones first; with a search the best finds first.

        Args:
            search: words with which name, description, keywords, an installed package or the creator begin;
                all must be found.
            filters: what else they have to be.
        """
        return Pages("/environments", Environment, given(search=search or None, **filters))

    def get(self, environment: str) -> Call[Environment]:
        """One environment with its versions."""
        return Call("GET", _at(environment), Environment.read)

    def create(
        self,
        name: str,
        version: NewVersion,
        *,
        description: str = "",
        keywords: Sequence[str] = (),
        visibility: str = "private",
        projects: Sequence[str] = (),
    ) -> Call[Environment]:
        """A new environment, yours, with its version 1; its slug derives from its name.

        Args:
            name: what people call it.
            version: what it is made of, and how it is run.
            description: what it is for.
            keywords: what people search for, lower case.
            visibility: `private`, `projects` or `everyone`.
            projects: slugs of those whose members see it, with the visibility `projects`.
        """
        body = {
            "name": name,
            "description": description,
            "keywords": [*keywords],
            "visibility": visibility,
            "projects": [*projects],
            "version": {**version},
        }
        return Call("POST", "/environments", Environment.read, body)

    def change(
        self, environment: str, *, if_match: str | None = None, **changes: Unpack[EnvironmentChanges]
    ) -> Call[Environment]:
        """Changes what is given; the slug stays. An archived environment gets no new sessions."""
        return Call("PATCH", _at(environment), Environment.read, {**changes}, headers=match(if_match))

    def delete(self, environment: str, *, if_match: str | None = None) -> Call[None]:
        """Deletes an environment; refused where a session uses it or a project's history names it."""
        return Call("DELETE", _at(environment), nothing, headers=match(if_match))

    def duplicate(
        self, environment: str, *, version: int | None = None, name: str | None = None
    ) -> Call[Environment]:
        """A copy of one version, the newest if none is named, as an environment that only you see."""
        body = given(version=version, name=name)
        return Call("POST", _at(environment, "duplicate"), Environment.read, body)

    def add_favourite(self, environment: str) -> Call[None]:
        """Makes it a favourite of yours: searches show it before its equals."""
        return Call("PUT", _at(environment, "favourite"), nothing)

    def remove_favourite(self, environment: str) -> Call[None]:
        """Makes it no favourite of yours."""
        return Call("DELETE", _at(environment, "favourite"), nothing)

    def versions(self, environment: str) -> Pages[ListedVersion]:
        """The versions of an environment, newest first."""
        return Pages(_at(environment, "versions"), ListedVersion)

    def version(self, environment: str, number: int) -> Call[VersionDetail]:
        """One version with how it is run and what is installed in it."""
        return Call("GET", _at(environment, "versions", str(number)), VersionDetail.read)

    def try_version(self, environment: str, number: int) -> Call[Run]:
        """Starts a version in your project Trials; what comes of it, the version tells."""
        return Call("POST", _at(environment, "versions", str(number), "trial"), Run.read)

    def add_version(self, environment: str, **version: Unpack[NewVersion]) -> Call[VersionDetail]:
        """Adds the next version; sessions stay on theirs until somebody updates them."""
        return Call("POST", _at(environment, "versions"), VersionDetail.read, {**version})

    def read_file(
        self,
        text: str,
        *,
        name: str = "",
        lock: str | None = None,
        extras: Sequence[str] = (),
        groups: Sequence[str] = (),
        front_end: bool = True,
    ) -> Call[PackagesFile]:
        """What an environment can be made of, out of a file that lists packages; nothing is made of it yet.

        Args:
            text: a requirements file, a `pyproject.toml`, or an `environment.yml` without packages of conda.
            name: what the file is called, by which its kind is known.
            lock: the text of the `uv.lock` beside a `pyproject.toml`, which pins its dependencies.
            extras: of a `pyproject.toml`, those that are wanted.
            groups: of a `pyproject.toml`, the dependency groups that are wanted.
            front_end: whether JupyterLab is added where the file does not bring it.
        """
        body = given(text=text, name=name, lock=lock, front_end=front_end)
        body |= {"extras": [*extras], "groups": [*groups]}
        return Call("POST", "/environments/read", PackagesFile.read, body, seconds=READING_SECONDS)

    def check(self, image: str, *, login: CheckLogin | None = None) -> Stream[CheckEvent]:
        """The events of a check of an image."""
        body = given(image=image, login=login)
        return Stream("POST", "/environments/check", read, body)

    def compare(self, environment: str, before: int, after: int) -> Call[Difference]:
        """What differs between two versions: packages, how it is run, image and size."""
        return Call("GET", _at(environment, "versions", f"{before}...{after}"), Difference.read)

    def packages(
        self, environment: str, number: int, *, search: str = "", ecosystem: str | None = None
    ) -> Pages[ListedPackage]:
        """What is known to be installed in a version, by name.

        Args:
            environment: slug or id.
            number: of the version.
            search: a part of the name.
            ecosystem: `python`, `conda`, `r`, `debian` or `apk`, and no other.
        """
        path = _at(environment, "versions", str(number), "packages")
        return Pages(path, ListedPackage, given(search=search or None, ecosystem=ecosystem))


def _at(*parts: str) -> str:
    return path_of("environments", *parts)
