"""The programs that a session of a version can run: the version's own, and others in its place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sessions_api.environments.tables import EnvironmentVersion
from spawner import computer_programs


@dataclass(frozen=True, slots=True)
class FrontEnd:
    """A program that people can land in, and how it is run.

    Attributes:
        name: what people call it.
        command, arguments, default_url, port, gate: as of `tables.EnvironmentVersion`.
    """

    name: str
    command: Sequence[str]
    arguments: Sequence[str]
    default_url: str
    port: int
    gate: Mapping[str, Any] | None


def of_computer(programs: str) -> tuple[FrontEnd, ...]:
    """What people can land in by programs of the computer, whose names commas separate."""
    found = computer_programs.front_ends(name.strip() for name in programs.split(","))
    return tuple(
        FrontEnd(each.name, each.command, each.arguments, each.default_url, each.port, each.gate.model_dump())
        for each in found
        if each.gate is not None
    )


def all_of(version: EnvironmentVersion, computer: Sequence[FrontEnd]) -> tuple[FrontEnd, ...]:
    """The front ends of a version, its own first; `computer`: what sessions of packages can run as well."""
    own = FrontEnd(
        version.front_end,
        version.command,
        version.arguments,
        version.default_url,
        version.port,
        version.gate,
    )
    declared = (own, *(FrontEnd(**each) for each in version.front_ends))
    if version.image is not None:
        return declared
    names = {each.name.casefold() for each in declared}
    return (*declared, *(each for each in computer if each.name.casefold() not in names))


def named(version: EnvironmentVersion, name: str, computer: Sequence[FrontEnd]) -> FrontEnd | None:
    """The front end of that name, in whatever letter case; None: the version has none."""
    wanted = name.casefold()
    return next((each for each in all_of(version, computer) if each.name.casefold() == wanted), None)


def chosen(version: EnvironmentVersion, name: str | None, computer: Sequence[FrontEnd]) -> FrontEnd:
    """What a session runs that is to run `name`; None, and what the version does not have, is its own."""
    own = all_of(version, computer)[0]
    return own if name is None else named(version, name, computer) or own
