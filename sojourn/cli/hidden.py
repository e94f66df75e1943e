"""Where the command reads what must not be seen: never from its arguments, which every program can list."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

FileOption = Annotated[
    Path | None,
    typer.Option(
        "--file",
        exists=True,
        dir_okay=False,
        readable=True,
        help="Read it from a file instead of standard input, or of being asked for it.",
        show_default=False,
    ),
]


def read(file: Path | None, question: str) -> str:
    """The text of a file, else of standard input, else what a person types without seeing it.

    Raises:
        typer.BadParameter: it is no text in UTF-8.
    """
    try:
        if file is not None:
            return file.read_bytes().decode()
        if not sys.stdin.isatty():
            return sys.stdin.buffer.read().decode()
    except UnicodeDecodeError:
        raise typer.BadParameter("This is no text in UTF-8.") from None
    return str(typer.prompt(question, hide_input=True, err=True))
