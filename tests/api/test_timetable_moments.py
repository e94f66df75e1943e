"""When a time of the week comes next, where clocks are put forward and back."""

from __future__ import annotations

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions_api.timetables import moments

BERLIN = ZoneInfo("Europe/Berlin")
EVERY_DAY = range(1, 8)


def at(text: str, zone: ZoneInfo = BERLIN) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


@pytest.mark.parametrize(
    ("after", "wanted", "days", "comes"),
    [
        ("2026-11-27 08:29", "08:30", (1, 2, 3, 4, 5), "2026-11-27 08:30"),
        ("2026-11-27 08:30", "08:30", (1, 2, 3, 4, 5), "2026-11-30 08:30"),
        ("2026-11-27 12:00", "08:30", (5,), "2026-12-04 08:30"),
        ("2026-03-28 12:00", "08:30", EVERY_DAY, "2026-03-29 08:30"),
        ("2026-10-24 12:00", "08:30", EVERY_DAY, "2026-10-25 08:30"),
    ],
)
def test_a_time_is_by_the_clock_on_the_wall(
    after: str, wanted: str, days: tuple[int, ...], comes: str
) -> None:
    assert moments.following(at(after), time.fromisoformat(wanted), days, BERLIN) == at(comes)


def test_a_time_that_is_skipped_is_the_next_minute_that_there_is() -> None:
    found = moments.following(at("2026-03-28 12:00"), time(2, 30), EVERY_DAY, BERLIN)
    assert found == at("2026-03-29 03:00")
    assert moments.following(found, time(2, 30), EVERY_DAY, BERLIN) == at("2026-03-30 02:30")


def test_a_time_that_comes_twice_comes_once() -> None:
    found = moments.following(at("2026-10-24 12:00"), time(2, 30), EVERY_DAY, BERLIN)
    assert found == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert moments.following(found, time(2, 30), EVERY_DAY, BERLIN) == at("2026-10-26 02:30")


def test_a_day_that_is_skipped_is_the_minute_after_it() -> None:
    apia = ZoneInfo("Pacific/Apia")
    friday = moments.following(at("2011-12-29 12:00", apia), time(8), (5,), apia)
    assert friday == at("2011-12-31 00:00", apia)


@given(
    st.integers(1_577_836_800, 1_893_456_000).map(lambda second: datetime.fromtimestamp(second, UTC)),
    st.times().map(lambda found: found.replace(second=0, microsecond=0)),
    st.sets(st.integers(1, 7), min_size=1),
    st.sampled_from(("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "UTC", "Asia/Kathmandu")),
)
def test_what_follows_is_later_within_eight_days_and_its_own_only_one(
    after: datetime, wanted: time, days: set[int], name: str
) -> None:
    zone = ZoneInfo(name)
    found = moments.following(after, wanted, days, zone)
    assert after < found
    assert (found - after).days <= 8
    assert (
        moments.following(found, wanted, days, zone).astimezone(zone).date() > found.astimezone(zone).date()
    )
