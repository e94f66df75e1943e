"""What a session's pod says while it runs: the program's log, and that of the gate beside it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial

from spawner.kubernetes.logs import Container, PassedLog
from spawner.kubernetes.reflectors import Raw
from spawner.kubernetes.why import facts
from spawner.pod.names import GATE, SESSION
from spawner.reporter import Reporter


class Outputs:
    """Passes on what the program says, and the gate if the pod has one.

    Args:
        since: when the last line of the program was written that the API has; empty: none.
        is_adopted: whether an earlier hub began. How far the gate's few lines came then is not kept: only new
            ones are passed on.
        is_over: whether the session has ended.
        on_delivered: gets `Line.at` of the program's last line that the API has.
    """

    def __init__(
        self,
        pod: Raw,
        reporter: Reporter,
        *,
        since: str,
        is_adopted: bool,
        is_over: Callable[[], bool],
        on_delivered: Callable[[str], None],
        log: logging.Logger,
    ) -> None:
        namespace, name = pod["metadata"]["namespace"], pod["metadata"]["name"]
        passed = partial(PassedLog, reporter=reporter, is_over=is_over, log=log)
        self._program = passed(
            Container(namespace, name, SESSION), source="session", since=since, on_delivered=on_delivered
        )
        self._gate: PassedLog | None = None
        if facts.Pod(pod).container(GATE) is not None:
            from_now = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}" if is_adopted else ""
            self._gate = passed(Container(namespace, name, GATE), source="gate", since=from_now)

    async def close(self, *, is_told: bool = True) -> None:
        """Passes on what is left, and follows no more; `is_told` as of `PassedLog`."""
        if self._gate is not None:
            await self._gate.close(is_told=False)
        await self._program.close(is_told=is_told)

    @property
    def last_lines(self) -> str:
        """The last lines of the program."""
        return self._program.last_lines
