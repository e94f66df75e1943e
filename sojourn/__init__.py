"""The `sojourn` command, the Python client, and Sojourn on a laptop.

What the client offers is found here too: `with sojourn.Client.from_data() as client: …`
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sojourn.client import AsyncClient, Client, Conflict, NotFound, NotRunning, SojournError

__all__ = ["AsyncClient", "Client", "Conflict", "NotFound", "NotRunning", "SojournError"]


def __getattr__(name: str) -> Any:
    # The command and the hub import this package too, and most of what they do needs no HTTP client.
    if name in __all__:
        return getattr(import_module("sojourn.client"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
