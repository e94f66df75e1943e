"""When a time of day on chosen weekdays comes next, in a named time zone. Asks nobody."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

_MINUTE, _DAY = timedelta(minutes=1), timedelta(days=1)
_NO_PLACES = frozenset({"Factory", "localtime"})
"""Files among the zones that name none."""


@cache
def zones() -> tuple[str, ...]:
    """The names of all time zones (IANA), also older ones of zones that were renamed."""
    return tuple(sorted(available_timezones() - _NO_PLACES))


def occurrence(day: date, at: time, zone: ZoneInfo) -> datetime:
    """The moment, in UTC, at which it is a time of day on a day.

    A time that is skipped there, as when summer time begins, is the next minute that there is; of a time that
    comes twice it is the first.
    """
    wanted = datetime.combine(day, at)
    while True:
        moment = wanted.replace(tzinfo=zone, fold=0).astimezone(UTC)
        if moment.astimezone(zone).replace(tzinfo=None) == wanted:
            return moment
        wanted += _MINUTE


def following(after: datetime, at: time, days: Collection[int], zone: ZoneInfo) -> datetime:
    """The first moment later than `after` at which it is that time on one of the days (Monday is 1)."""
    day = after.astimezone(zone).date() - _DAY
    while True:
        if day.isoweekday() in days and (moment := occurrence(day, at, zone)) > after:
            return moment
        day += _DAY
