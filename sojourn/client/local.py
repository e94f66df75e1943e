"""Where Sojourn on this computer answers, and the token that lets its owner in."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from sojourn.client.errors import NotRunning
from sojourn.laptop.data import data_folder


class Local(NamedTuple):
    """An installation on this computer."""

    url: str
    token: str


def local(data: Path | str | None) -> Local:
    """The installation of a data folder; None is $SOJOURN_DATA, else the user's own.

    Raises:
        NotRunning: Sojourn has not been started on that folder, or not yet to its end.
    """
    folder = data_folder(Path(data) if data is not None else None)
    state = folder.read_state()
    try:
        token = folder.command_token(state.people[0]).read_text() if state else ""
    except FileNotFoundError:
        token = ""
    if state is None or not token:
        raise NotRunning(
            f"Sojourn has not been started on {folder.root}.",
            code="not_running",
            hint="Start it with `sojourn up`, or name another data folder with --data.",
        )
    return Local(state.local_url, token)
