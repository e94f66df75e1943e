"""A timetable as a whole, and a time of it that has come."""

from __future__ import annotations

from dataclasses import dataclass

from sessions_api.timetables.tables import Timetable, TimetableEntry


@dataclass(frozen=True, slots=True)
class Wanted:
    """A time of day, as `08:30`, on some weekdays (Monday is 1)."""

    at: str
    days: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Whole:
    """A timetable with its times."""

    timetable: Timetable
    start: TimetableEntry | None
    pause: TimetableEntry | None


@dataclass(frozen=True, slots=True)
class Due:
    """A time that has come."""

    timetable_id: str
    what: str
    person: str
    session_id: str
