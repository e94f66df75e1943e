"""`sojourn environment`: versions, what is in them, what differs, and sessions that move between them."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sojourn.cli import environments, output, running, sessions
from sojourn.cli.command import command
from sojourn.cli.environments import VERSIONS
from sojourn.cli.invocation import Invocation
from sojourn.cli.names import EnvironmentName
from sojourn.cli.words import gate, short, size

if TYPE_CHECKING:
    from sojourn.client.environment_models import Difference, FieldChange, Package, PackageChange

group = environments.group


class Ecosystem(StrEnum):
    """Where packages come from."""

    PYTHON = "python"
    CONDA = "conda"
    R = "r"
    DEBIAN = "debian"
    APK = "apk"


_PACKAGES: output.Columns[Package] = {
    "Package": lambda package: package.name,
    "Version": lambda package: package.version,
    "Ecosystem": lambda package: package.ecosystem,
}
_PACKAGE_CHANGES: output.Columns[PackageChange] = {
    "Package": lambda change: change.name,
    "Ecosystem": lambda change: change.ecosystem,
    "Before": lambda change: change.before or "not there",
    "After": lambda change: change.after or "not there",
}
_FIELD_CHANGES: output.Columns[FieldChange] = {
    "Field": lambda change: change.field.replace("_", " "),
    "Before": lambda change: _value(change.before),
    "After": lambda change: _value(change.after),
}

VersionOption = Annotated[
    int | None,
    typer.Option("--version", min=1, metavar="NUMBER", help="Which version.", show_default="the newest"),
]


@command(group, "versions")
def versions(invocation: Invocation, environment: EnvironmentName) -> None:
    """List the versions of an environment, newest first."""
    none = f"{environment} has no versions."
    invocation.listing(invocation.client.environments.versions(environment), VERSIONS, none=none)


@command(group, "diff")
def diff(
    invocation: Invocation,
    environment: EnvironmentName,
    before: Annotated[
        int, typer.Argument(metavar="BEFORE", min=1, help="Number of a version.", show_default=False)
    ],
    after: Annotated[
        int | None,
        typer.Argument(metavar="AFTER", min=1, help="Number of another.", show_default="the newest"),
    ] = None,
) -> None:
    """Show what differs between two versions: packages, how it runs, image and size."""
    other = after or _newest(invocation, environment)
    found = invocation.client.environments.compare(environment, before, other)
    if not invocation.for_people:
        output.write(found.body, invocation.output)
        return
    facts = [(name, told) for name, told in _facts(found) if told]
    if facts:
        output.details(facts)
    changes = sorted((*found.added, *found.removed, *found.changed), key=lambda change: change.name)
    if changes:
        output.table(changes, _PACKAGE_CHANGES, title="Packages")
    if found.run:
        output.table(found.run, _FIELD_CHANGES, title="How it runs")
    if not (facts or changes or found.run):
        output.say(f"Nothing differs between versions {before} and {other} of {environment}.")


def _newest(invocation: Invocation, environment: str) -> int:
    return invocation.client.environments.get(environment).latest.number


def _facts(found: Difference) -> Iterable[tuple[str, str]]:
    old, new = found.before, found.after
    yield "Image", _change(old.reference or old.image, new.reference or new.image)
    yield "Digest", _change(short(old.digest), short(new.digest))
    yield "Size", _change(*(each.size and size(each.size) for each in (old, new)))
    if found.new_bytes is not None:
        yield "Download", f"{size(found.new_bytes)} for who has version {old.number}"


def _change(before: object, after: object) -> str:
    return "" if before == after else f"{before or 'not known'} → {after or 'not known'}"


def _value(value: Any) -> str:
    """A field of how a version is run, as people read it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list) and any(isinstance(each, dict) for each in value):
        return "; ".join(map(_front_end, value))
    if isinstance(value, list):
        return shlex.join(value) or "none"
    if isinstance(value, dict):
        return gate(value["prefix"], value["ready_path"])
    return "none" if value is None else str(value)


def _front_end(one: Mapping[str, Any]) -> str:
    program = shlex.join([*one["command"], *one["arguments"]]) or "the image's own program"
    gate_ = f", {_value(one['gate'])}" if one["gate"] else ""
    return f"{one['name']}: {program}, opens {one['default_url']} on port {one['port']}{gate_}"


@command(group, "packages")
def packages(
    invocation: Invocation,
    environment: EnvironmentName,
    *,
    version: VersionOption = None,
    search: Annotated[str, typer.Option(help="A part of the name.")] = "",
    ecosystem: Annotated[
        Ecosystem | None, typer.Option(help="Only packages of this kind.", show_default=False)
    ] = None,
) -> None:
    """List what is known to be installed in a version of an environment."""
    number = version or _newest(invocation, environment)
    found = invocation.client.environments.packages(environment, number, search=search, ecosystem=ecosystem)
    none = (
        f"Version {number} of {environment} has no such package."
        if search or ecosystem
        else f"What is installed in version {number} of {environment} is not known."
    )
    invocation.listing(found, _PACKAGES, none=none)


@command(group, "try")
def try_(
    invocation: Invocation,
    environment: EnvironmentName,
    *,
    version: VersionOption = None,
    wait: Annotated[
        bool, typer.Option("--wait/--no-wait", help="Show the launch, and return when it is over.")
    ] = True,
) -> None:
    """Start a version for real, in your project Trials, and keep with it what that shows."""
    number = version or _newest(invocation, environment)
    running.launched(invocation, invocation.client.environments.try_version(environment, number), wait=wait)


# It is done to a session and is about its environment; people look for it at either.
command(group, "update")(sessions.update)
