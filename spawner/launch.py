"""One launch on its way: its spec, its reporter and the stages it reports."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from spawner.failures import LaunchFailedError
from spawner.outcome import Outcome
from spawner.reasons import Reason
from spawner.reporter import Reporter
from spawner.spec import LaunchSpec


@dataclass(frozen=True)
class Ending:
    """How a session's program ended.

    Attributes:
        orderly: it ended by itself and without an error, as when a person shuts it down from within.
    """

    reason: Reason
    orderly: bool = False


class Launch:
    """What the steps of one launch share."""

    def __init__(self, spec: LaunchSpec, reporter: Reporter) -> None:
        self.spec = spec
        self.reporter = reporter

    @asynccontextmanager
    async def stage(self, key: str) -> AsyncIterator[Outcome]:
        """Reports that a stage began, and how it ended; its steps may change the outcome."""
        self.reporter.stage(key, "now")
        outcome = Outcome()
        try:
            yield outcome
        except asyncio.CancelledError:
            # Neither done nor failed: something else ended the launch, and that is reported.
            raise
        except LaunchFailedError as failure:
            self.reporter.stage(key, "fail", failure.reason.sentence)
            raise
        except Exception:
            self.reporter.stage(key, "fail")
            raise
        self.reporter.stage(key, outcome.state, outcome.detail)

    def logger(self, source: str) -> Callable[[str], None]:
        """A function that reports its argument as a log line of `source`."""
        return lambda text: self.reporter.log(source, text)
