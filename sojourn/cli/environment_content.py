"""Options that say what a version of an environment is made of, and how it is run."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any, TypedDict, Unpack, cast

import typer

from sojourn.cli.arguments import text_file

if TYPE_CHECKING:
    from sojourn.client.environment_calls import NewVersion
    from sojourn.client.environment_models import VersionDetail

    Check = Callable[[str], NewVersion]
    """Makes what the named image is and how it is run, or ends the command."""

SINGLE_USER = "jupyterhub-singleuser"
_RUN = (
    *("front_end", "default_url", "port", "command", "arguments", "gate", "front_ends"),
    *("uid", "gid", "working_folder", "read_only_root"),
)
_OF_IMAGE = ("image", "reference", "platforms", "size", "layers", "labels")


class Prefix(StrEnum):
    """What the gate does to a session's prefix; `none`: there is no gate."""

    STRIP = "strip"
    KEEP = "keep"
    NONE = "none"


def requirements_text(path: str) -> str:
    """The text of a requirements file; `-` is standard input.

    Raises:
        typer.BadParameter: it cannot be read, or is no text.
    """
    if path != "-":
        return text_file(path)[1]
    try:
        return sys.stdin.buffer.read().decode()
    except UnicodeDecodeError:
        raise typer.BadParameter("Standard input is no text in UTF-8.") from None


def front_ends_text(path: str) -> str:
    """The text of a JSON file; `-` is standard input.

    Raises:
        typer.BadParameter: it cannot be read, or is no JSON.
    """
    text = requirements_text(path)
    try:
        json.loads(text)
    except ValueError as error:
        raise typer.BadParameter(f"{path} is no JSON: {error}.") from None
    return text


def _words(text: str) -> list[str]:
    """Reads a command line as a shell does.

    Raises:
        typer.BadParameter: a quotation mark is not closed.
    """
    try:
        return shlex.split(text)
    except ValueError:
        raise typer.BadParameter(f"{text} opens a quotation that it does not close.") from None


ImageOption = Annotated[
    str | None,
    typer.Option(
        metavar="IMAGE",
        help="An image; it is checked and pinned to its digest, unless it is named with one.",
        show_default=False,
    ),
]
RequirementsOption = Annotated[
    str | None,
    typer.Option(
        parser=requirements_text,
        metavar="PATH",
        help="A requirements file, each line pinned by ==; - is standard input.",
        show_default=False,
    ),
]
FrontEndOption = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="What people call the program they land in.", show_default=False),
]
CommandOption = Annotated[
    str | None,
    typer.Option("--command", metavar="TEXT", help="What starts it, as a shell has it.", show_default=False),
]
ArgumentsOption = Annotated[
    str | None,
    typer.Option(metavar="TEXT", help="Follow the command, or the image's own program.", show_default=False),
]
DefaultUrlOption = Annotated[
    str | None,
    typer.Option(metavar="PATH", help="Which page opens, below the session's.", show_default=False),
]
PortOption = Annotated[
    int | None,
    typer.Option(metavar="NUMBER", help="Where the program listens.", show_default=False),
]
GateOption = Annotated[
    Prefix | None,
    typer.Option(
        help="Of an image that knows nothing of JupyterHub: it sees paths from / on (strip), or the "
        "session's own (keep); none takes the gate away.",
        show_default=False,
    ),
]
ReadyPathOption = Annotated[
    str | None,
    typer.Option(metavar="PATH", help="Behind the gate: answers once it is up.", show_default=False),
]
FrontEndsOption = Annotated[
    str | None,
    typer.Option(
        parser=front_ends_text,
        metavar="PATH",
        help="What sessions can run instead: a JSON file, a list of objects with name, command, arguments, "
        "default_url, port and gate; - is standard input.",
        show_default=False,
    ),
]
UidOption = Annotated[
    int | None, typer.Option(metavar="NUMBER", help="Of an image: whom it runs as.", show_default=False)
]
GidOption = Annotated[
    int | None, typer.Option(metavar="NUMBER", help="Of an image: its group.", show_default=False)
]
WorkingFolderOption = Annotated[
    str | None, typer.Option(metavar="PATH", help="Of an image: where it starts.", show_default=False)
]
ReadOnlyRootOption = Annotated[
    bool | None,
    typer.Option(
        "--read-only-root/--writable-root",
        help="Of an image: whether it works on a root folder that cannot be written.",
        show_default=False,
    ),
]


