"""Environments and their versions as JSON."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Self

from pydantic import Field

from sessions_api.environments.making_schemas import Layer, Visibility
from sessions_api.environments.packages import Ecosystem, Package
from sessions_api.environments.service import Around, Difference
from sessions_api.environments.tables import Environment, EnvironmentVersion, LaunchProof
from sessions_api.environments.watching.tags import Upstream
from sessions_api.kit.schemas import Description, Name, Schema
from sessions_api.projects.tables import Project


class UpstreamProblem(Schema):
    """Why it is not known what a tag means now; `code` is `image_not_found` where it is gone."""

    code: str
    sentence: str


class UpstreamRead(Schema):
    """What the tag that a version was typed with means by now.

    Attributes:
        digest: what the registry last said; null: it did not say since there is the version.
        checked_at: when it was last asked.
        moved: whether the tag means another image than the version is; nothing follows by itself.
        problem: why the registry did not say at `checked_at`; null: it did.
    """

    digest: str | None
    checked_at: datetime
    moved: bool
    problem: UpstreamProblem | None


Upstreams = Mapping[str, Upstream]
"""What the tags of versions mean, by the version's id."""


class VersionRead(Schema):
    """One immutable version of an environment.

    Attributes:
        digest: `sha256:…` of what it is made of; equal digests are equal environments.
        image: `REPOSITORY@sha256:…`; null: it is made of the packages themselves.
        reference: the image as somebody typed it; null: nobody did.
        front_end: the program people land in.
        default_url: path below a session's URL that opens first.
        size: of the image, compressed, in bytes; null: not known.
        made_from: what it came from, for people.
        upstream: what the tag that it was typed with means by now; null: it was not asked for since.
    """

    number: int
    digest: str
    image: str | None
    reference: str | None
    front_end: str
    default_url: str
    size: int | None
    made_from: str
    created_by: str
    created_at: datetime
    upstream: UpstreamRead | None = None

    @classmethod
    def told(cls, version: EnvironmentVersion, upstreams: Upstreams) -> Self:
        """The version with what its tag means."""
        found = upstreams.get(version.id)
        upstream = None if found is None else UpstreamRead.model_validate(found)
        return cls.model_validate(version).model_copy(update={"upstream": upstream})


class PackageRead(Schema):
    """An installed package."""

    ecosystem: Ecosystem
    name: str
    version: str


class Gate(Schema):
    """How a program that knows nothing of JupyterHub is reached: behind Sojourn's gate.

    Attributes:
        prefix: `strip`: the program sees paths that begin at `/`; `keep`: it sees the session's own.
        ready_path: answers below 500 once the program is up.
    """

    prefix: Literal["strip", "keep"]
    ready_path: str


class FrontEndRead(Schema):
    """A program that a session can run in the place of the version's own, and how; see `VersionDetail`."""

    name: str
    command: list[str]
    arguments: list[str]
    default_url: str
    port: int
    gate: Gate | None


class LaunchFailure(Schema):
    """Why the last launch failed; the codes are on the page of reasons."""

    code: str
    sentence: str


class LaunchesRead(Schema):
    """What launches showed of a version, whoever started them where.

    Attributes:
        works: whether the last one got ready.
        at: when that was known.
        seconds: from its start to ready; null: it did not get ready.
        reason: why not; null: it got ready.
        worked, failed: how many did and did not, where that lay in the version.
    """

    works: bool
    at: datetime
    seconds: float | None
    reason: LaunchFailure | None
    worked: int
    failed: int


class VersionDetail(VersionRead):
    """A version with how it is run and what is installed in it.

    Attributes:
        command: what starts it; empty is the image's own.
        arguments: follow the command; empty is the image's own.
        port: where the program listens.
        gate: null: the program logs people in by itself.
        front_ends: what a session can run in the place of `front_end`.
        uid, gid: whom it runs as, of an image.
        working_folder: where it starts, of an image.
        read_only_root: whether its root file system cannot be written, of an image.
        platforms: `os/arch` or `os/arch/variant`, of an image, as far as they are known.
        layers: of an image, from the lowest, as far as they are known.
        labels: of an image.
        packages: of an image, as far as they are known.
        launches: what launches showed of it; null: nobody launched it.
    """

    command: list[str]
    arguments: list[str]
    port: int
    gate: Gate | None
    front_ends: list[FrontEndRead]
    uid: int
    gid: int
    working_folder: str
    read_only_root: bool
    platforms: list[str]
    layers: list[Layer]
    labels: dict[str, str]
    packages: list[PackageRead]
    launches: LaunchesRead | None

    @classmethod
    def made(
        cls,
        version: EnvironmentVersion,
        packages: Iterable[Package],
        upstreams: Upstreams,
        proof: LaunchProof | None,
    ) -> Self:
        """The version with what is installed in it, what its tag means and what launches showed of it."""
        around = {"packages", "upstream", "launches"}
        read: dict[str, Any] = {name: getattr(version, name) for name in cls.model_fields.keys() - around}
        return cls(
            **read,
            packages=[PackageRead.model_validate(package) for package in packages],
            upstream=VersionRead.told(version, upstreams).upstream,
            launches=None if proof is None else LaunchesRead.model_validate(proof),
        )


