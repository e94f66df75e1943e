"""`sojourn environment`: images that are looked at before anything is made of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from sojourn.cli import environments, hidden, output
from sojourn.cli.command import FAILED, command
from sojourn.cli.invocation import Invocation

if TYPE_CHECKING:
    from sojourn.client.checks import ImageChecked, ImageRefused
    from sojourn.client.environment_calls import CheckLogin, NewVersion

group = environments.group


@command(group, "check")
def check(
    invocation: Invocation,
    image: Annotated[
        str,
        typer.Argument(metavar="IMAGE", help="Its name, as docker pull takes it.", show_default=False),
    ],
    *,
    login: Annotated[
        str | None,
        typer.Option(
            metavar="USERNAME",
            help="Of a private image: who logs in; the password is read from standard input.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Look at an image where it is, and say whether sessions can be made of it; nothing is pulled or kept."""
    opens: CheckLogin | None = None
    if login is not None:
        password = hidden.read(None, f"Password of {login}").rstrip("\r\n")
        opens = {"username": login, "password": password}
    ended = _watched(invocation, image, opens)
    if not invocation.for_people:
        output.write(ended.body, invocation.output)
    if ended.kind == "refused" or ended.version is None:
        _tell_why_not(ended)
        raise typer.Exit(FAILED)
    if invocation.for_people:
        output.plain(ended.sentence)
        if ended.fix:
            output.plain(ended.fix)
        if login is not None:
            host = ended.image.partition("/")[0]
            output.say(
                f"To make an environment of it, keep the login: `sojourn registry-login add {host} "
                f"--username {login}`."
            )
        else:
            output.say(f"Make an environment of it with `sojourn environment add NAME --image {image}`.")


def checked(invocation: Invocation, image: str) -> NewVersion:
    """What a version is made from, of an image that is checked now.

    Raises:
        typer.Exit: it is not to be had, or will not work; why has been said.
    """
    return found(invocation, image, otherwise="If you know better, name it {image}: then it is not checked.")[
        1
    ]


def found(invocation: Invocation, image: str, *, otherwise: str) -> tuple[str, NewVersion]:
    """A name for an image that is checked now, and what a version is made from.

    Args:
        invocation: says the verdict.
        image: as docker pull takes it.
        otherwise: what who knows better than a verdict can do, with `{image}` for its name by digest.

    Raises:
        typer.Exit: it is not to be had, or will not work; why has been said.
    """
    ended = _watched(invocation, image, None)
    if ended.kind == "refused":
        _tell_why_not(ended)
        raise typer.Exit(FAILED)
    if ended.version is None:
        _tell_why_not(ended)
        output.say(otherwise.format(image=ended.image))
        raise typer.Exit(FAILED)
    output.say(ended.sentence)
    if ended.fix:
        output.say(ended.fix)
    return ended.name or image, ended.version


def _watched(invocation: Invocation, image: str, login: CheckLogin | None) -> ImageChecked | ImageRefused:
    from sojourn.cli.checking import watch  # noqa: PLC0415 - rich takes longer to import than --help may

    return watch(invocation.client.environments.check(image, login=login))


def _tell_why_not(ended: ImageChecked | ImageRefused) -> None:
    output.complain(ended.sentence)
    more = (ended.hint, ended.detail) if ended.kind == "refused" else (ended.fix,)
    for words in more:
        if words:
            output.say(words)
