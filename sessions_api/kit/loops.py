"""What a process does again and again as long as it lives."""

import logging
from collections.abc import Awaitable, Callable


async def forever(
    look: Callable[[], Awaitable[object]],
    rest: Callable[[], Awaitable[object]],
    log: logging.Logger,
    *,
    failed: str,
    away: tuple[type[Exception], ...] = (),
    nothing: str = "",
) -> None:
    """Looks, rests and looks again until cancelled.

    No look ends the loop: the database may be away, and what is to be done is still there when it is back.

    A look that failed is told of in the log, with `failed` and what went wrong; one that raised one of
    `away`, because somebody it asks does not answer, in a line that begins with `nothing`.
    """
    while True:
        try:
            await look()
        except away as error:
            log.info("%s: %s", nothing, error)
        except Exception:
            log.exception(failed)
        await rest()
