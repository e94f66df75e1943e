"""What can be asked of the API about the times at which sessions start and pause by themselves."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sojourn.client.call import Call, Pages, match, nothing, path_of
from sojourn.client.models import Answer


class Outcome(Answer):
    """What became of a time.

    Attributes:
        due: the time.
        at: when Sojourn acted on it.
        became: `started`, `resumed`, `live`, `refused`, `skipped`, `pausing` or `nothing`.
        run: the run that it is about.
        code: why it was refused.
        sentence: all of it in words.
        hint: what to do about it.
    """

    due: datetime
    at: datetime
    became: str
    run: str | None
    code: str | None
    sentence: str
    hint: str | None


class TimeOfWeek(Answer):
    """A time of day on some weekdays.

    Attributes:
        at: as `08:30`.
        days: as `mon`.
        next_at: when it comes next.
        last: what became of it the last time.
    """

    at: str
    days: tuple[str, ...]
    next_at: datetime
    last: Outcome | None


class Timetable(Answer):
    """When a session starts and pauses by itself for a person.

    Attributes:
        project, session: their slugs.
        zone: IANA name of the time zone of its times.
        start: when it starts, or resumes.
        pause: from when on it pauses once nobody uses it.
    """

    project: str
    session: str
    person: str
    zone: str
    start: TimeOfWeek | None
    pause: TimeOfWeek | None
    updated_at: datetime


def _time(wanted: tuple[str, Sequence[str]] | None) -> dict[str, object] | None:
    return None if wanted is None else {"at": wanted[0], "days": list(wanted[1])}


class TimetableCalls:
    """Your timetables, one for each session that you gave one."""

    def list(self) -> Pages[Timetable]:
        """All of yours, newest first."""
        return Pages("/me/timetables", Timetable)

    def list_everybodys(self) -> Pages[Timetable]:
        """Everybody's, newest first; for platform administrators."""
        return Pages("/admin/timetables", Timetable)

    def get(self, project: str, session: str) -> Call[Timetable]:
        """Yours of one session."""
        return Call("GET", _at(project, session), Timetable.read)

    def put(
        self,
        project: str,
        session: str,
        *,
        zone: str,
        start: tuple[str, Sequence[str]] | None = None,
        pause: tuple[str, Sequence[str]] | None = None,
        if_match: str | None = None,
    ) -> Call[Timetable]:
        """Gives a session times of yours, in the place of those before.

        Args:
            project: its slug.
            session: slug or id.
            zone: IANA name of a time zone, for instance `Europe/Berlin`.
            start: when it starts or resumes, as `("08:30", ["mon", "fri"])`.
            pause: from when on it pauses once nobody uses it, likewise.
            if_match: the ETag of the times that are there.
        """
        body = {"zone": zone, "start": _time(start), "pause": _time(pause)}
        return Call("PUT", _at(project, session), Timetable.read, body, headers=match(if_match))

    def remove(self, project: str, session: str) -> Call[None]:
        """Takes your times of a session away."""
        return Call("DELETE", _at(project, session), nothing)


def _at(project: str, session: str) -> str:
    return path_of("projects", project, "sessions", session, "timetable")
