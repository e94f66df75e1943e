"""From timetables to what pages show of them."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sessions_api.runs.tables import Run
from sessions_api.timetables.outcomes import Outcome
from sessions_api.timetables.parts import Whole
from sessions_api.timetables.schemas import DAYS
from sessions_api.timetables.tables import TimetableEntry
from sessions_api.web.forms import Form
from sessions_api.web.parts import Action, Hint

PARTS = (
    (
        "start",
        "Start at",
        "Then it is ready when you come. What is paused is resumed; what runs already runs on.",
    ),
    (
        "pause",
        "Pause at",
        "From then on it pauses once nobody uses it, and says so before. What you start later goes on.",
    ),
)
NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
WORKDAYS = DAYS[:5]
_VERBS = {"start": "Starts", "pause": "Pauses"}
_NEXT_TO = timedelta(days=1)


def upcoming(whole: Whole | None, now: datetime) -> tuple[str, ...]:
    """`Starts Monday 08:30`, `Pauses today 18:00 when unused`, by the clock that they were said in."""
    if whole is None:
        return ()
    zone = ZoneInfo(whole.timetable.zone)
    found = [entry for entry in (whole.start, whole.pause) if entry is not None]
    return tuple(
        f"{_VERBS[entry.what]} {_when(entry, zone, now)}{' when unused' if entry.what == 'pause' else ''}"
        for entry in sorted(found, key=lambda entry: entry.next_at)
    )


def _when(entry: TimetableEntry, zone: ZoneInfo, now: datetime) -> str:
    local, today = entry.next_at.astimezone(zone), now.astimezone(zone).date()
    day = {today: "today", today + _NEXT_TO: "tomorrow"}.get(local.date(), f"{local:%A}")
    if local.date() - today >= 7 * _NEXT_TO:
        day = f"{local.day} {local:%b}"
    other = "" if local.utcoffset() == now.astimezone().utcoffset() else f" ({zone.key})"
    return f"{day} {local:%H:%M}{other}"


def hints(whole: Whole | None, run: Run | None, base: str, *, editor: bool) -> tuple[Hint, ...]:
    """What went otherwise than it was wanted, until the person does something with the session themselves."""
    if whole is None:
        return ()
    found = []
    for entry in (whole.start, whole.pause):
        told = Outcome.model_validate(entry.told) if entry is not None and entry.told else None
        if told is None or not told.sentence or not _is_news(told, run):
            continue
        found.append(hint(told, base, editor=editor))
    return tuple(found)


def _is_news(told: Outcome, run: Run | None) -> bool:
    if told.run is not None:
        return run is not None and run.id == told.run and run.phase in {"queued", "launching", "running"}
    return run is None or run.launched_at <= told.at


def hint(told: Outcome, base: str, *, editor: bool) -> Hint:
    """What became of a time, with what can be done where it was refused."""
    if told.became != "refused":
        return Hint(told.sentence, "clock", "warn" if told.became == "skipped" else "")
    configure = (Action("Configure", f"{base}/configure"),) if editor else ()
    text = " ".join(filter(None, ("It was not started by your times.", told.sentence, told.hint)))
    return Hint(text, "clock", "warn", configure)


def form(whole: Whole | None, zone: str) -> Form:
    """The form of the times as they are; without any, workdays are ticked."""
    values: dict[str, list[str]] = {"zone": [whole.timetable.zone if whole else zone]}
    for what in ("start", "pause"):
        entry = getattr(whole, what, None)
        values[f"{what}_at"] = [entry.at if entry else ""]
        values[f"{what}_days"] = [DAYS[day - 1] for day in entry.days] if entry else list(WORKDAYS)
    return Form(values)


def sent(form: Form) -> dict[str, object]:
    """The form as a JSON body would say it; a time that is empty is none."""
    body: dict[str, object] = {"zone": form.value("zone")}
    for what in ("start", "pause"):
        if at := form.value(f"{what}_at").strip():
            # Browsers that count seconds of a time send them.
            body[what] = {
                "at": at.removesuffix(":00") if at.count(":") > 1 else at,
                "days": _days(form, what),
            }
    return body


def _days(form: Form, what: str) -> list[str]:
    return list(form.values.get(f"{what}_days", ()))
