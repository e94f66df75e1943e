"""`pyproject.toml`: the dependencies of a project, with the extras and groups that were asked for.

The fields are those of the packaging specifications (pyproject-toml, dependency-groups).
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import canonicalize_name

from sessions_api.environments.files import lines
from sessions_api.environments.files.model import PACKAGES, Listed, Place, counted, quoted, require_python
from sessions_api.kit.errors import Invalid

_DOTS = 250
"""In a line: keys within keys take Python's reader a time that grows by the square of how many there are."""


@dataclass(frozen=True)
class Project:
    """A `pyproject.toml` that can be read, and what of it is wanted."""

    text: str
    place: Place
    project: Mapping[str, Any]
    groups: Mapping[str, Any]
    sources: Mapping[str, Any]
    extras: Sequence[str]
    wanted_groups: Sequence[str]

    @property
    def name(self) -> str:
        """What it is called."""
        return str(self.project.get("name") or "")


def load(text: str, place: Place, *, extras: Sequence[str], groups: Sequence[str]) -> Project:
    """Reads the file.

    Raises:
        Invalid: it is no TOML, describes no project, wants another Python, or has not an extra or group
            that is wanted.
    """
    content = _toml(text, place)
    project = content.get("project")
    if not isinstance(project, dict):
        if isinstance(content.get("tool"), dict) and "poetry" in content["tool"]:
            raise place.refusal(
                "it says what it depends on for Poetry only; export it with "
                "`poetry export --without-hashes`, and take that file."
            )
        raise place.refusal("it has no [project]; that is where its dependencies stand.")
    dynamic = project.get("dynamic")
    if isinstance(dynamic, list) and "dependencies" in dynamic:
        raise place.at(_line(text, "dynamic"), "project.dynamic").refusal(
            "its dependencies are known only once it is built, which runs its code; list them in the file."
        )
    _python(project, text, place)
    found = Project(
        text=text,
        place=place,
        project=project,
        groups=_table(content, "dependency-groups", place),
        sources=_sources(content, place),
        extras=extras,
        wanted_groups=groups,
    )
    _chosen("extras", extras, _table(project, "optional-dependencies", place))
    _chosen("groups", groups, found.groups)
    return found


def listed(found: Project) -> Listed:
    """What the project depends on.

    Raises:
        Invalid: an entry is none that is taken.
    """
    read: list[Requirement] = []
    notes: dict[str, None] = {}
    for count, (key, entry) in enumerate(_entries(found)):
        if count >= PACKAGES:
            raise found.place.refusal(f"it lists more than {PACKAGES} packages; leave some out.")
        place = found.place.at(_line(found.text, entry), key)
        one = lines.read([(place.line, entry)], place)
        for requirement in one.requirements:
            _require_no_source(requirement, found, place)
        read += one.requirements
        notes |= dict.fromkeys(one.notes)
    return Listed(counted(read, found.place), tuple(notes))


def _toml(text: str, place: Place) -> dict[str, Any]:
    for number, line in enumerate(text.split("\n"), 1):
        if line.count(".") > _DOTS:
            raise place.at(number).refusal(
                f"there are more than {_DOTS} dots in this line; write each entry on a line of its own."
            )
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise place.refusal(f"this is no TOML: {quoted(str(error))}.") from None
    except RecursionError:
        raise place.refusal("its values are nested too deep to be read; write it plainly.") from None


def _table(content: Mapping[str, Any], key: str, place: Place) -> Mapping[str, Any]:
    found = content.get(key, {})
    if not isinstance(found, dict):
        raise place.refusal(f"{key} is no table; write it like [{key}].")
    return found


def _sources(content: Mapping[str, Any], place: Place) -> Mapping[str, Any]:
    tool = _table(content, "tool", place)
    uv = _table(tool, "uv", place)
    return {canonicalize_name(name): value for name, value in _table(uv, "sources", place).items()}