class Said(TypedDict):
    """What the options say; None: nothing."""

    image: str | None
    requirements: str | None
    front_end: str | None
    command: str | None
    arguments: str | None
    default_url: str | None
    port: int | None
    gate: Prefix | None
    ready_path: str | None
    front_ends: str | None
    uid: int | None
    gid: int | None
    working_folder: str | None
    read_only_root: bool | None


def is_single_user(command: str | None, usual: str = SINGLE_USER) -> bool:
    """Whether a command is JupyterHub's own; `usual` is what it is where it is not said."""
    return (_words(command or "") or [usual])[0] == SINGLE_USER


def first(name: str, check: Check, **said: Unpack[Said]) -> NewVersion:
    """Version 1 of the environment `name`; what the options do not say is JupyterLab's.

    A program behind the gate is no JupyterLab: it is called as the environment, and its first page opens. Of
    an image that is not pinned all of that is as a check finds it.

    Raises:
        typer.BadParameter: what the options say does not go together.
    """
    _refuse_both(said)
    if said["image"] is None and said["requirements"] is None:
        raise typer.BadParameter(
            "Say what it is made of: --from PATH, --requirements PATH, or --image IMAGE."
        )
    if (unpinned := _unpinned(said)) is not None:
        return _of_checked(check(unpinned), said)
    if said["gate"] in {Prefix.STRIP, Prefix.KEEP}:
        usual: dict[str, Any] = {"front_end": name, "default_url": "/", "port": 8888}
    else:
        usual = {"front_end": "JupyterLab", "default_url": "/lab", "port": 8888}
        if said["requirements"] is not None:
            usual["command"] = [SINGLE_USER]
    return _version(usual, said)


def following(newest: VersionDetail, check: Check, **said: Unpack[Said]) -> NewVersion:
    """The version after `newest`, from which it has what the options do not say.

    Of an image that is not pinned it has that as a check finds it.

    Raises:
        typer.BadParameter: what the options say does not go together, or not what the packages are to be.
    """
    _refuse_both(said)
    if (unpinned := _unpinned(said)) is not None:
        return _of_checked(check(unpinned), said)
    kept = {name: newest.body[name] for name in _RUN if name in newest.body}
    same_image = newest.image is not None and said["image"] in {None, newest.image}
    if same_image and said["requirements"] is None:
        kept |= {name: newest.body[name] for name in _OF_IMAGE if newest.body.get(name)}
    elif said["image"] is None and said["requirements"] is None:
        raise typer.BadParameter("Say what it is made of from now on: --from PATH, or --requirements PATH.")
    return _version(kept, said)


def _refuse_both(said: Said) -> None:
    if said["image"] is not None and said["requirements"] is not None:
        raise typer.BadParameter(
            "It is made of an image or of packages; leave --image or --requirements out."
        )


def _unpinned(said: Said) -> str | None:
    """The image, if its name may mean another one tomorrow."""
    image = said["image"]
    return None if image is None or "@sha256:" in image else image


def _of_checked(found: NewVersion, said: Said) -> NewVersion:
    """What a check found, but for what the options say of how it is run."""
    return _version(found, {**said, "image": None})


def _version(usual: Mapping[str, Any], said: Said) -> NewVersion:
    special = {"command", "arguments", "gate", "ready_path", "front_ends"}
    version = {
        **usual,
        **{name: value for name, value in said.items() if value is not None and name not in special},
    }
    for name, text in {"command": said["command"], "arguments": said["arguments"]}.items():
        if text is not None:
            version[name] = _words(text)
    if said["gate"] is not None:
        gate = {**(version.get("gate") or {}), "prefix": said["gate"].value}
        version["gate"] = None if said["gate"] is Prefix.NONE else gate
    if said["ready_path"] is not None:
        if not version.get("gate"):
            raise typer.BadParameter("Only a program behind the gate has a ready path; say --gate too.")
        version["gate"] = {**version["gate"], "ready_path": said["ready_path"]}
    if said["front_ends"] is not None:
        version["front_ends"] = json.loads(said["front_ends"])
    return cast("NewVersion", version)
