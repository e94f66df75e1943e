"""When the session was last used, told to the hub now and then."""

from __future__ import annotations

import asyncio
import logging
import random
import time

from spawner.gate.hub import Hub, HubAwayError

_RETRY_SECONDS = 15.0
_JITTER = 0.1
"""So that the gates of many sessions do not report in step."""

log = logging.getLogger(__name__)


class Activity:
    """The moment of the last use. Nothing is reported when there was none since the last report."""

    def __init__(self) -> None:
        self._last = 0.0

    def saw(self) -> None:
        """Somebody uses the session right now."""
        self._last = time.time()

    async def report(self, hub: Hub, seconds: float) -> None:
        """Reports to the hub every so many seconds; never returns."""
        reported = 0.0
        pause = seconds
        while True:
            await asyncio.sleep(pause * random.uniform(1 - _JITTER, 1 + _JITTER))  # noqa: S311 - no secret
            pause = seconds
            if (last := self._last) == reported:
                continue
            try:
                await hub.report_activity(last)
                reported = last
            except HubAwayError as error:
                log.warning("The hub did not take the report of activity: %s", error)
                pause = min(seconds, _RETRY_SECONDS)
