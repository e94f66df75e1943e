"""When the Kubernetes API was last away."""

from __future__ import annotations

import math
import time

FRESH_SECONDS = 30.0
"""How long after it the cluster's parts may not know all they should."""


class Outages:
    """What a hub saw of its API being away.

    An API server that has just started may forbid everything for a moment, to whom it allows it otherwise:
    it answers before it has read the roles (seen with Kubernetes 1.35 within a second of its start).
    """

    def __init__(self) -> None:
        self._last = -math.inf

    def note(self) -> None:
        """The API did not answer just now."""
        self._last = time.monotonic()

    @property
    def is_fresh(self) -> bool:
        """Whether the API was away a moment ago, so that its "forbidden" may not be its last word."""
        return time.monotonic() - self._last < FRESH_SECONDS


outages = Outages()
"""Of the API that this process asks."""
