"""`python -m spawner.gate`: configured by environment variables only, see `Settings`."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import sys

from spawner.gate.gate import Gate
from spawner.gate.settings import Settings, SettingsError

_BACKLOG = 1024
_END_SECONDS = 10.0

log = logging.getLogger("spawner.gate")


async def _run(settings: Settings) -> None:
    gate, loop = Gate(settings), asyncio.get_running_loop()
    told_to_end = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, told_to_end.set)
    server = await loop.create_server(gate.connection, settings.host or None, settings.port, backlog=_BACKLOG)
    log.info(
        "The gate listens on port %d for %s and passes on to %s.",
        *(settings.port, settings.prefix, settings.app_socket or f"127.0.0.1:{settings.app_port}"),
    )
    background = asyncio.create_task(gate.background())
    background.add_done_callback(lambda _: told_to_end.set())
    await told_to_end.wait()
    server.close()
    await gate.end(_END_SECONDS)
    background.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await background


def main() -> int:
    """Runs until SIGTERM; 1 if it cannot begin."""
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s")
    try:
        asyncio.run(_run(Settings.of(os.environ)))
    except (SettingsError, OSError) as error:
        log.error("%s", error)  # noqa: TRY400 - a sentence, no fault of the program
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