class PackageChange(Schema):
    """A package that differs between two versions; null where it is not there."""

    ecosystem: Ecosystem
    name: str
    before: str | None
    after: str | None


class FieldChange(Schema):
    """A field of how a version is run that differs."""

    field: str
    before: Any
    after: Any


class DifferenceRead(Schema):
    """What differs between two versions of an environment.

    Attributes:
        added, removed, changed: packages.
        run: fields of how it is run.
        new_bytes: what who has `before` downloads for `after`, compressed; null: not known.
    """

    before: VersionRead
    after: VersionRead
    added: list[PackageChange]
    removed: list[PackageChange]
    changed: list[PackageChange]
    run: list[FieldChange]
    new_bytes: int | None

    @classmethod
    def made(cls, difference: Difference, upstreams: Upstreams) -> Self:
        """The difference as JSON."""
        packages = [PackageChange.model_validate(change) for change in difference.packages]
        return cls(
            before=VersionRead.told(difference.before, upstreams),
            after=VersionRead.told(difference.after, upstreams),
            added=[change for change in packages if change.before is None],
            removed=[change for change in packages if change.after is None],
            changed=[change for change in packages if None not in {change.before, change.after}],
            run=[FieldChange.model_validate(change) for change in difference.run],
            new_bytes=difference.new_bytes,
        )


class Successor(Schema):
    """What to use in the place of an archived environment."""

    slug: str
    name: str


class Uses(Schema):
    """In how many projects an environment has sessions: that you see, and that you do not."""

    projects: int
    others: int


class EnvironmentRead(Schema):
    """An environment with its newest version.

    Attributes:
        recipe: the recipe that it is made from, whose words are its own; null: people made it.
        default: whether it is offered first when a session is added.
        visibility: who sees it.
        favourite: whether it is one of yours.
        editable: whether you may change it.
        archived_at: since when it gets no new sessions; null: it does.
        successor: what to use instead of an archived one; null where there is none that you see.
    """

    id: str
    slug: str
    name: Name
    description: Description
    keywords: list[str]
    recipe: str | None
    default: bool
    visibility: Visibility
    favourite: bool
    editable: bool
    archived_at: datetime | None
    successor: Successor | None
    used: Uses
    created_by: str
    created_at: datetime
    updated_at: datetime
    latest: VersionRead

    @classmethod
    def made(cls, environment: Environment, around: Around, *, editable: bool) -> Self:
        """The environment with what is around it."""
        return cls(**_fields(environment, around, editable=editable))


@dataclass(frozen=True)
class Details:
    """What only the page of one environment says.

    Attributes:
        versions: newest first.
        projects: that it is for and that the viewer sees; `others` counts the rest.
        upstreams: of the versions.
    """

    versions: Sequence[EnvironmentVersion]
    projects: Sequence[Project]
    others: int
    upstreams: Upstreams


class EnvironmentDetail(EnvironmentRead):
    """An environment with all its versions, newest first.

    Attributes:
        projects: slugs of the projects that it is for, of those that you see.
        other_projects: how many more.
    """

    projects: list[str]
    other_projects: int
    versions: list[VersionRead] = Field(min_length=1)

    @classmethod
    def detailed(cls, environment: Environment, around: Around, details: Details, *, editable: bool) -> Self:
        """The environment with its versions."""
        return cls(
            **_fields(environment, around, editable=editable),
            projects=[project.slug for project in details.projects],
            other_projects=details.others,
            versions=[VersionRead.told(version, details.upstreams) for version in details.versions],
        )


_AROUND = {"latest", "favourite", "editable", "successor", "used"}


def _fields(environment: Environment, around: Around, *, editable: bool) -> dict[str, Any]:
    successor = around.successor(environment)
    return {
        **{name: getattr(environment, name) for name in EnvironmentRead.model_fields.keys() - _AROUND},
        "latest": VersionRead.told(around.latest[environment.id], around.upstreams),
        "favourite": environment.id in around.favourites,
        "editable": editable,
        "successor": None if successor is None else Successor.model_validate(successor),
        "used": Uses.model_validate(around.used_of(environment)),
    }
