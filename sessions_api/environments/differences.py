"""What differs between two versions of an environment."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from packaging.utils import canonicalize_name

from sessions_api.environments.packages import Package
from sessions_api.environments.tables import EnvironmentVersion

_RUN = (
    *("front_end", "command", "arguments", "default_url", "port", "gate"),
    *("front_ends", "uid", "gid", "working_folder", "read_only_root"),
)


@dataclass(frozen=True, slots=True)
class PackageChange:
    """A package that differs; None where it is not there.

    A package that is there several times has all its versions, comma between them.
    """

    ecosystem: str
    name: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A field of how a version is run, with both values."""

    field: str
    before: Any
    after: Any


def of_packages(before: Iterable[Package], after: Iterable[Package]) -> tuple[PackageChange, ...]:
    """Packages that are added, removed or of another version, by name."""
    old, new = _versions(before), _versions(after)
    changes = (
        PackageChange(ecosystem, name, old.get((ecosystem, name)), new.get((ecosystem, name)))
        for ecosystem, name in {*old, *new}
    )
    differing = (change for change in changes if change.before != change.after)
    return tuple(sorted(differing, key=lambda change: (change.name, change.ecosystem)))


def of_runs(before: EnvironmentVersion, after: EnvironmentVersion) -> tuple[FieldChange, ...]:
    """Fields of how it is run."""
    return tuple(
        FieldChange(name, getattr(before, name), getattr(after, name))
        for name in _RUN
        if getattr(before, name) != getattr(after, name)
    )


def new_bytes(before: EnvironmentVersion, after: EnvironmentVersion) -> int | None:
    """What who has `before` downloads for `after`: the layers it does not share; None: not known."""
    if not (before.layers and after.layers):
        return None
    present = {layer["digest"] for layer in before.layers}
    new: dict[str, int] = {one["digest"]: one["size"] for one in after.layers}
    return sum(size for digest, size in new.items() if digest not in present)


def _versions(packages: Iterable[Package]) -> dict[tuple[str, str], str]:
    found: dict[tuple[str, str], list[str]] = {}
    for package in packages:
        # `Jinja2` in one image is `jinja2` in another.
        name = canonicalize_name(package.name) if package.ecosystem == "python" else package.name
        found.setdefault((package.ecosystem, name), []).append(package.version)
    return {key: ", ".join(sorted(versions)) for key, versions in found.items()}
