"""Timetables and their times."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from sessions_api.kit.db import Base
from sessions_api.people.tables import PERSON
from sessions_api.projects.tables import ID


class Timetable(Base):
    """What one person wants of one session, by the week.

    Attributes:
        zone: the IANA name of the time zone that its times are in.
    """

    __tablename__ = "timetables"
    __table_args__ = (UniqueConstraint("person", "session_id"),)

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    person: Mapped[str] = mapped_column(PERSON)
    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), index=True)
    session_id: Mapped[str] = mapped_column(ForeignKey("sessions.id", ondelete="CASCADE"), index=True)
    zone: Mapped[str] = mapped_column(String(60))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    revision: Mapped[int] = mapped_column(default=1)


class TimetableEntry(Base):
    """A time at which the session starts, or from which on it pauses.

    Attributes:
        what: `start` or `pause`.
        at: the time of day, as `08:30`.
        days: weekdays, from 1 for Monday to 7.
        next_at: when that is next; moved on in the transaction that acts, so that nothing happens twice.
        passed_at: a time that was let pass, being long over; a clock that is set back lets it come again.
        told: what became of the last time (`outcomes.Outcome`).
    """

    __tablename__ = "timetable_entries"

    timetable_id: Mapped[str] = mapped_column(
        ForeignKey("timetables.id", ondelete="CASCADE"), primary_key=True
    )
    what: Mapped[str] = mapped_column(String(5), primary_key=True)
    at: Mapped[str] = mapped_column(String(5))
    days: Mapped[list[Any]]
    next_at: Mapped[datetime] = mapped_column(index=True)
    passed_at: Mapped[datetime | None] = mapped_column(index=True)
    told: Mapped[dict[str, Any] | None]
