"""What the API answers with about environments, typed; see `sojourn.client.models`."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sojourn.client.models import Answer, Part


class UpstreamProblem(Part):
    """Why it is not known what a tag means now; `code` is `image_not_found` where it is gone."""

    code: str
    sentence: str


class Upstream(Part):
    """What the tag that a version was typed with means by now.

    Attributes:
        digest: what the registry last said; None: it did not say since there is the version.
        checked_at: when it was last asked.
        moved: whether the tag means another image than the version is.
        problem: why the registry did not say at `checked_at`; None: it did.
    """

    digest: str | None = None
    checked_at: datetime
    moved: bool = False
    problem: UpstreamProblem | None = None


class Version(Part):
    """One immutable version of an environment; equal digests are equal environments.

    Attributes:
        image: `REPOSITORY@sha256:…`; None: it is made of packages.
        reference: the image as somebody typed it; None: nobody did.
        front_end: the program people land in.
        default_url: path below a session's URL that opens first.
        size: of the image, compressed, in bytes; None: not known.
        made_from: what it came from, for people.
        upstream: what the tag that it was typed with means by now; None: it was not asked for.
    """

    number: int
    digest: str
    image: str | None = None
    reference: str | None = None
    front_end: str
    default_url: str
    size: int | None = None
    made_from: str = ""
    created_by: str
    created_at: datetime
    upstream: Upstream | None = None


class ListedVersion(Answer, Version):
    """A version as an item of a list."""


class PackagesFile(Answer):
    """What an environment can be made of, out of a file that lists packages.

    Attributes:
        kind: `requirements.txt`, `pyproject.toml` or `environment.yml`.
        source: the file and what of it was taken, for people.
        requirements: lines of a requirements file, each pinned to one version.
        added: packages that sessions need and the file does not bring.
        notes: sentences on what was left out and added.
    """

    kind: str
    source: str
    requirements: str
    added: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


class Package(Part):
    """An installed package; `ecosystem` is `python`, `conda`, `r`, `debian` or `apk`."""

    ecosystem: str = "python"
    name: str
    version: str


class ListedPackage(Answer, Package):
    """A package as an item of a list."""


class Gate(Part):
    """How a program behind Sojourn's gate is reached; `prefix` is `strip` or `keep`."""

    prefix: str
    ready_path: str


class FrontEnd(Part):
    """A program that a session can run in the place of the version's own, and how; see `VersionDetail`."""

    name: str
    command: tuple[str, ...] = ()
    arguments: tuple[str, ...] = ()
    default_url: str
    port: int
    gate: Gate | None = None


class Layer(Part):
    """A layer of an image; `size` is compressed, in bytes."""

    digest: str
    size: int


class LaunchFailure(Part):
    """Why the last launch of a version failed."""

    code: str
    sentence: str


class Launches(Part):
    """What launches showed of a version, whoever started them where.

    Attributes:
        works: whether the last one got ready.
        at: when that was known.
        seconds: from its start to ready; None: it did not get ready.
        worked, failed: how many did and did not, where that lay in the version.
    """

    works: bool
    at: datetime
    seconds: float | None = None
    reason: LaunchFailure | None = None
    worked: int
    failed: int


class VersionDetail(Answer, Version):
    """A version with how it is run and what is installed in it.

    Attributes:
        command, arguments: empty is the image's own.
        gate: None: the program logs people in by itself.
        front_ends: what a session can run in the place of `front_end`.
        uid, gid, working_folder, read_only_root: of an image.
        platforms: of an image: `os/arch` or `os/arch/variant`, as far as they are known.
        layers: of an image, from the lowest, as far as they are known.
        labels: of an image.
        packages: of an image, as far as they are known.
        launches: what launches showed of it; None: nobody launched it.
    """

    command: tuple[str, ...]
    arguments: tuple[str, ...] = ()
    port: int
    gate: Gate | None = None
    front_ends: tuple[FrontEnd, ...] = ()
    uid: int
    gid: int
    working_folder: str
    read_only_root: bool = False
    platforms: tuple[str, ...] = ()
    layers: tuple[Layer, ...] = ()
    labels: dict[str, str] = {}
    packages: tuple[Package, ...]
    launches: Launches | None = None


class PackageChange(Part):
    """A package that differs between two versions; None where it is not there."""

    ecosystem: str
    name: str
    before: str | None
    after: str | None


class FieldChange(Part):
    """A field of `VersionDetail` that differs: one of those that say how it is run."""

    field: str
    before: Any
    after: Any


class Difference(Answer):
    """What differs between two versions of an environment.

    Attributes:
        added, removed, changed: packages, as far as they are known.
        run: how it is run.
        new_bytes: what who has `before` downloads for `after`, compressed; None: not known.
    """

    before: Version
    after: Version
    added: tuple[PackageChange, ...]
    removed: tuple[PackageChange, ...]
    changed: tuple[PackageChange, ...]
    run: tuple[FieldChange, ...]
    new_bytes: int | None


class Successor(Part):
    """What to use in the place of an archived environment."""

    slug: str
    name: str


class Uses(Part):
    """In how many projects an environment has sessions: that you see, and that you do not (`others`)."""

    projects: int = 0
    others: int = 0


class Environment(Answer):
    """An environment.

    Attributes:
        default: whether it is offered first.
        visibility: who sees it: `private` (who made it), `projects` (members of its projects) or `everyone`.
        favourite: whether it is one of yours.
        editable: whether you may change it.
        archived_at: since when it gets no new sessions; None: it does.
        successor: what to use in the place of an archived one; None where you see none.
        projects: slugs of the projects that it is for, of those that you see; empty for the items of a list.
        other_projects: how many more.
        versions: all of them, newest first; empty for the items of a list.
    """

    id: str
    slug: str
    name: str
    description: str
    keywords: tuple[str, ...]
    default: bool
    visibility: str = "everyone"
    favourite: bool = False
    editable: bool = False
    archived_at: datetime | None = None
    successor: Successor | None = None
    used: Uses = Uses()
    created_by: str
    created_at: datetime
    updated_at: datetime
    latest: Version
    projects: tuple[str, ...] = ()
    other_projects: int = 0
    versions: tuple[Version, ...] = ()
