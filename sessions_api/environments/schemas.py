"""Environments and their versions as JSON."""

from datetime import datetime
from typing import Any, Self

from pydantic import Field

from sessions_api.environments.packages import Package
from sessions_api.environments.tables import Environment, EnvironmentVersion
from sessions_api.kit.schemas import Description, Name, Schema


class VersionRead(Schema):
    """One immutable version of an environment.

    Attributes:
        digest: `sha256:…` of what it is made of; equal digests are equal environments.
        front_end: the program people land in.
        default_url: path below a session's URL that opens first.
    """

    number: int
    digest: str
    front_end: str
    default_url: str
    created_by: str
    created_at: datetime


class PackageRead(Schema):
    """An installed package."""

    name: str
    version: str


class VersionDetail(VersionRead):
    """A version with how it is started and what is installed in it."""

    command: list[str]
    packages: list[PackageRead]

    @classmethod
    def made(cls, version: EnvironmentVersion, packages: tuple[Package, ...]) -> Self:
        """The version with the packages that its requirements pin."""
        read = VersionRead.model_validate(version)
        return cls(
            **read.model_dump(),
            command=version.command,
            packages=[PackageRead(name=package.name, version=package.version) for package in packages],
        )


class EnvironmentRead(Schema):
    """An environment with its newest version.

    Attributes:
        default: whether it is offered first when a session is added.
    """

    id: str
    slug: str
    name: Name
    description: Description
    keywords: list[str]
    default: bool
    created_by: str
    created_at: datetime
    updated_at: datetime
    latest: VersionRead

    @classmethod
    def made(cls, environment: Environment, latest: EnvironmentVersion) -> Self:
        """The environment with its newest version."""
        return cls(**_fields(environment), latest=VersionRead.model_validate(latest))


class EnvironmentDetail(EnvironmentRead):
    """An environment with all its versions, newest first."""

    versions: list[VersionRead] = Field(min_length=1)

    @classmethod
    def with_versions(cls, environment: Environment, versions: list[EnvironmentVersion]) -> Self:
        """The environment with its versions, of which the first is the newest."""
        read = [VersionRead.model_validate(version) for version in versions]
        return cls(**_fields(environment), latest=read[0], versions=read)


def _fields(environment: Environment) -> dict[str, Any]:
    names = EnvironmentRead.model_fields.keys() - {"latest"}
    return {name: getattr(environment, name) for name in names}
