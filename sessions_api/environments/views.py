"""What pages show of environments."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Offer:
    """An environment that can be added to a project or looked at.

    Attributes:
        usual: `usually 6 s`, from earlier starts; empty without any.
        default: whether it is one of the default environments.
    """

    slug: str
    name: str
    description: str
    front_end: str
    version: int
    digest: str
    keywords: tuple[str, ...] = ()
    usual: str = ""
    default: bool = True


@dataclass(frozen=True, slots=True)
class Package:
    """One pinned requirement; `before` is its version in the version before, `same` or empty."""

    name: str
    version: str
    before: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """A package that differs from the version before; empty where it is not there."""

    name: str
    before: str
    after: str
    major: bool = False


@dataclass(frozen=True, slots=True)
class VersionRow:
    """One version in the list of versions."""

    number: int
    digest: str
    when: str
    who: str
    newest: bool
    summary: str
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Use:
    """A session that the viewer can see and that uses the environment."""

    session: str
    href: str
    project: str
    version: int


@dataclass(frozen=True, slots=True)
class EnvironmentPage:
    """The page of an environment.

    Attributes:
        facts: name and value of what is known about it.
        packages: those that match `query`.
        total: how many there are without a query.
    """

    slug: str
    name: str
    description: str
    keywords: tuple[str, ...]
    default: bool
    version: int
    digest: str
    front_end: str
    command: str
    default_url: str
    made: str
    query: str
    packages: tuple[Package, ...]
    total: int
    versions: tuple[VersionRow, ...]
    uses: tuple[Use, ...]
    facts: tuple[tuple[str, str], ...]
