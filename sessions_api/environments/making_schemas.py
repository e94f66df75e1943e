"""What environments and versions are made from, as JSON."""

import re
from typing import Annotated, Any, Literal, Self

from packaging.requirements import InvalidRequirement, Requirement
from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from sessions_api.environments.content import Content
from sessions_api.kit.schemas import Description, Name, Schema
from spawner.recipes import PINNED_IMAGE, PINNED_LINE, Keyword, ProgramPart, RunPart, significant_lines

KEYWORDS = 20
PROJECTS = 50
REQUIREMENTS_LENGTH = 200_000
LINE_LENGTH = 200
SOURCE_LENGTH = 190
LAYERS = 1000
LABELS = 200

_PLATFORM = re.compile(r"[a-z0-9]+/[a-z0-9_]+(/[a-z0-9.]+)?", re.ASCII)
_NUL = re.compile(r"(?<!\\)(\\\\)*\\u0000")
"""In JSON; an even number of backslashes before it are backslashes."""
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128}", re.ASCII)

Visibility = Literal["private", "projects", "everyone"]
ProjectSlug = Annotated[str, Field(min_length=1, max_length=80)]


def _lower(given: object) -> object:
    return given.strip().lower() if isinstance(given, str) else given


def _printable(text: str) -> str:
    if not all(sign.isprintable() or sign == "\n" for sign in text):
        raise ValueError("This has control characters; leave them out.")
    return text


def _on_one_line(text: str) -> str:
    if not text.isprintable():
        raise ValueError("This has control characters; leave them out.")
    return text


def _platform(text: str) -> str:
    if not _PLATFORM.fullmatch(text):
        raise ValueError(f"No platform is called {text}; write it like linux/amd64 or linux/arm/v7.")
    return text


def _digest(text: str) -> str:
    if not _DIGEST.fullmatch(text):
        raise ValueError("This is no digest; write it like sha256:… with 64 hexadecimal digits.")
    return text


def _folder(text: str) -> str:
    if not re.fullmatch(r"/\S*", text):
        raise ValueError(f"This is no folder: {text}; write it from the root on, like /work.")
    return text


def _pinned_image(text: str) -> str:
    if not PINNED_IMAGE.fullmatch(text):
        raise ValueError(f"The image {text} is not pinned; write it as REPOSITORY@sha256:… with its digest.")
    return text


def _pinned_lines(text: str) -> str:
    """The lines that count, each of which says one version."""
    lines = significant_lines(text)
    if not lines:
        raise ValueError("This names no package; write a line like numpy==2.3.5 for each.")
    for line in lines.splitlines():
        if not PINNED_LINE.fullmatch(line) or len(line) > LINE_LENGTH or not _says_one_version(line):
            raise ValueError(
                f"The line {line[:LINE_LENGTH]} is not pinned to one version; write it like numpy==2.3.5."
            )
    return lines


def _says_one_version(line: str) -> bool:
    if line.startswith("-"):
        return True
    try:
        said = list(Requirement(line).specifier)
    except InvalidRequirement:
        return False
    return len(said) == 1 and "*" not in said[0].version


def _lines(given: object) -> object:
    return "\n".join(given.replace("\t", " ").splitlines()) if isinstance(given, str) else given


Text = Annotated[Description, AfterValidator(_printable)]
"""A description, of several lines where it needs them."""
Keywords = Annotated[
    list[Annotated[Keyword, BeforeValidator(_lower)]],
    Field(max_length=KEYWORDS, description="Words that people search for, lower case."),
    AfterValidator(lambda words: list(dict.fromkeys(words))),
]
Projects = Annotated[
    list[ProjectSlug],
    Field(max_length=PROJECTS, description="Slugs of the projects whose members see it."),
]


class Layer(Schema):
    """A layer of an image; `size` is compressed, in bytes."""

    digest: Annotated[str, AfterValidator(_digest)]
    size: Annotated[int, Field(ge=0, le=2**50)]


