"""Times, sizes and marks read the same everywhere."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from sessions_api.web import filters, words
from sojourn.cli import words as command_words

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (-3, "0 s"),
        (14.9, "14 s"),
        (60, "1 min"),
        (80, "1 min 20 s"),
        (2460, "41 min"),
        (8040, "2 h 14 min"),
        (11100, "3 h 05 min"),
        (86400, "1 day"),
        (3 * 86400 + 4 * 3600, "3 days 4 h"),
    ],
)
def test_durations_have_the_two_units_that_matter(seconds: float, expected: str) -> None:
    assert words.duration(seconds) == expected


SIZES = [
    (0, "0 B"),
    (999, "999 B"),
    (40_300, "40 kB"),
    (999_600, "1.0 MB"),
    (612_000_000, "612 MB"),
    (9_960_000_000, "10 GB"),
    (1_900_000_000, "1.9 GB"),
    (999_700_000_000_000, "1000 TB"),
]


@pytest.mark.parametrize(("amount", "expected"), SIZES)
def test_sizes_are_told_as_registries_count_them_by_pages_and_command_alike(
    amount: int, expected: str
) -> None:
    assert words.size(amount) == expected
    assert command_words.size(amount) == expected


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        (timedelta(seconds=3), "just now"),
        (timedelta(seconds=34), "34 s ago"),
        (timedelta(minutes=9, seconds=40), "9 min ago"),
        (timedelta(hours=3), "3 h ago"),
        (timedelta(days=1), "yesterday"),
        (timedelta(days=3), "18 Nov"),
        (timedelta(days=400), "17 Oct 2025"),
    ],
)
def test_what_is_past_is_told_as_people_do(before: timedelta, expected: str) -> None:
    assert words.ago(NOW - before, NOW) == expected


@pytest.mark.parametrize(
    ("p50", "p95", "expected"),
    [(31, 80, "usually 31 s, up to 1 min 20 s"), (6, 6.2, "usually 6 s"), (None, None, "")],
)
def test_what_is_usual_names_half_and_nearly_all(p50: float | None, p95: float | None, expected: str) -> None:
    assert words.usual(p50, p95) == expected


def test_equal_digests_have_equal_marks() -> None:
    digest = "sha256:9f2c41d0836b5e7a" + "0" * 48

    assert filters.mark(digest) == filters.mark(digest[:30])
    assert filters.mark(digest).startswith("M1 12V4M4 12V0M7 12V8.7M10 12V2")
    assert filters.mark(digest).count("M") == filters.BARS


def test_long_names_may_break_where_their_parts_do_and_stay_whole() -> None:
    shown = filters.breakable("hydro_forecast-v2/<b>.nc")

    assert str(shown) == "hydro_<wbr>forecast-<wbr>v2/&lt;b&gt;.<wbr>nc"


def test_what_stands_between_backticks_is_set_as_code() -> None:
    assert str(filters.sentence("Branch `a<b` is gone.")) == "Branch <code>a&lt;b</code> is gone."
    assert str(filters.sentence("A lone ` stays.")) == "A lone ` stays."
