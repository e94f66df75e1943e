"""`python -m sessions_api`: the service, configured by the environment."""

import contextlib
import logging
import sys

import uvicorn

from sessions_api.main import create_app
from sessions_api.settings import Settings

_START_FAILED = 3
"""What uvicorn's own command ends with."""


def main() -> None:
    """Serves until it is told to end."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    for talkative in ("httpx", "httpx2", "alembic"):
        logging.getLogger(talkative).setLevel(logging.WARNING)
    settings = Settings()
    app = create_app(settings)
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            host=settings.host,
            port=settings.port,
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            # As long as the hub's own server: a proxy that keeps connections must be the one that ends them,
            # or a request meets one that has just been ended, and a person an error.
            timeout_keep_alive=3600,
            # Event streams never end by themselves.
            timeout_graceful_shutdown=1,
        )
    )
    sockets = None
    if settings.internal_port is not None:
        sockets = [
            uvicorn.Config(app, host=settings.host, port=port, log_config=None).bind_socket()
            for port in (settings.port, settings.internal_port)
        ]
    with contextlib.suppress(KeyboardInterrupt):
        server.run(sockets)
    if not server.started:
        sys.exit(_START_FAILED)


main()