class VersionCreate(RunPart):
    """What a version is made of, and how it is run: an image, or packages.

    Attributes:
        image: `REPOSITORY@sha256:…`.
        requirements: lines of a requirements file, each pinned to one version; instead of an image.
        source: of requirements, the file that they were read from, for people.
        reference: the image as somebody typed it, for people.
        platforms, size, layers, labels: what is known of the image; `size` compressed, in bytes.
    """

    working_folder: Annotated[str, Field(max_length=500), AfterValidator(_folder)] = "/work"
    image: Annotated[str, Field(max_length=1000), AfterValidator(_pinned_image)] | None = None
    requirements: (
        Annotated[
            str,
            BeforeValidator(_lines),
            Field(max_length=REQUIREMENTS_LENGTH, examples=["jupyterlab==4.5.0\nnumpy==2.3.5\n"]),
            AfterValidator(_printable),
            AfterValidator(_pinned_lines),
        ]
        | None
    ) = None
    source: (
        Annotated[str, Field(min_length=1, max_length=SOURCE_LENGTH), AfterValidator(_on_one_line)] | None
    ) = None
    reference: Annotated[str, Field(min_length=1, max_length=1000), AfterValidator(_printable)] | None = None
    platforms: Annotated[
        list[Annotated[str, Field(max_length=60), AfterValidator(_platform)]], Field(max_length=100)
    ] = []
    size: Annotated[int, Field(ge=0, le=2**50)] | None = None
    layers: Annotated[list[Layer], Field(max_length=LAYERS)] = []
    labels: Annotated[
        dict[
            Annotated[str, Field(min_length=1, max_length=300), AfterValidator(_printable)],
            Annotated[str, Field(max_length=4000), AfterValidator(_printable)],
        ],
        Field(max_length=LABELS),
    ] = {}

    @model_validator(mode="after")
    def _storable(self) -> Self:
        # PostgreSQL keeps no NUL, and no program gets one as an argument.
        if _NUL.search(self.model_dump_json()):
            raise ValueError("This has a NUL character; leave it out.")
        return self

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.image is None) == (self.requirements is None):
            raise ValueError("Say what it is made of: an image, or requirements; one of both.")
        if self.requirements is not None:
            programs: tuple[ProgramPart, ...] = (self, *self.front_ends)
            if not all(each.command for each in programs):
                raise ValueError("Say in command what starts it; only an image has a command of its own.")
            told = {"reference", "platforms", "size", "layers", "labels"} & self.model_fields_set
            if told:
                raise ValueError(f"Only an image has {', '.join(sorted(told))}; leave that out.")
        elif self.source is not None:
            raise ValueError("Only requirements are read from a file; leave source out.")
        return self

    def content(self) -> Content:
        """As the rules take it."""
        run = RunPart(**{name: getattr(self, name) for name in RunPart.model_fields})
        if self.requirements is not None:
            made_from = "requirements" if self.source is None else f"from {self.source}"
            return Content.of_packages(run, self.requirements, made_from=made_from)
        assert self.image is not None  # noqa: S101 - it is one of both
        known = self.model_dump(include={"reference", "platforms", "size", "layers", "labels"})
        return Content.of_image(run, self.image, made_from="image", **known)


class EnvironmentCreate(Schema):
    """A new environment with its version 1.

    Attributes:
        visibility: `private`: you and platform admins see it; `projects`: the members of `projects` too;
            `everyone`: everyone who can log in.
    """

    name: Name
    description: Text = ""
    keywords: Keywords = []
    visibility: Visibility = "private"
    projects: Projects = []
    version: VersionCreate

    def given(self) -> dict[str, Any]:
        """As the rules take it."""
        return {
            **self.model_dump(exclude={"version", "projects"}),
            "shared": self.projects,
            "content": self.version.content(),
        }


class EnvironmentChange(Schema):
    """What is given is changed; null counts only for `successor`, where it is none.

    Attributes:
        projects: in the place of those that you see.
        default: only platform admins say this; a default environment is for everyone.
        archived: an archived environment gets no new sessions, those that it has go on.
        successor: slug or id of what to use instead of an archived one.
    """

    name: Name | None = None
    description: Text | None = None
    keywords: Keywords | None = None
    visibility: Visibility | None = None
    projects: Projects | None = None
    default: bool | None = None
    archived: bool | None = None
    successor: Annotated[str, Field(min_length=1, max_length=80)] | None = None

    def given(self) -> dict[str, Any]:
        """What the body says, as the rules take it."""
        values = {name: getattr(self, name) for name in self.model_fields_set}
        return {name: value for name, value in values.items() if value is not None or name == "successor"}


class EnvironmentDuplicate(Schema):
    """What a copy is of, and what it is called.

    Attributes:
        version: number of the version that is copied; the newest when none is given.
        name: "Copy of" the environment's when none is given.
    """

    version: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    name: Name | None = None
