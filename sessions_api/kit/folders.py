"""Names of single folders: safe on every file system, never hidden, never an option of a command."""

import re
import unicodedata
from typing import Annotated

from pydantic import Field

from sessions_api.kit.errors import Invalid

LENGTH = 100

SAFE = r"[A-Za-z0-9][A-Za-z0-9._-]*"
"""What a single name is made of."""
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")

Folder = Annotated[
    str,
    Field(
        min_length=1,
        max_length=LENGTH,
        description="Folder of /work: letters, digits, `.`, `_` and `-`, beginning with a letter or digit.",
        examples=["data"],
        json_schema_extra={"pattern": f"^{SAFE}$"},
    ),
]
"""A folder in a JSON body; `check` says what is wrong with one in words."""


def check(folder: str) -> str:
    """The name, when a folder can be called that.

    Raises:
        Invalid: it cannot; the error proposes the nearest name that is possible.
    """
    if len(folder) <= LENGTH and re.fullmatch(SAFE, folder):
        return folder
    value = derive(folder, otherwise="folder")
    raise Invalid.field(
        "folder",
        f"A folder cannot be called {folder!r}: use at most {LENGTH} letters, digits, dots, hyphens and "
        f"underscores, and begin with a letter or digit, such as {value}.",
        value=value,
    )


def derive(text: str, *, otherwise: str) -> str:
    """A folder's name made of any text; `otherwise` where nothing of the text can be kept."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return _UNSAFE.sub("-", plain).lstrip("._-")[:LENGTH].rstrip("._-") or otherwise
