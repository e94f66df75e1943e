"""What pages show of timetables."""

from __future__ import annotations

from dataclasses import dataclass

from sessions_api.web.parts import Crumb, Hint


@dataclass(frozen=True, slots=True)
class TimesPage:
    """The times of one session, as its viewer gave them.

    Attributes:
        parts: what happens, how it is called, and what that means.
        days: value and name of the weekdays.
        revision: of the timetable that the form is based on; 0: there is none.
        next: when something happens next, a sentence each.
        last: what became of the last times.
    """

    name: str
    crumbs: tuple[Crumb, ...]
    parts: tuple[tuple[str, str, str], ...]
    days: tuple[tuple[str, str], ...]
    zones: tuple[str, ...]
    revision: int
    next: tuple[str, ...]
    last: tuple[Hint, ...]
    back: str
