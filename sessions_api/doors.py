"""What is for the hub and for Prometheus has a port of its own, where an installation gives it one.

Whoever reaches the proxy reaches the other port, which then says nothing of all this; who reaches this one is
a matter of the network's rules.
"""

from http import HTTPStatus

from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

_INSIDE = ("/internal/", "/metrics")
_BOTH = ("/healthz", "/readyz")


class Doors:
    """Answers 404 to requests that came in by the wrong port.

    Args:
        internal_port: where the inside is reached, and nothing else is.
    """

    def __init__(self, app: ASGIApp, internal_port: int) -> None:
        self._app = app
        self._internal_port = internal_port

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes the request on, or refuses it."""
        if scope["type"] == "http" and not scope["path"].startswith(_BOTH):
            is_inside = scope["path"].startswith(_INSIDE)
            if is_inside != (scope["server"][1] == self._internal_port):
                return await Response(status_code=HTTPStatus.NOT_FOUND)(scope, receive, send)
        return await self._app(scope, receive, send)
