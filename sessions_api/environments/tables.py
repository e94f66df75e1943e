"""Environments, their versions, what is installed in these, and the words that find them."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from sessions_api.kit.db import Base
from sessions_api.people.tables import PERSON
from sessions_api.projects.tables import ID

TERM_LENGTH = 100
TERM = String(TERM_LENGTH).with_variant(String(TERM_LENGTH, collation="C"), "postgresql")
"""Sorted by bytes in both databases: then the words that begin alike are one stretch of an index."""
PLACE = String(81).with_variant(String(81, collation="C"), "postgresql")


class Environment(Base):
    """What people choose: a name for a line of versions. It belongs to no project.

    Attributes:
        recipe: the slug of the recipe that it is made from, whose words are its own; None: people made it.
        default: whether it is offered first when a session is added; then everyone sees it.
        visibility: `private` (its creator and platform admins see it), `projects` (the members of some
            projects too) or `everyone`.
        archived_at: since when no session can be added from it; those that are there go on.
        successor_id: what to use in the place of an archived one.
    """

    __tablename__ = "environments"
    __table_args__ = (Index(None, "default", "slug"),)

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    name: Mapped[str] = mapped_column(String(100))
    description: Mapped[str] = mapped_column(String(2000))
    keywords: Mapped[list[Any]]
    recipe: Mapped[str | None] = mapped_column(String(80), unique=True)
    default: Mapped[bool]
    visibility: Mapped[str] = mapped_column(String(10))
    archived_at: Mapped[datetime | None]
    successor_id: Mapped[str | None] = mapped_column(
        ForeignKey("environments.id", ondelete="SET NULL"), index=True
    )
    created_by: Mapped[str] = mapped_column(PERSON, index=True)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    revision: Mapped[int] = mapped_column(default=1)


class EnvironmentProject(Base):
    """A project whose members see an environment of visibility `projects`."""

    __tablename__ = "environment_projects"

    environment_id: Mapped[str] = mapped_column(
        ForeignKey("environments.id", ondelete="CASCADE"), primary_key=True
    )
    project_id: Mapped[str] = mapped_column(
        ForeignKey("projects.id", ondelete="CASCADE"), primary_key=True, index=True
    )


class EnvironmentFavourite(Base):
    """An environment that a person wants to find first."""

    __tablename__ = "environment_favourites"

    person: Mapped[str] = mapped_column(PERSON, primary_key=True)
    environment_id: Mapped[str] = mapped_column(
        ForeignKey("environments.id", ondelete="CASCADE"), primary_key=True, index=True
    )


class EnvironmentTerm(Base):
    """A word that finds an environment; derived from the other tables (`search.terms`).

    Attributes:
        kind: a `search.terms.Kind`: where the word stands.
        place: sorts what one word finds: `0` for a default environment, else `1`; of a keyword with the slug,
            as lists by keyword are sorted.
    """

    __tablename__ = "environment_terms"
    __table_args__ = (Index(None, "kind", "term", "place", "environment_id"),)

    environment_id: Mapped[str] = mapped_column(
        ForeignKey("environments.id", ondelete="CASCADE"), primary_key=True
    )
    term: Mapped[str] = mapped_column(TERM, primary_key=True)
    kind: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    place: Mapped[str] = mapped_column(PLACE)


class EnvironmentVersion(Base):
    """One immutable version: what it is made of and how to run it.

    Attributes:
        digest: `sha256:…` of what it is made of; of an image, the image's own.
        image: `REPOSITORY@sha256:…`; None: a virtual environment from `requirements`.
        requirements: pinned requirements, as in a requirements file; of an image, what is known of them.
        front_end: the program people land in.
        front_ends: what a session can run in its place: a `spawner.recipes.FrontEndPart` each, as JSON.
        command, arguments, port, uid, gid, working_folder, read_only_root: as in
            `spawner.spec.EnvironmentSpec`.
        gate: a `spawner.spec.GateSpec` as JSON; None: the program is a single-user server of JupyterHub's.
        default_url: path below a session's URL that opens first.
        reference: the image as somebody typed it (`ghcr.io/a/b:1`); None: nobody did.
        platforms: of the image, `os/arch` or `os/arch/variant`; empty where that is not known.
        size: of the image, compressed, in bytes; None where that is not known.
        layers: of the image, from the lowest: `{"digest": …, "size": bytes}`.
        labels: of the image, by name.
        made_from: what it came from, for people: `recipe`, `image`, `requirements`,
            `from pyproject.toml`, `duplicate of python version 3`.
    """

    __tablename__ = "environment_versions"
    __table_args__ = (UniqueConstraint("environment_id", "number"),)

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    environment_id: Mapped[str] = mapped_column(ForeignKey("environments.id", ondelete="CASCADE"), index=True)
    number: Mapped[int]
    digest: Mapped[str] = mapped_column(String(80))
    image: Mapped[str | None] = mapped_column(String(1000))
    requirements: Mapped[str] = mapped_column(Text)
    front_end: Mapped[str] = mapped_column(String(100))
    front_ends: Mapped[list[Any]]
    command: Mapped[list[Any]]
    arguments: Mapped[list[Any]]
    port: Mapped[int]
    gate: Mapped[dict[str, Any] | None]
    uid: Mapped[int]
    gid: Mapped[int]
    working_folder: Mapped[str] = mapped_column(String(500))
    read_only_root: Mapped[bool]
    default_url: Mapped[str] = mapped_column(String(500))
    reference: Mapped[str | None] = mapped_column(String(1000))
    platforms: Mapped[list[Any]]
    size: Mapped[int | None] = mapped_column(BigInteger)
    layers: Mapped[list[Any]]
    labels: Mapped[dict[str, Any]]
    made_from: Mapped[str] = mapped_column(String(200))
    created_by: Mapped[str] = mapped_column(String(255))
    created_at: Mapped[datetime]


class EnvironmentPackage(Base):
    """A package that is installed in a version.

    Attributes:
        ecosystem: `python`, `conda`, `r`, `debian` or `apk`.
    """

    __tablename__ = "environment_packages"

    version_id: Mapped[str] = mapped_column(
        ForeignKey("environment_versions.id", ondelete="CASCADE"), primary_key=True
    )
    ecosystem: Mapped[str] = mapped_column(String(10), primary_key=True)
    name: Mapped[str] = mapped_column(String(200), primary_key=True)
    version: Mapped[str] = mapped_column(String(200), primary_key=True)


class LaunchProof(Base):
    """What the last launch of a version showed of it, wherever that was.

    Attributes:
        works: whether it got ready.
        at: when that was known.
        seconds: from the start to ready; None: it did not get ready.
        reason: `{"code": …, "sentence": …}`, no more: the rest is of somebody's session; None: it got ready.
        worked, failed: how many launches did.
    """

    __tablename__ = "launch_proofs"

    version_id: Mapped[str] = mapped_column(
        ForeignKey("environment_versions.id", ondelete="CASCADE"), primary_key=True
    )
    works: Mapped[bool]
    at: Mapped[datetime]
    seconds: Mapped[float | None]
    reason: Mapped[dict[str, Any] | None]
    worked: Mapped[int]
    failed: Mapped[int]


class ImageContents(Base):
    """What a check found in an image, by the image's digest: versions that are made of it take it along.

    Attributes:
        packages: `[ecosystem, name, version]` each.
    """

    __tablename__ = "image_contents"

    digest: Mapped[str] = mapped_column(String(80), primary_key=True)
    packages: Mapped[list[Any]]
    is_complete: Mapped[bool]
    read_at: Mapped[datetime] = mapped_column(index=True)


class WatchedTag(Base):
    """What a tag meant when its registry was last asked; newest versions of environments were typed with it.

    Attributes:
        reference: `HOST/REPOSITORY:TAG`, with what people leave out.
        host: of the registry.
        digest: what it meant when the registry last said so; None: it never did.
        known_at: when that was.
        checked_at: when it was last asked; None: never yet.
        next_at: when it is asked next; while a process asks, when another one may do it instead.
        failures: how often in a row the registry did not say what it means.
        code, sentence: why it did not say so at `checked_at`; None: it did.
    """

    __tablename__ = "watched_tags"
    __table_args__ = (Index(None, "host", "next_at"),)

    reference: Mapped[str] = mapped_column(String(1100), primary_key=True)
    host: Mapped[str] = mapped_column(String(1000))
    digest: Mapped[str | None] = mapped_column(String(140))
    known_at: Mapped[datetime | None]
    checked_at: Mapped[datetime | None]
    next_at: Mapped[datetime] = mapped_column(index=True)
    failures: Mapped[int] = mapped_column(default=0)
    code: Mapped[str | None] = mapped_column(String(80))
    sentence: Mapped[str | None] = mapped_column(Text)


class WatchedRegistry(Base):
    """A registry of watched tags, and when it may be asked next, whichever process asks."""

    __tablename__ = "watched_registries"

    host: Mapped[str] = mapped_column(String(1000), primary_key=True)
    next_at: Mapped[datetime]
