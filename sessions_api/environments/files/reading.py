"""A file that lists packages, from its text to pinned requirements of an environment."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass

from sessions_api.environments.files import conda, lines, pinning, pyproject
from sessions_api.environments.files.model import BYTES, Kind, Listed, Place, counted
from sessions_api.environments.kinds import Kinds
from sessions_api.kit.errors import Conflict, Invalid

FRONT_END = {"jupyterhub": "jupyterhub>=6.1.1,<7", "jupyterlab": "jupyterlab>=4.4,<5"}
"""What `jupyterhub-singleuser` needs, in the ranges of the default environments."""

_TOML = re.compile(r"^\s*\[\[?[A-Za-z][\w.\"-]*\]\]?\s*(#.*)?$", re.MULTILINE)
_YAML = re.compile(r"^(dependencies|channels|name|prefix)\s*:", re.MULTILINE)
_SOURCE = 190
"""Of a source, as much as a version keeps."""
_NAME = 60
"""Of a file's name, as much as people are shown."""


@dataclass(frozen=True)
class Given:
    """A file, and what of it is wanted.

    Attributes:
        name: its name; may be empty.
        lock: the text of the `uv.lock` beside a `pyproject.toml`.
        kind: None: it is recognised by its name, else by what stands in it.
        extras, groups: of a `pyproject.toml`, beside its dependencies.
        front_end: whether JupyterLab is added where the file does not bring it.
    """

    text: str
    name: str = ""
    lock: str | None = None
    kind: Kind | None = None
    extras: Sequence[str] = ()
    groups: Sequence[str] = ()
    front_end: bool = True


@dataclass(frozen=True)
class Read:
    """What a file comes to.

    Attributes:
        source: the file and what of it was taken, for people.
        requirements: lines, each pinned to one version.
        added: packages that sessions need and the file does not bring.
        notes: sentences on what was left out and added.
    """

    kind: Kind
    source: str
    requirements: str
    added: tuple[str, ...]
    notes: tuple[str, ...]


def require_packages_run(*, kinds: Kinds) -> None:
    """Lets those through whose sessions run from packages: choosing versions is work that others need not do.

    Raises:
        Conflict: sessions run from images.
    """
    if not kinds.packages:
        raise Conflict(
            "Sessions here are pods, which run images and not packages.",
            code="environment_unsupported",
            hint="Make an environment of an image that was built with this file.",
        )


async def read(given: Given) -> Read:
    """Reads a file, and pins what it does not pin.

    Raises:
        Invalid: the file cannot be made an environment of; field, line and remedy are named.
        Unavailable: versions have to be chosen, and the package index does not answer.
    """
    given = _tidied(given)
    kind = given.kind or recognised(given.name, given.text)
    place = Place(_shown(given.name) or kind.value)
    listed, project = await asyncio.to_thread(_listed, given, kind, place)
    if project is not None and given.lock is not None:
        listed = await pinning.locked(project, listed, given.lock)
    added = tuple(name for name in FRONT_END if given.front_end and not listed.brings(name))
    if added or not all(map(pinning.is_pinned, listed.requirements)):
        more = [FRONT_END[name] for name in added]
        requirements = await pinning.resolved(listed, more=more, kind=kind)
    else:
        requirements = pinning.written(listed.requirements)
    return Read(kind, _source(given, place), requirements, added, (*listed.notes, *_on_added(added)))


def recognised(name: str, text: str) -> Kind:
    """What a file is, by its name or else by what stands in it."""
    ending = name.lower().rpartition(".")[2]
    if ending in {"toml", "yml", "yaml"}:
        return Kind.PYPROJECT if ending == "toml" else Kind.CONDA
    if ending in {"txt", "in"}:
        return Kind.REQUIREMENTS
    if _TOML.search(text):
        return Kind.PYPROJECT
    return Kind.CONDA if _YAML.search(text) else Kind.REQUIREMENTS


def _tidied(given: Given) -> Given:
    """With the line ends that the readers know.

    Raises:
        Invalid: a file is too large, or no text.
    """
    texts = {"text": given.text, "lock": given.lock}
    for field, text in texts.items():
        if text is None:
            continue
        try:
            size = len(text.encode())
        except UnicodeEncodeError:
            raise Invalid.field(field, "This is no text in UTF-8.") from None
        if size > BYTES:
            raise Invalid.field(field, f"The file has {size} bytes; {BYTES} is the most.")
        texts[field] = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    return Given(**{**vars(given), **texts})


def _listed(given: Given, kind: Kind, place: Place) -> tuple[Listed, pyproject.Project | None]:
    if place.file == "uv.lock":
        raise Invalid.field("text", "uv.lock belongs to a pyproject.toml; take that, with uv.lock beside it.")
    if kind is Kind.PYPROJECT:
        project = pyproject.load(given.text, place, extras=given.extras, groups=given.groups)
        return pyproject.listed(project), project
    for field in ("extras", "groups"):
        if getattr(given, field):
            raise Invalid.field(field, f"Only a pyproject.toml has {field}; leave them out.")
    if given.lock is not None:
        raise Invalid.field("lock", "Only a pyproject.toml has a uv.lock beside it; leave it out.")
    if kind is Kind.CONDA:
        return conda.listed(given.text, place), None
    found = lines.read(lines.text_lines(given.text), place)
    return Listed(counted(found.requirements, place), found.notes), None


def _shown(name: str) -> str:
    """The name of a file without its folder."""
    last = re.split(r"[/\\]", name)[-1]
    return "".join(sign for sign in last if sign.isprintable())[:_NAME].strip()


def _source(given: Given, place: Place) -> str:
    parts = [place.file if given.lock is None else f"{place.file} and uv.lock"]
    for noun, names in (("extra", given.extras), ("group", given.groups)):
        if names:
            parts.append(f"{noun}{'' if len(names) == 1 else 's'} {', '.join(names)}")
    whole = "; ".join(parts)
    return whole if len(whole) <= _SOURCE else f"{whole[: _SOURCE - 1]}…"


def _on_added(added: tuple[str, ...]) -> tuple[str, ...]:
    if not added:
        return ()
    return (f"Added {' and '.join(added)}, which JupyterLab sessions need and the file does not bring.",)
