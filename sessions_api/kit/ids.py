"""Ids, slugs and server names."""

import base64
import hashlib
import re
import unicodedata
from collections.abc import Collection

from ulid import ULID

from sessions_api.kit import clock

SLUG_LENGTH = 60


def new_id(*, after: str = "") -> str:
    """A ULID: 26 characters that sort by time of creation, and after `after` whatever the clock says."""
    made = str(ULID.from_datetime(clock.now()))
    return made if made > after else str(ULID.from_int(int(ULID.from_str(after)) + 1))


def slugify(name: str, *, otherwise: str) -> str:
    """`Bar one` → `bar-one`.

    Letters lose their accents; what is left of other scripts and signs is nothing, so a name of only such
    characters becomes `otherwise`.
    """
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:SLUG_LENGTH].rstrip("-")
    return slug or otherwise


def free_name(wanted: str, taken: Collection[str]) -> str:
    """`wanted`, or the first of `wanted-2`, `wanted-3` … that is not taken."""
    if wanted not in taken:
        return wanted
    number = 2
    while f"{wanted}-{number}" in taken:
        number += 1
    return f"{wanted}-{number}"


def server_name(project_slug: str, session_slug: str, session_id: str) -> str:
    """The hub's name of a session's server, the same for ever.

    At most 30 characters of `[a-z0-9-]`, starting with a letter, ending with a letter or digit, single
    hyphens: what JupyterHub 6 accepts (its `upgrading-v6` page).
    """
    digest = base64.b32encode(hashlib.sha256(session_id.encode()).digest()).decode().lower()[:8]
    parts = (project_slug[:10], session_slug[:8], digest)
    name = re.sub(r"-+", "-", "-".join(part.strip("-") for part in parts if part.strip("-")))
    return name if name[0].isalpha() else f"s{name}"
