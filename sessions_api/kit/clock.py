"""The one place that asks what time it is."""

from datetime import UTC, datetime, timedelta


def now() -> datetime:
    """The time, aware, in UTC."""
    return datetime.now(UTC)


def within(moment: datetime, period: timedelta) -> bool:
    """Whether it is less than `period` from now to `moment`, or from `moment` to now.

    A moment further ahead is none to wait for: the clock was set back since, or another computer's is wrong.
    """
    return abs(now() - moment) < period
