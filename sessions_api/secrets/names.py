"""What a secret may be called: it becomes a file of that name."""

import re

from sessions_api.kit import folders
from sessions_api.kit.errors import Invalid

LENGTH = 100

_SAFE = re.compile(folders.SAFE)


def check(name: str) -> str:
    """The name, when a secret's file can be called that.

    Raises:
        Invalid: it cannot; the error proposes the nearest name that is possible.
    """
    if len(name) <= LENGTH and _SAFE.fullmatch(name):
        return name
    value = folders.derive(name, otherwise="secret")
    raise Invalid.field(
        "name",
        f"A secret cannot be called {name!r}, because it becomes a file: use at most {LENGTH} letters, "
        f"digits, dots, hyphens and underscores, and begin with a letter or digit, such as {value}.",
        value=value,
    )
