"""Files of packages that environments are made of: read here, understood by Sojourn."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from sojourn.cli import output
from sojourn.cli.arguments import text_file
from sojourn.cli.environment_content import requirements_text

if TYPE_CHECKING:
    from sojourn.cli.invocation import Invocation
    from sojourn.client.environment_models import PackagesFile

_MOST_BYTES = 2**20
_PROJECT = "pyproject.toml"
_LOCK = "uv.lock"


class PackagesAt(NamedTuple):
    """A file of packages, and the lock beside it that pins them."""

    name: str
    text: str
    lock: str | None


def packages_at(path: str) -> PackagesAt:
    """Reads a file; `-` is standard input. Beside a `pyproject.toml` its `uv.lock` counts too.

    Raises:
        typer.BadParameter: it cannot be read, is no text, or too large.
    """
    if path == "-":
        return PackagesAt("", requirements_text(path), None)
    file = Path(path)
    lock = file.with_name(_LOCK)
    return PackagesAt(
        file.name, _text(file), _text(lock) if file.name == _PROJECT and lock.exists() else None
    )


def _text(file: Path) -> str:
    # Looked at first: what was named by mistake may be larger than memory is, or have no end.
    if file.exists() and (not file.is_file() or file.stat().st_size > _MOST_BYTES):
        what = f"has more than {_MOST_BYTES} bytes" if file.is_file() else "is no file"
        raise typer.BadParameter(f"{file} {what}; name a file that lists packages.")
    return text_file(str(file))[1]


FromOption = Annotated[
    PackagesAt | None,
    typer.Option(
        "--from",
        parser=packages_at,
        metavar="PATH",
        help="A requirements file, a pyproject.toml (with the uv.lock beside it), or an environment.yml with "
        "pip parts only; what it does not pin is pinned now. - is standard input.",
        show_default=False,
    ),
]
ExtraOption = Annotated[
    list[str] | None,
    typer.Option(metavar="NAME", help="An extra of the pyproject.toml; may be repeated.", show_default=False),
]
GroupOption = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAME", help="A dependency group of the pyproject.toml; may be repeated.", show_default=False
    ),
]


def read(
    invocation: Invocation,
    file: PackagesAt | None,
    *,
    extras: Sequence[str] | None,
    groups: Sequence[str] | None,
    others: Sequence[str | None],
    front_end: bool,
) -> PackagesFile | None:
    """What a file that was named comes to, with a word on what is not as it stands there; None: none was.

    `others` are what else it could be made of; `front_end` whether JupyterLab is to be in it.

    Raises:
        typer.BadParameter: something else is named too.
    """
    if file is None:
        if extras or groups:
            raise typer.BadParameter(
                "--extra and --group are parts of a pyproject.toml; name it with --from."
            )
        return None
    if any(each is not None for each in others):
        raise typer.BadParameter("--from says what it is made of; leave --image and --requirements out.")
    found = invocation.client.environments.read_file(
        file.text,
        name=file.name,
        lock=file.lock,
        extras=extras or (),
        groups=groups or (),
        front_end=front_end,
    )
    for note in found.notes:
        output.say(note)
    return found
