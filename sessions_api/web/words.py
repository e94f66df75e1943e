"""The words for times, dates and sizes, the same on every page.

Times are shown in the time zone of the server: on a laptop that is the reader's own.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from spawner.spec import ResourcesSpec

MINUTE = 60
HOUR = 60 * MINUTE
DAY = 24 * HOUR
_THOUSAND = 1000
"""Registries count bytes in powers of ten."""


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


def span(length: timedelta | None) -> str:
    """A length that somebody chose: `20 min`, `2 h`, `1 h 30 min`, `3 days`; empty of none."""
    if length is None:
        return ""
    seconds = round(length.total_seconds())
    if seconds < HOUR:
        return duration(seconds)
    if seconds < 2 * DAY:
        return _two(seconds // HOUR, "h", seconds % HOUR // MINUTE, "min")
    return _two(seconds // DAY, "days", seconds % DAY // HOUR, "h")


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


def minute(at: datetime, now: datetime) -> str:
    """`20 Nov, 14:05`: until when something goes on, where seconds tell nobody anything."""
    return f"{day(at, now)}, {at.astimezone():%H:%M}"


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


def clock_time(at: datetime, now: datetime) -> str:
    """`14:30` today, `27 Nov, 09:00` on other days."""
    local = at.astimezone()
    same = local.date() == now.astimezone().date()
    return f"{local:%H:%M}" if same else f"{day(at, now)}, {local:%H:%M}"


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


def size(amount: int) -> str:
    """Bytes of images and of what is read of them, as `40 kB`, `612 MB` or `1.9 GB`."""
    if amount < _THOUSAND:
        return f"{amount} B"
    value, units = amount / _THOUSAND, iter(("kB", "MB", "GB", "TB"))
    unit = next(units)
    # What would be rounded to 1000 of one unit is 1 of the next.
    while value >= _THOUSAND - 0.5 and (larger := next(units, "")):
        value, unit = value / _THOUSAND, larger
    return f"{value:.1f} {unit}" if value < 9.95 and unit != "kB" else f"{value:.0f} {unit}"  # noqa: PLR2004


def memory(amount: float) -> str:
    """Bytes as limits of memory are said: `512 MiB`, `1.2 GiB`."""
    mib = amount / 1024**2
    return f"{mib:.0f} MiB" if mib < 1000 else f"{number(mib / 1024)} GiB"  # noqa: PLR2004 - four digits are many


def resources(spec: ResourcesSpec) -> str:
    """`2 CPU, 8 GiB, 1 GPU`; what is not limited is left out, `no limits` when nothing is."""
    parts = [
        f"{spec.cpus:g} CPU" if spec.cpus is not None else "",
        f"{spec.memory_gib:g} GiB" if spec.memory_gib is not None else "",
        f"{spec.gpus} GPU" if spec.gpus else "",
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
