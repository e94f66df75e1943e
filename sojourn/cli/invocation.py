"""One call of the command: which installation it speaks to, and how it answers."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urljoin

import typer

import sojourn
from sojourn.cli import output
from sojourn.cli.output import Columns, Output

if TYPE_CHECKING:
    from sojourn.client.models import Answer

    Shown = TypeVar("Shown", bound=Answer)

URL_VARIABLE = "SOJOURN_URL"
TOKEN_VARIABLE = "SOJOURN_TOKEN"  # noqa: S105 - a name, not a secret

TIMEOUT = 30.0
"""Seconds for an answer."""


@dataclass(frozen=True)
class Chosen:
    """What was chosen before the command's name."""

    output: Output | None = None
    data: Path | None = None


class Invocation:
    """What commands do their work with."""

    def __init__(self, *, output: Output, data: Path | None, timeout: float = TIMEOUT) -> None:
        self.output = output
        self._data = data
        self._timeout = timeout

    @classmethod
    def of(cls, context: typer.Context, output: Output | None, data: Path | None) -> Invocation:
        """What was chosen behind the command's name goes before what was chosen in front of it."""
        before = context.obj or Chosen()
        return cls(output=output or before.output or Output.TABLE, data=data or before.data)

    @cached_property
    def client(self) -> sojourn.Client:
        """A client of the chosen installation.

        Raises:
            sojourn.NotRunning: it is on this computer and has not been started.
            typer.BadParameter: an address was given without a token.
        """
        url = os.environ.get(URL_VARIABLE)
        if self._data is not None or not url:
            return sojourn.Client.from_data(self._data, timeout=self._timeout)
        token = os.environ.get(TOKEN_VARIABLE)
        if not token:
            raise typer.BadParameter(f"{URL_VARIABLE} is set, so {TOKEN_VARIABLE} must hold a token for it.")
        return sojourn.Client(url, token=token, timeout=self._timeout)

    @contextmanager
    def ended(self) -> Iterator[None]:
        """Closes the client afterwards, if there is one by then."""
        try:
            yield
        finally:
            if "client" in self.__dict__:
                self.client.close()

    @property
    def for_people(self) -> bool:
        """Whether a person reads the answer, rather than a program."""
        return self.output is Output.TABLE

    def address(self, path: str) -> str:
        """A path of the installation as a browser opens it."""
        return urljoin(f"{self.client.url}/", path)

    def show(self, answer: Answer, pairs: Sequence[tuple[str, object]]) -> None:
        """Writes one answer: for people what `pairs` say."""
        if self.for_people:
            output.details(pairs)
        else:
            output.write(answer.body, self.output)

    def listing(self, answers: Iterable[Shown], columns: Columns[Shown], *, none: str) -> None:
        """Writes a list, as one page however many there were; `none` is said when it is empty."""
        found = list(answers)
        if not self.for_people:
            output.write({"items": [answer.body for answer in found], "next": None}, self.output)
        elif found:
            output.table(found, columns)
        else:
            output.say(none)

    def done(self, sentence: str, answer: Answer | None = None) -> None:
        """Says what was done; programs get the API's answer, if it gave one."""
        output.say(sentence)
        if answer is not None and not self.for_people:
            output.write(answer.body, self.output)


def confirm(question: str, *, yes: bool) -> None:
    """Asks a person before something is lost; scripts, which nobody can be asked in, mean what they say.

    Raises:
        typer.Exit: the answer is no.
    """
    if not yes and sys.stdin.isatty() and not typer.confirm(question, err=True):
        raise typer.Exit(1)
