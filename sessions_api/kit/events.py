"""Wakes who waits for a change in this process. The truth is in the database; this says: look again."""

import asyncio
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager


class Subscription:
    """What one waiter holds."""

    def __init__(self) -> None:
        self._changed = asyncio.Event()

    def wake(self) -> None:
        """Says that something changed."""
        self._changed.set()

    async def wait(self, seconds: float) -> bool:
        """Waits for a change since the last call; False when none came within `seconds`."""
        try:
            # Not asyncio.wait_for: until Python 3.12 it loses a cancellation that meets the change.
            async with asyncio.timeout(seconds):
                await self._changed.wait()
        except TimeoutError:
            return False
        self._changed.clear()
        return True


class Bus:
    """Topics and who waits for them."""

    def __init__(self) -> None:
        self._waiting: dict[str, set[Subscription]] = defaultdict(set)

    def publish(self, *topics: str) -> None:
        """Wakes all who wait for any of `topics`."""
        for topic in topics:
            for subscription in self._waiting.get(topic, ()):
                subscription.wake()

    def wake_all(self) -> None:
        """Wakes everybody, for when it is not known what changed."""
        self.publish(*self._waiting)

    @contextmanager
    def subscribe(self, *topics: str) -> Iterator[Subscription]:
        """Subscribe first, then read the database, then wait: nothing is missed."""
        subscription = Subscription()
        for topic in topics:
            self._waiting[topic].add(subscription)
        try:
            yield subscription
        finally:
            for topic in topics:
                self._waiting[topic].discard(subscription)
                if not self._waiting[topic]:
                    del self._waiting[topic]
