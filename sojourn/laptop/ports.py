"""Which TCP ports of 127.0.0.1 to listen on."""

from __future__ import annotations

import contextlib
import random
import socket

from sojourn.laptop.data import Ports
from sojourn.laptop.errors import LaptopError

_INTERNAL = range(20000, 32768)
"""Below what Linux gives to outgoing connections (ip_local_port_range): they stay free between two `up`."""


def is_free(port: int) -> bool:
    """Whether a server could listen on this port now."""
    with contextlib.closing(socket.socket(socket.AF_INET, socket.SOCK_STREAM)) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def check_public(port: int) -> None:
    """Refuses a public port that cannot be had.

    Raises:
        LaptopError: another program has it; the message names a free one.
    """
    if is_free(port):
        return
    free = next((other for other in range(port + 1, 65536) if is_free(other)), None)
    remedy = f"Start with `sojourn up --port {free}`." if free else "End that program."
    raise LaptopError(f"Port {port} of this computer is taken by another program. {remedy}")


def choose(public: int, last: Ports | None) -> Ports:
    """The ports of this `up`: the last ones where they are free, else new ones.

    Raises:
        LaptopError: there are no free ports.
    """
    taken = {public}

    def keep_or_find(port: int | None) -> int:
        candidates = [port] if port is not None else []
        candidates += random.sample(_INTERNAL, 100)
        for candidate in candidates:
            if candidate not in taken and is_free(candidate):
                taken.add(candidate)
                return candidate
        raise LaptopError(
            f"No free port between {_INTERNAL[0]} and {_INTERNAL[-1]}. End programs that listen there."
        )

    return Ports(
        public=public,
        hub=keep_or_find(last.hub if last else None),
        api=keep_or_find(last.api if last else None),
        proxy=keep_or_find(last.proxy if last else None),
    )
