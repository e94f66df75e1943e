"""The one way in which something of a laptop's Sojourn refuses."""

from __future__ import annotations


class LaptopError(Exception):
    """Something cannot be done; the message names the thing and says what helps.

    It is shown as it is, so it holds no secret.
    """
