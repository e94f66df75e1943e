"""Arguments that are more than a word: repositories with refs, variables, limits, who sees what."""

from __future__ import annotations

import re
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, cast

import typer

if TYPE_CHECKING:
    from sojourn.client.configurations import Minimum

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^/]*")
_SCP = re.compile(r"[^/:]+:")
_NO_LIMIT = "none"


class Visibility(StrEnum):
    """Who sees an environment."""

    PRIVATE = "private"
    PROJECTS = "projects"
    EVERYONE = "everyone"


class RepositoryAt(NamedTuple):
    """A repository, and a branch, tag or commit of it; `ref` None is its default branch."""

    url: str
    ref: str | None


def repository_at(text: str) -> RepositoryAt:
    """Reads `URL[@REF]`.

    An `@` belongs to the address where addresses have one: before the host (`git@host:path`), and at the
    beginning of a path's part (`/@scope/name`). A path of this computer may be relative.

    Raises:
        typer.BadParameter: there is an `@` without a ref.
    """
    found = _SCHEME.match(text) or _SCP.match(text)
    begin = found.end() if found else 0
    at = _separator(text, begin, remote=found is not None)
    url, ref = (text, None) if at is None else (text[:at], text[at + 1 :])
    if ref == "":
        raise typer.BadParameter(f"{text} ends with @ and names no branch, tag or commit.")
    return RepositoryAt(url if found else local_path(url), ref)


def _separator(text: str, begin: int, *, remote: bool) -> int | None:
    if (dot_git := text.find(".git@", begin)) >= 0:
        return dot_git + len(".git")
    # Refs may have slashes, as may paths; folders with an @ are found on computers, not on git hosts.
    start = begin if remote else max(begin, text.rfind("/") + 1)
    for at in range(start + 1, len(text)):
        if text[at] == "@" and text[at - 1] != "/":
            return at
    return None


def folder_at(text: str) -> RepositoryAt:
    """Reads `FOLDER[@REF]`: a repository of a project.

    Raises:
        typer.BadParameter: there is an `@` without a ref.
    """
    folder, at, ref = text.partition("@")
    if at and not ref:
        raise typer.BadParameter(f"{text} ends with @ and names no branch, tag or commit.")
    return RepositoryAt(folder, ref or None)


def local_path(text: str) -> str:
    """A path of this computer, whole: `.`, `./data` and `~/data` are understood as a shell does."""
    if re.match(r"\.{1,2}(/|$)|~(/|$)", text):
        return str(Path(text).expanduser().resolve())
    return text


class StorageAt(NamedTuple):
    """A storage of a project, and whether it is wanted read-only."""

    folder: str
    read_only: bool


def storage_at(text: str) -> StorageAt:
    """Reads `FOLDER[:ro]`: a storage of a project.

    Raises:
        typer.BadParameter: something else follows the colon.
    """
    folder, colon, mode = text.partition(":")
    if colon and mode != "ro":
        raise typer.BadParameter(f"{text} ends with :{mode}; write {folder}:ro for read-only.")
    return StorageAt(folder, bool(colon))


def text_file(path: str) -> tuple[str, str]:
    """The name and the text of a file.

    Raises:
        typer.BadParameter: it cannot be read, or is no text.
    """
    found = Path(path)
    try:
        return found.name, found.read_text(encoding="utf-8")
    except OSError as error:
        raise typer.BadParameter(f"{path} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise typer.BadParameter(f"{path} is no text in UTF-8.") from None


def variable(text: str) -> tuple[str, str]:
    """Reads `NAME=VALUE`.

    Raises:
        typer.BadParameter: there is no `=`.
    """
    name, equals, value = text.partition("=")
    if not equals:
        raise typer.BadParameter(f"{text} has no =; write it as NAME=VALUE.")
    return name, value


_LEAST = {"cpus": "cpus", "memory": "memory_gib", "gpus": "gpus"}


def least(given: list[str]) -> Minimum:
    """Reads `cpus=4`, `memory=16` (GiB) and `gpus=1`.

    Raises:
        typer.BadParameter: one is something else.
    """
    found: dict[str, float] = {}
    for text in given:
        name, value = variable(text)
        if name not in _LEAST or not value.replace(".", "", 1).isdecimal():
            raise typer.BadParameter(f"{text} is no cpus=NUMBER, memory=GIB or gpus=NUMBER.")
        found[_LEAST[name]] = float(value)
    return cast("Minimum", found)


def limit(text: str) -> float | None:
    """Reads a number, or `none` for none of its own.

    Raises:
        typer.BadParameter: it is neither.
    """
    if text.lower() == _NO_LIMIT:
        return None
    try:
        return float(text)
    except ValueError:
        raise typer.BadParameter(f"{text} is no number; write one, or none.") from None


def name_or_none(text: str) -> str | None:
    """Reads a name, or `none` for none."""
    return None if text.lower() == _NO_LIMIT else text
