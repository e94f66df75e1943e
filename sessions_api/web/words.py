"""The words for times, dates and sizes, the same on every page.

Times are shown in the time zone of the server: on a laptop that is the reader's own.
"""

from __future__ import annotations

from datetime import datetime, timedelta

MINUTE = 60
HOUR = 60 * MINUTE
DAY = 24 * HOUR


def duration(seconds: float) -> str:
    """`14 s`, `1 min 20 s`, `41 min`, `2 h 14 min`, `3 days 4 h`; never negative."""
    whole = max(0, int(seconds))
    if whole < MINUTE:
        return f"{whole} s"
    if whole < 10 * MINUTE:
        return _two(whole // MINUTE, "min", whole % MINUTE, "s")
    if whole < HOUR:
        return f"{whole // MINUTE} min"
    if whole < DAY:
        return f"{whole // HOUR} h {whole % HOUR // MINUTE:02} min"
    days = whole // DAY
    return _two(days, "day" if days == 1 else "days", whole % DAY // HOUR, "h")


def precise(seconds: float) -> str:
    """Like `duration`, with tenths of a second below one minute: `0.3 s`, `12.6 s`."""
    if seconds >= MINUTE:
        return duration(seconds)
    return f"{max(0.0, seconds):.1f} s"


def _two(first: int, first_unit: str, second: int, second_unit: str) -> str:
    return f"{first} {first_unit} {second} {second_unit}" if second else f"{first} {first_unit}"


def day(at: datetime, now: datetime) -> str:
    """`18 Nov`, with the year when it is not this one."""
    local = at.astimezone()
    words = f"{local.day} {local:%b}"
    return words if local.year == now.astimezone().year else f"{words} {local.year}"


def moment(at: datetime, now: datetime) -> str:
    """`20 Nov, 14:05:21`: a day and the time of day."""
    return f"{day(at, now)}, {at.astimezone():%H:%M:%S}"


def ago(at: datetime, now: datetime) -> str:
    """`just now`, `9 min ago`, `3 h ago`, `yesterday`, then the day."""
    seconds = (now - at).total_seconds()
    if seconds < 10:  # noqa: PLR2004 - shorter than it takes to read the sentence
        return "just now"
    if seconds < HOUR:
        return f"{duration(seconds // MINUTE * MINUTE or seconds)} ago"
    distance = now.astimezone().date() - at.astimezone().date()
    if not distance or seconds < 6 * HOUR:
        return f"{int(seconds // HOUR)} h ago"
    return "yesterday" if distance == timedelta(days=1) else day(at, now)


def since(at: datetime, now: datetime) -> str:
    """`since 14:05` today, `since yesterday`, `since 18 Nov`."""
    distance = now.astimezone().date() - at.astimezone().date()
    if not distance:
        return f"since {at.astimezone():%H:%M}"
    return "since yesterday" if distance == timedelta(days=1) else f"since {day(at, now)}"


def usual(p50: float | None, p95: float | None) -> str:
    """`usually 31 s, up to 1 min 20 s` from seconds; empty without history."""
    if p50 is None:
        return ""
    typical = f"usually {duration(max(1, round(p50)))}"
    if p95 is None or round(p95) <= round(p50):
        return typical
    return f"{typical}, up to {duration(round(p95))}"


def number(value: float) -> str:
    """At most one decimal, none when it is zero: `2`, `0.5`, `3.1`."""
    return f"{value:.1f}".removesuffix(".0")


def resources(cpus: float | None, memory_gib: float | None) -> str:
    """`2 CPU, 8 GiB`; what is not limited is left out, `no limits` when nothing is."""
    parts = [
        f"{cpus:g} CPU" if cpus is not None else "",
        f"{memory_gib:g} GiB" if memory_gib is not None else "",
    ]
    return ", ".join(part for part in parts if part) or "no limits"


def count(amount: int, one: str, many: str | None = None) -> str:
    """`1 session`, `3 sessions`."""
    return f"{amount:,} {one if amount == 1 else many or one + 's'}".replace(",", "\N{NO-BREAK SPACE}")


def listed(names: tuple[str, ...]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    if len(names) < 2:  # noqa: PLR2004 - one name needs no `and`
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"
