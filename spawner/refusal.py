"""`SpawnException`, with which a spawner refuses: JupyterHub's own from 6.0 on, its like before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tornado.web import HTTPError

if TYPE_CHECKING:
    from jupyterhub.spawner import SpawnException
else:
    try:
        from jupyterhub.spawner import SpawnException
    except ImportError:

        class SpawnException(HTTPError):  # noqa: N818 - the name JupyterHub gives it
            """What JupyterHub 5 understands: a status, and a message for the page that shows the failure."""

            def __init__(self, message: str, *, reason: str, status_code: int = 400) -> None:
                super().__init__(status_code, message, reason=reason)
                self.jupyterhub_message = message


__all__ = ["SpawnException"]
