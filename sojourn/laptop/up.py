"""`sojourn up`: Sojourn on this computer, in the foreground."""

from __future__ import annotations

import asyncio
import contextlib
import getpass
import os
import re
import sys
import threading
import webbrowser
from collections.abc import Sequence
from pathlib import Path
from typing import get_args

from pydantic import TypeAdapter, ValidationError
from rich.console import Console

from sojourn.laptop import login_links
from sojourn.laptop.data import DataFolder, data_folder
from sojourn.laptop.errors import LaptopError
from sojourn.laptop.supervisor import supervise
from spawner.containers.finding import Choice

ENGINE_VARIABLE = "SOJOURN_ENGINE"
"""Names the container engine to use: `auto`, `podman`, `docker` or `none`."""

_LOOPBACK = re.compile(r"([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.){0,5}localhost")


def up(
    *,
    port: int,
    data: Path | None,
    browser: bool,
    people: Sequence[str],
    own_hosts: str | None = None,
) -> int:
    """Runs Sojourn until Ctrl-C; answers with the command's exit code.

    Progress goes to standard error, the login link, and nothing else, to standard output.

    Args:
        port: public TCP port on 127.0.0.1.
        data: the data folder; None for $SOJOURN_DATA, else the user's own.
        browser: whether to open the browser, with a link of its own.
        people: names of more people, for trying out roles.
        own_hosts: the main host, below which people's sessions have hosts of their own; None: one for all.
    """
    folder = data_folder(data)
    try:
        everybody = _everybody(people)
        engine = _engine_choice()
        _check_host(own_hosts)
        folder.prepare()
        with folder.locked():
            _print(f"Starting Sojourn on {folder.root}", style="bold")
            asyncio.run(
                supervise(
                    folder,
                    port=port,
                    people=everybody,
                    engine_choice=engine,
                    own_hosts=own_hosts,
                    say=_print,
                    announce=lambda: _announce(folder, everybody, browser=browser),
                )
            )
    except LaptopError as error:
        _print(str(error), style="red")
        return 1
    _print("Sojourn has ended.")
    return 0


def owner() -> str:
    """The hub name of whoever runs this command."""
    return login_links.hub_name(getpass.getuser())


def _everybody(people: Sequence[str]) -> tuple[str, ...]:
    """The owner, then the others in the order given, each once."""
    return tuple(dict.fromkeys([owner(), *map(login_links.check_person, people)]))


def _engine_choice() -> Choice:
    """What $SOJOURN_ENGINE says, by default that whatever is there is taken."""
    choice = os.environ.get(ENGINE_VARIABLE) or "auto"
    try:
        return TypeAdapter(Choice).validate_python(choice)
    except ValidationError:
        words = ", ".join(get_args(Choice))
        raise LaptopError(f"${ENGINE_VARIABLE} is {choice!r} and has to be one of {words}.") from None


def _check_host(host: str | None) -> None:
    """Refuses a host that browsers do not find on this computer by themselves (RFC 6761, 6.3)."""
    if host is not None and not _LOOPBACK.fullmatch(host):
        raise LaptopError(
            f"{host!r} is no name of this computer. Use `--own-hosts localhost` or a name that ends so."
        )


def _announce(folder: DataFolder, everybody: Sequence[str], *, browser: bool) -> None:
    link = login_links.new_login_link(folder)
    _print(f"Sojourn is ready. This link logs you in, once: {link}", style="bold", result=True)
    for person in everybody[1:]:
        other = login_links.new_login_link(folder, person)
        _print(f"This link logs {person} in, once: {other}", result=True)
    if browser and _has_display():
        # A thread, because some browsers hold the one who opens them.
        opened = login_links.new_login_link(folder)
        threading.Thread(target=webbrowser.open, args=(opened,), daemon=True).start()


def _print(line: str, *, style: str = "dim", result: bool = False) -> None:
    """Prints a line, as long as there is somebody to read it: a closed terminal ends nothing by itself."""
    with contextlib.suppress(OSError):
        Console(stderr=not result, highlight=False).print(line, style=style, soft_wrap=True, markup=False)


def _has_display() -> bool:
    """Whether there is a screen for a browser; without one `webbrowser` would take over the terminal."""
    return sys.platform == "darwin" or any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY"))
