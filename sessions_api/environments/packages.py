"""What is installed in a version of an environment, read from its pinned requirements."""

from dataclasses import dataclass
from functools import lru_cache

from packaging.requirements import Requirement


@dataclass(frozen=True, slots=True)
class Package:
    """One installed package at its version."""

    name: str
    version: str


@lru_cache(maxsize=64)
def installed(requirements: str) -> tuple[Package, ...]:
    """The packages that pinned `requirements` install on this kind of computer, by name.

    Lines are requirements (PEP 508) pinned by `==`, or options (`--only-binary :all:`) that install nothing.
    """
    lines = (line for line in requirements.splitlines() if line and not line.startswith("-"))
    wanted = (Requirement(line) for line in lines)
    packages = (
        Package(requirement.name, next(iter(requirement.specifier)).version)
        for requirement in wanted
        if requirement.marker is None or requirement.marker.evaluate()
    )
    return tuple(sorted(packages, key=lambda package: package.name.lower()))
