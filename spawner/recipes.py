"""Recipes: the folders of `environments/`, each of which says how one environment is made and run.

A folder holds `environment.yaml` (what people read, and how to run it), `requirements.in` (what people edit)
and `requirements.txt` (what is installed, every package pinned). The folder's name is the environment's slug.
"""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import Field, StringConstraints, ValidationError

from spawner.spec import Part

DESCRIPTION = "environment.yaml"
REQUIREMENTS = "requirements.txt"

_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*", re.ASCII)
_COMMENT = re.compile(r"(^|\s+)#.*$")
_PINNED = re.compile(r"[A-Za-z0-9._-]+(\[[^\]]*\])?==\S+(\s*;.*)?|--(only|no)-binary\s+\S+", re.ASCII)

Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Keyword = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9+._-]*$", max_length=40)]


class RecipeError(ValueError):
    """A recipe is not usable; the message is one sentence a person can act on, with file and field."""


class RunPart(Part):
    """How an environment is run; with the requirements it decides the digest.

    Attributes:
        front_end: what people call the program they land in.
        command: what starts it, first the program, found in the environment's own `bin`.
        default_url: path below the session's own URL that opens first.
        port: where the program listens when it has an address of its own, as on a cluster.
    """

    front_end: Line
    command: Annotated[tuple[Line, ...], Field(min_length=1, max_length=50)]
    default_url: Annotated[str, Field(pattern=r"^/[^\s?#]*$", max_length=200)]
    port: Annotated[int, Field(ge=1024, le=65535)]


class _Description(Part):
    """What `environment.yaml` says."""

    name: Annotated[Line, Field(max_length=80)]
    description: Annotated[Line, Field(max_length=500)]
    keywords: Annotated[tuple[Keyword, ...], Field(max_length=20)] = ()
    run: RunPart


class Recipe(Part):
    """One environment as its folder describes it.

    Attributes:
        requirements: the pinned lines, without comments and blank lines.
        digest: `sha256:…` of how it is run and what is installed; words for people do not change it.
    """

    slug: str
    name: str
    description: str
    keywords: tuple[str, ...]
    run: RunPart
    requirements: str
    digest: str

    @classmethod
    def load(cls, folder: Path) -> Recipe:
        """Read one folder.

        Raises:
            RecipeError: a file is missing, is not what it should be, or leaves a package unpinned.
        """
        if not _SLUG.fullmatch(folder.name):
            raise RecipeError(
                f"{folder}: the folder's name is the environment's slug; use lower-case letters, digits and "
                "single hyphens."
            )
        description = _description(folder / DESCRIPTION)
        requirements = _requirements(folder / REQUIREMENTS)
        return cls(
            slug=folder.name,
            name=description.name,
            description=description.description,
            keywords=description.keywords,
            run=description.run,
            requirements=requirements,
            digest=_digest(description.run, requirements),
        )


def load_all(folder: Path) -> tuple[Recipe, ...]:
    """Read every recipe directly below `folder`, in the order of their slugs.

    Raises:
        RecipeError: see `Recipe.load`; also when there is none.
    """
    recipes = tuple(Recipe.load(path.parent) for path in sorted(folder.glob(f"*/{DESCRIPTION}")))
    if not recipes:
        raise RecipeError(f"{folder}: no folder with {DESCRIPTION} in it.")
    return recipes


def significant_lines(requirements: str) -> str:
    """The lines of a requirements file that decide what is installed, each ended by a newline."""
    lines = (_COMMENT.sub("", line).strip() for line in requirements.splitlines())
    return "".join(f"{line}\n" for line in lines if line)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        said = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise RecipeError(f"{path}: {said}.") from error


def _description(path: Path) -> _Description:
    try:
        content = yaml.safe_load(_read(path))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" line {mark.line + 1}:" if mark is not None else ""
        raise RecipeError(f"{path}:{where} {getattr(error, 'problem', None) or 'not YAML'}.") from error
    if not isinstance(content, dict):
        raise RecipeError(f"{path}: expected fields such as `name:` and `run:`.")
    try:
        return _Description.model_validate(content)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = ".".join(str(part) for part in first["loc"])
        raise RecipeError(f"{path}: {field}: {first['msg']}.") from error


def _requirements(path: Path) -> str:
    requirements = significant_lines(_read(path))
    if not requirements:
        raise RecipeError(f"{path}: it names no package.")
    for line in requirements.splitlines():
        if not _PINNED.fullmatch(line):
            raise RecipeError(
                f"{path}: `{line}` is not pinned to one version; compile the file as its header says."
            )
    return requirements


def _digest(run: RunPart, requirements: str) -> str:
    content = {"run": run.model_dump(mode="json"), "requirements": requirements}
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return f"sha256:{hashlib.sha256(canonical.encode()).hexdigest()}"
