"""One-time login links: made by who can write to the data folder, used up by the hub.

Of a link's key only the hash is kept, as the name of a file; removing that file is what uses the link up, and
of two who try at once only one succeeds.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import time

from pydantic import BaseModel, ConfigDict, ValidationError

from sojourn.laptop.data import DataFolder, write_private
from sojourn.laptop.errors import LaptopError

VALID_SECONDS = 3600
_KEY_BYTES = 24
_NAME = re.compile(r"[a-z][a-z0-9._-]{0,31}")


class _Ticket(BaseModel):
    model_config = ConfigDict(extra="forbid")

    person: str
    expires: float


def new_login_link(data: DataFolder, person: str | None = None) -> str:
    """A link that logs `person` in, once, within an hour; None is the owner of the computer.

    Raises:
        LaptopError: Sojourn does not run on this data folder, or does not know that person.
    """
    state = data.read_state()
    if state is None or not state.supervisor.is_alive():
        raise LaptopError(f"Sojourn does not run on {data.root}. Start it with `sojourn up`.")
    chosen = person or state.people[0]
    if chosen not in state.people:
        known = ", ".join(state.people)
        raise LaptopError(
            f"Nobody is called {chosen} here; there is {known}. Start with `sojourn up --person {chosen}`."
        )
    _forget_expired(data)
    key = secrets.token_urlsafe(_KEY_BYTES)
    ticket = _Ticket(person=chosen, expires=time.time() + VALID_SECONDS)
    write_private(data.login_links / _file_name(key), ticket.model_dump_json())
    return f"{state.url}/hub/link?key={key}"


def use(data: DataFolder, key: str) -> str | None:
    """Uses a link's key up and says whom it logs in; None if it was used before, is too old or never was."""
    path = data.login_links / _file_name(key)
    try:
        ticket = _Ticket.model_validate_json(path.read_bytes())
        path.unlink()
    except (FileNotFoundError, ValidationError):
        return None
    return ticket.person if time.time() < ticket.expires else None


def hub_name(name: str) -> str:
    """A name of the computer's as a name of the hub's: lower case, `-` for what may not stand there."""
    normal = re.sub(r"[^a-z0-9._-]+", "-", name.lower()).lstrip("0123456789._-")[:32]
    return normal.rstrip("-") or "me"


def check_person(name: str) -> str:
    """The name, if it can be a hub's name.

    Raises:
        LaptopError: it cannot; the message proposes one that can.
    """
    if not _NAME.fullmatch(name):
        raise LaptopError(
            f"{name!r} cannot be a person's name here: up to 32 of a-z 0-9 . _ -, first a letter. "
            f"Use `--person {hub_name(name)}`."
        )
    return name


def _file_name(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def _forget_expired(data: DataFolder) -> None:
    """Removes links that have become too old. A file's own time will do: it is written once."""
    for path in data.login_links.iterdir():
        if path.stat().st_mtime + VALID_SECONDS < time.time():
            path.unlink(missing_ok=True)
