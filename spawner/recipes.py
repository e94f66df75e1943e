"""Recipes: the folders of `environments/`, each of which says how one environment is made and run.

A folder holds `environment.yaml` (what people read, and how to run it), `requirements.in` (what people edit)
and `requirements.txt` (what is installed, every package pinned). Where `environment.yaml` names an image, it
is what runs, and a `requirements.txt` only says what is in it. The folder's name is the environment's slug.
"""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import (
    AfterValidator,
    Field,
    StringConstraints,
    ValidationError,
    ValidationInfo,
    field_validator,
)

from spawner.part import Part
from spawner.spec import GateSpec

DESCRIPTION = "environment.yaml"
REQUIREMENTS = "requirements.txt"

FRONT_ENDS = 10
"""Other front ends that an environment may have, at most."""

_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*", re.ASCII)
_COMMENT = re.compile(r"(^|\s+)#.*$")
PINNED_LINE = re.compile(r"[A-Za-z0-9._-]+(\[[^\]]*\])?==\S+(\s*;.*)?|--(only|no)-binary\s+\S+", re.ASCII)
"""A line of requirements that installs one version, or says that nothing is compiled."""

PINNED_IMAGE = re.compile(
    r"([A-Za-z0-9][A-Za-z0-9.-]*(:[0-9]+)?/)?[a-z0-9]+(([._-]+|/)[a-z0-9]+)*(:\w[\w.-]{0,127})?@sha256:[0-9a-f]{64}",
    re.ASCII,
)
"""A reference of the OCI distribution specification that is pinned to a digest; it may have a tag too."""

Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Argument = Annotated[str, StringConstraints(max_length=4000)]
FrontEndName = Annotated[Line, Field(max_length=100)]
Keyword = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9+._-]*$", max_length=40)]


class RecipeError(ValueError):
    """A recipe is not usable; the message is one sentence a person can act on, with file and field."""


def _opens(text: str) -> str:
    if not re.fullmatch(r"/[^\s?#]*", text):
        raise ValueError(f"This is no path: {text}; write it like /lab, without a query.")
    return text


class GatePart(GateSpec):
    """What `gate` says."""

    prefix: Literal["strip", "keep"] = "strip"
    ready_path: Annotated[str, Field(pattern=r"^/\S*$", max_length=500)] = "/"


class ProgramPart(Part):
    """How one program is run.

    Attributes:
        command, default_url, port, arguments, gate: see `spawner.spec.EnvironmentSpec`.
    """

    command: Annotated[tuple[Line, ...], Field(max_length=50)] = ()
    default_url: Annotated[str, Field(max_length=200), AfterValidator(_opens)]
    port: Annotated[int, Field(ge=1024, le=65535)]
    arguments: Annotated[tuple[Argument, ...], Field(max_length=100)] = ()
    gate: GatePart | None = None


class FrontEndPart(ProgramPart):
    """A program that people can land in.

    Attributes:
        name: what people call it.
    """

    name: FrontEndName


class RunPart(ProgramPart):
    """How an environment is run; with the requirements it decides the digest.

    Attributes:
        front_end: what people call the program they land in.
        front_ends: what a session can run in its place.
        uid, gid, working_folder, read_only_root: see `spawner.spec.EnvironmentSpec`; of images only.
    """

    front_end: FrontEndName
    front_ends: Annotated[tuple[FrontEndPart, ...], Field(max_length=FRONT_ENDS)] = ()
    uid: Annotated[int, Field(ge=1, le=2**31)] = 1000
    gid: Annotated[int, Field(ge=1, le=2**31)] = 100
    working_folder: Annotated[str, Field(pattern=r"^/[^\s]*$", max_length=500)] = "/work"
    read_only_root: bool = False

    @field_validator("front_ends")
    @classmethod
    def _of_different_names(
        cls, given: tuple[FrontEndPart, ...], info: ValidationInfo
    ) -> tuple[FrontEndPart, ...]:
        taken = {str(info.data.get("front_end", "")).casefold()}
        for each in given:
            if each.name.casefold() in taken:
                raise ValueError(f"The front end {each.name} is there twice; give each a name of its own.")
            taken.add(each.name.casefold())
        return given


class _Description(Part):
    """What `environment.yaml` says."""

    name: Annotated[Line, Field(max_length=80)]
    description: Annotated[Line, Field(max_length=500)]
    keywords: Annotated[tuple[Keyword, ...], Field(max_length=20)] = ()
    image: Annotated[str, Field(max_length=1000)] | None = None
    run: RunPart


class Recipe(Part):
    """One environment as its folder describes it.

    Attributes:
        image: `REPOSITORY@sha256:…`; None: a virtual environment from `requirements`.
        requirements: the pinned lines, without comments and blank lines; of an image, what is said of it.
        digest: `sha256:…` of how it is run and what is installed, of an image its own; words for people do
            not change it.
    """

    slug: str
    name: str
    description: str
    keywords: tuple[str, ...]
    run: RunPart
    image: str | None = None
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
        image = description.image
        listed = folder / REQUIREMENTS
        requirements = _requirements(listed) if image is None or listed.exists() else ""
        return cls(
            slug=folder.name,
            name=description.name,
            description=description.description,
            keywords=description.keywords,
            run=description.run,
            image=image,
            requirements=requirements,
            digest=digest_of(description.run, requirements) if image is None else image.partition("@")[2],
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


def digest_of(run: RunPart, requirements: str) -> str:
    """`sha256:…` of an environment that is made of packages: how it is run, and its pinned lines."""
    # Without defaults: what came later does not change the digest of what was there before.
    content = {"run": run.model_dump(mode="json", exclude_defaults=True), "requirements": requirements}
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return f"sha256:{hashlib.sha256(canonical.encode()).hexdigest()}"


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
        description = _Description.model_validate(content)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = ".".join(str(part) for part in first["loc"])
        said = first["msg"].removeprefix("Value error, ").rstrip(".")
        raise RecipeError(f"{path}: {field}: {said}.") from error
    if description.image is None:
        _require_commands(path, description.run)
    if description.image is not None and not PINNED_IMAGE.fullmatch(description.image):
        raise RecipeError(
            f"{path}: image: `{description.image}` does not say which image for good; pin it as "
            "REPOSITORY@sha256:DIGEST, with the digest that `docker buildx imagetools inspect IMAGE` shows."
        )
    return description


def _require_commands(path: Path, run: RunPart) -> None:
    others = {f"run.front_ends.{place}": each for place, each in enumerate(run.front_ends)}
    for where, program in {"run": run, **others}.items():
        if not program.command:
            raise RecipeError(
                f"{path}: {where}.command: say what starts it; only an image has a command of its own."
            )


def _requirements(path: Path) -> str:
    requirements = significant_lines(_read(path))
    if not requirements:
        raise RecipeError(f"{path}: it names no package.")
    for line in requirements.splitlines():
        if not PINNED_LINE.fullmatch(line):
            raise RecipeError(
                f"{path}: `{line}` is not pinned to one version; compile the file as its header says."
            )
    return requirements