def _python(project: Mapping[str, Any], text: str, place: Place) -> None:
    if (wanted := project.get("requires-python")) is None:
        return
    here = place.at(_line(text, "requires-python"), "project.requires-python")
    try:
        specifiers = SpecifierSet(wanted)
    except (InvalidSpecifier, TypeError, AttributeError):
        raise here.refusal(f"{quoted(str(wanted))} names no versions; write it like >=3.11.") from None
    require_python(specifiers, here, str(wanted))


def _chosen(field: str, names: Sequence[str], there: Mapping[str, Any]) -> None:
    known = {canonicalize_name(name): name for name in there}
    for name in names:
        if canonicalize_name(name) not in known:
            has = f"it has {quoted(', '.join(sorted(known.values())))}" if known else "it has none"
            raise Invalid.field(field, f"The file has no {field.removesuffix('s')} {quoted(name)}; {has}.")


def _entries(found: Project) -> Iterator[tuple[str, str]]:
    """Each entry with its key. Extras and groups that lead to one another count once each."""
    base = found.project.get("dependencies", [])
    extras = _named(found.project.get("optional-dependencies", {}))
    waiting = [("project.dependencies", base)]
    waiting += [_extra(extras, name) for name in found.extras]
    groups = _named(found.groups)
    waiting += [_group(groups, name) for name in found.wanted_groups]
    seen: set[str] = set()
    while waiting:
        key, entries = waiting.pop(0)
        if key in seen:
            continue
        seen.add(key)
        if not isinstance(entries, list):
            raise found.place.at(0, key).refusal('this is no list; write it like ["numpy>=2"].')
        for entry in entries:
            if isinstance(entry, dict) and list(entry) == ["include-group"] and key.startswith("dependency"):
                included = canonicalize_name(str(entry["include-group"]))
                if included not in groups:
                    raise found.place.at(0, key).refusal(
                        f"there is no group {quoted(included)} to include; leave it out."
                    )
                waiting.append(_group(groups, included))
            elif not isinstance(entry, str):
                raise found.place.at(0, key).refusal(
                    f'{quoted(str(entry)[:200])} is no dependency; write it like "numpy>=2".'
                )
            elif (own := _own_extras(entry, found.name)) is not None:
                waiting += [_extra(extras, name) for name in own if canonicalize_name(name) in extras]
            else:
                yield key, entry


def _named(table: Mapping[str, Any]) -> dict[str, Any]:
    return {canonicalize_name(name): entries for name, entries in table.items()}


def _extra(extras: Mapping[str, Any], name: str) -> tuple[str, Any]:
    return f"project.optional-dependencies.{canonicalize_name(name)}", extras[canonicalize_name(name)]


def _group(groups: Mapping[str, Any], name: str) -> tuple[str, Any]:
    return f"dependency-groups.{canonicalize_name(name)}", groups[canonicalize_name(name)]


def _own_extras(entry: str, name: str) -> list[str] | None:
    """The extras of the project itself that an entry stands for; None: it is another package."""
    if not canonicalize_name(entry).startswith(canonicalize_name(name)):
        return None
    try:
        requirement = Requirement(entry)
    except (InvalidRequirement, RecursionError):
        return None
    same = canonicalize_name(requirement.name) == canonicalize_name(name)
    return sorted(requirement.extras) if same else None


def _require_no_source(requirement: Requirement, found: Project, place: Place) -> None:
    """A package that comes from elsewhere may be another one under the same name at the index."""
    if canonicalize_name(requirement.name) in found.sources:
        raise place.refusal(
            f"{requirement.name} comes from elsewhere by [tool.uv.sources], and packages are taken by their "
            "names only; leave it out here, and clone it in the project."
        )


def _line(text: str, entry: str) -> int:
    """The first line that has an entry, which TOML's reader does not tell; 0: none, it has escapes."""
    found = text.find(entry)
    return 0 if found < 0 else text.count("\n", 0, found) + 1
