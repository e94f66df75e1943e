"""Packages, and which of them pinned requirements install."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from packaging.requirements import Requirement

Ecosystem = Literal["python", "conda", "r", "debian", "apk"]


@dataclass(frozen=True, slots=True)
class Package:
    """One installed package at its version."""

    name: str
    version: str
    ecosystem: str = "python"


@lru_cache(maxsize=64)
def installed(requirements: str) -> tuple[Package, ...]:
    """The packages that pinned `requirements` install on this kind of computer, by name.

    Lines are requirements (PEP 508) pinned by `==`, or options (`--only-binary :all:`) that install nothing.

    Raises:
        InvalidRequirement: a line is no requirement.
    """
    lines = (line for line in requirements.splitlines() if line and not line.startswith("-"))
    wanted = (Requirement(line) for line in lines)
    packages = {
        Package(requirement.name, next(iter(requirement.specifier)).version)
        for requirement in wanted
        if requirement.marker is None or requirement.marker.evaluate()
    }
    return tuple(sorted(packages, key=lambda package: (package.name.lower(), package.name, package.version)))
