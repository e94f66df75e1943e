"""`python -m sessions_api`: the service, configured by the environment."""

import logging

import uvicorn

from sessions_api.main import create_app
from sessions_api.settings import Settings


def main() -> None:
    """Serves until it is told to end."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    for talkative in ("httpx", "httpx2", "alembic"):
        logging.getLogger(talkative).setLevel(logging.WARNING)
    settings = Settings()
    uvicorn.run(
        create_app(settings),
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        # Event streams never end by themselves.
        timeout_graceful_shutdown=1,
    )


main()
