"""What is measured of one start."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True)
class Click:
    """From the request that starts a session to its first answer through the proxy.

    Attributes:
        began, opened: seconds since 1970.
    """

    person: str
    began: float
    opened: float

    @property
    def seconds(self) -> float:
        """How long it took."""
        return self.opened - self.began


class Contender(Protocol):
    """Something that starts sessions."""

    def click(self, person: str) -> Click:
        """Starts the person's session and opens it."""
        ...

    def stop(self, person: str) -> None:
        """Ends it; what it needs on disk stays, so that the next start finds it."""
        ...

    def log(self) -> str:
        """What its hub wrote, at the level DEBUG."""
        ...


def seen(log: str, click: Click) -> float:
    """When a hub saw that the session of a click answers, in seconds since 1970, by the hub's own log.

    JupyterHub asks every server before it calls it ready (`jupyterhub.utils.wait_for_http_server`).
    """
    saw = re.compile(
        rf"^\[D (\S+ \S+) .*Server at \S+/user/{click.person}/\S* responded with \d", re.MULTILINE
    )
    times = (datetime.fromisoformat(at).astimezone().timestamp() for at in saw.findall(log))
    return next(at for at in times if at > click.began)
