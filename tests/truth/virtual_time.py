"""Time that passes only while nothing happens: half an hour of waiting takes a second.

The loop's sockets, files and threads are real. Where all tasks wait for a time to come, the clock jumps to
the first of those times, unless the database was asked something and has not answered yet.
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import pytest

BEGAN = datetime(2026, 3, 29, 0, 30, tzinfo=UTC)


class Wrong:
    """How wrong the clock of a computer is."""

    def __init__(self) -> None:
        self.by = timedelta()


CLOCK: ContextVar[Wrong] = ContextVar("clock", default=Wrong())  # noqa: B039 - nobody changes the default
"""The clock of the computer whose program asks."""

_LOOK = 0.002
_PATIENCE = 500
"""Looks, so many seconds apart, before something that does not answer counts as waiting."""

Result = TypeVar("Result")


class _Selector(selectors.DefaultSelector):
    """Answers at once: with what is ready, or with the time having passed that is waited for."""

    loop: VirtualTime

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if ready or timeout == 0:
            return ready
        if timeout is None:
            return super().select(None)
        looks = 0
        while self.loop.is_asked() and looks < _PATIENCE:
            looks += 1
            if ready := super().select(_LOOK):
                return ready
        self.loop.passed += timeout
        return []


class VirtualTime(asyncio.SelectorEventLoop):
    """The event loop.

    Args:
        clocks: modules and the names of their functions that say what time it is; others use them, too,
            between two runs of this loop.

    Attributes:
        passed: seconds since it was made.
        is_asked: whether somebody outside of this process works on an answer.
    """

    def __init__(self, *clocks: tuple[object, str]) -> None:
        self._clocks = clocks
        selector = _Selector()
        selector.loop = self
        self.passed = 0.0
        self.is_asked: Callable[[], bool] = lambda: False
        super().__init__(selector)

    def time(self) -> float:
        """Seconds, as asyncio counts them."""
        return self.passed

    def now(self) -> datetime:
        """What the clock on the wall says, to whoever asks."""
        return BEGAN + timedelta(seconds=self.passed) + CLOCK.get().by

    def do(self, coroutine: Coroutine[Any, Any, Result]) -> Result:
        """Runs it to its end."""
        with pytest.MonkeyPatch.context() as patch:
            for module, name in self._clocks:
                patch.setattr(module, name, self.now)
            return self.run_until_complete(coroutine)
