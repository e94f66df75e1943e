"""Timetables as JSON."""

from datetime import datetime
from typing import Annotated, Literal, Self, get_args

from pydantic import AfterValidator, Field, StringConstraints

from sessions_api.kit.schemas import Schema
from sessions_api.timetables.outcomes import Outcome
from sessions_api.timetables.parts import Wanted, Whole
from sessions_api.timetables.tables import TimetableEntry

Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
DAYS: tuple[Day, ...] = get_args(Day)


def _in_order(days: list[Day]) -> list[Day]:
    return sorted(set(days), key=DAYS.index)


class TimeOfWeek(Schema):
    """A time of day on some weekdays.

    Attributes:
        at: as `08:30`.
    """

    at: Annotated[
        str,
        StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$"),
        Field(description="Time of day from 00:00 to 23:59.", examples=["08:30"]),
    ]
    days: Annotated[
        list[Day],
        AfterValidator(_in_order),
        Field(min_length=1, max_length=7, examples=[["mon", "tue", "wed", "thu", "fri"]]),
    ]

    @property
    def wanted(self) -> Wanted:
        """The same for the rules."""
        return Wanted(self.at, tuple(DAYS.index(day) + 1 for day in self.days))


class TimetablePut(Schema):
    """When a session of yours starts, and pauses, by itself.

    Attributes:
        zone: IANA name of the time zone of both times.
        start: when it starts, or resumes where it is paused; null: never by itself.
        pause: from when on it pauses as soon as nobody uses it; null: not for the time.
    """

    zone: Annotated[str, StringConstraints(min_length=1, max_length=60), Field(examples=["Europe/Berlin"])]
    start: TimeOfWeek | None = None
    pause: TimeOfWeek | None = None

    @property
    def times(self) -> dict[str, Wanted | None]:
        """By what is to happen."""
        return {
            "start": self.start.wanted if self.start else None,
            "pause": self.pause.wanted if self.pause else None,
        }


class TimeRead(Schema):
    """A time of a timetable.

    Attributes:
        next_at: when it comes next.
        last: what became of it the last time; null: it has not come yet.
    """

    at: str
    days: list[Day]
    next_at: datetime
    last: Outcome | None

    @classmethod
    def of(cls, entry: TimetableEntry | None) -> Self | None:
        """As JSON; None stays so."""
        if entry is None:
            return None
        days = [DAYS[day - 1] for day in entry.days]
        last = Outcome.model_validate(entry.told) if entry.told else None
        return cls(at=entry.at, days=days, next_at=entry.next_at, last=last)


class TimetableRead(Schema):
    """A timetable: whose, of which session, in which time zone, and its times."""

    project: str
    session: str
    person: str
    zone: str
    start: TimeRead | None
    pause: TimeRead | None
    updated_at: datetime

    @classmethod
    def made(cls, whole: Whole, *, project: str, session: str) -> Self:
        """With the slugs of its project and session."""
        return cls(
            project=project,
            session=session,
            person=whole.timetable.person,
            zone=whole.timetable.zone,
            start=TimeRead.of(whole.start),
            pause=TimeRead.of(whole.pause),
            updated_at=whole.timetable.updated_at,
        )
