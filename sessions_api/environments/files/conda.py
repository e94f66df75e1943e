"""`environment.yml`: what conda's files list, as far as it comes from the index of Python packages."""

from __future__ import annotations

import re
from collections.abc import Iterator

import yaml
from packaging.specifiers import InvalidSpecifier, SpecifierSet

from sessions_api.environments.files import lines
from sessions_api.environments.files.model import PACKAGES, Listed, Place, counted, quoted, require_python

_DEPTH = 6
"""Such a file has lists in a table in a list in a table; what goes deeper is none."""
_NAMED = 10
"""Packages that a refusal names; more are counted."""
_MATCH = re.compile(r"(?:[^\s:]+::)?([A-Za-z0-9._-]+?)\s*((?:[=<>!~ \t\[].*)?)$", re.DOTALL)
_READ = frozenset({"dependencies"})
_LEFT = {
    "name": "The name in the file was left out: an environment has its own.",
    "channels": "The channels were left out: nothing is installed from them.",
    "prefix": "The prefix was left out: Sojourn decides where environments are.",
    "variables": "The variables were left out: sessions have theirs in their configuration.",
}


def listed(text: str, place: Place) -> Listed:
    """What the file lists.

    Raises:
        Invalid: it is no such file, has packages of conda, or wants another Python.
    """
    root = _node(text, place)
    if not isinstance(root, yaml.MappingNode):
        raise place.refusal("it has no fields; write it like dependencies: [{pip: [numpy]}].")
    fields: dict[str, yaml.Node] = {}
    for key, value in root.value:
        name = str(key.value)
        if name in fields:
            raise place.at(_line(key)).refusal(f"it says {quoted(name)} twice; leave one out.")
        fields[name] = value
    notes = tuple(_LEFT.get(name, f"{quoted(name)} was left out.") for name in fields if name not in _READ)
    pip = _pip(list(_items(fields.get("dependencies"), place.at(0, "dependencies"))), place)
    found = lines.read(pip, place.at(0, "pip"))
    return Listed(counted(found.requirements, place), (*notes, *found.notes))


def _node(text: str, place: Place) -> yaml.Node | None:
    """The document, in which nothing refers to anything else: aliases let a few lines become millions."""
    depth = 0
    try:
        for event in yaml.parse(text, Loader=yaml.CSafeLoader):
            line = _line(event)
            if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
                raise place.at(line).refusal(
                    "it has an anchor or alias (& or *), which are not read; write out what it stands for."
                )
            if isinstance(event, yaml.CollectionStartEvent):
                depth += 1
            elif isinstance(event, yaml.CollectionEndEvent):
                depth -= 1
            if depth > _DEPTH:
                raise place.at(line).refusal(
                    "it is nested deeper than such files are; write its dependencies as a list."
                )
        return yaml.compose(text, Loader=yaml.CSafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        said = getattr(error, "problem", None) or "it cannot be read"
        raise place.at(mark.line + 1 if mark is not None else 0).refusal(
            f"this is no YAML: {quoted(str(said))}."
        ) from None


def _line(there: yaml.Node | yaml.Event) -> int:
    return there.start_mark.line + 1 if there.start_mark is not None else 0


def _items(node: yaml.Node | None, place: Place) -> Iterator[yaml.Node]:
    if node is None:
        raise place.refusal("there are none; list what is to be installed.")
    if not isinstance(node, yaml.SequenceNode):
        raise place.at(_line(node)).refusal("this is no list; begin each entry with a dash.")
    if len(node.value) > PACKAGES:
        raise place.at(_line(node)).refusal(f"it lists more than {PACKAGES} packages; leave some out.")
    yield from node.value


def _pip(items: list[yaml.Node], place: Place) -> list[tuple[int, str]]:
    """The lines below `pip:`.

    Raises:
        Invalid: there are packages of conda, which are all named, or Python is to be another one.
    """
    found: list[tuple[int, str]] = []
    others: list[str] = []
    for item in items:
        here = place.at(_line(item), "dependencies")
        if isinstance(item, yaml.ScalarNode):
            name, versions = _match(item, here)
            if name == "python":
                _require_python(versions, here)
            elif name not in {"pip", "setuptools", "wheel"}:
                others.append(f"{quoted(name)} (line {here.line})")
        else:
            found += _below_pip(item, here)
    if others:
        are = "is a package" if len(others) == 1 else "are packages"
        raise place.at(0, "dependencies").refusal(
            f"{_together(others)} {are} of conda, which is not used here; put what the index of "
            "Python packages has below pip:, or use an image that has them."
        )
    return found


def _match(item: yaml.ScalarNode, here: Place) -> tuple[str, str]:
    matched = _MATCH.match(str(item.value).strip())
    if matched is None:
        raise here.refusal(f"{quoted(str(item.value))} is no package; write it like python=3.11.")
    return matched[1].lower(), matched[2].strip()


def _together(names: list[str]) -> str:
    if len(names) > _NAMED:
        names = [*names[:_NAMED], f"{len(names) - _NAMED} more"]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _below_pip(item: yaml.Node, here: Place) -> list[tuple[int, str]]:
    pairs = item.value if isinstance(item, yaml.MappingNode) else []
    if len(pairs) != 1 or pairs[0][0].value != "pip":
        raise here.refusal("only pip: may have a list of its own; write each other entry as a line.")
    found = []
    for line in _items(pairs[0][1], here.at(here.line, "pip")):
        if not isinstance(line, yaml.ScalarNode):
            raise here.at(_line(line), "pip").refusal("this is no package; write it like numpy==2.3.5.")
        found.append((_line(line), str(line.value).replace("\n", " ")))
    return found


def _require_python(versions: str, here: Place) -> None:
    """A version as conda has it: `=3.11` and a bare `3.11` are 3.11 whatever follows; a build may come after.

    https://docs.conda.io/projects/conda/en/stable/user-guide/concepts/pkg-specs.html
    """
    if not versions:
        return
    wanted = versions
    if bare := re.fullmatch(r"=?\s*([0-9][0-9.]*?)(\.?\*)?([= ].*)?", versions):
        wanted = f"=={bare[1]}.*"
    elif exact := re.fullmatch(r"==\s*([0-9][0-9.]*)([= ].*)?", versions):
        wanted = f"=={exact[1]}"
    try:
        specifiers = SpecifierSet(wanted)
    except InvalidSpecifier:
        raise here.refusal(
            f"python{quoted(versions)} names no versions; write it like python>=3.11."
        ) from None
    require_python(specifiers, here, versions)
