"""From entries of the audit log to what pages show of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from urllib.parse import urlencode

from sessions_api.audit.dependencies import KINDS
from sessions_api.audit.filters import Filters
from sessions_api.audit.tables import AuditEntry
from sessions_api.audit.verbs import Verb
from sessions_api.audit.views import Activity, Deed
from sessions_api.projects.present import pager
from sessions_api.web import words

_DONE = {
    "create": "created",
    "add": "added",
    "accept": "accepted",
    "put": "set",
    "change": "changed",
    "configure": "configured",
    "remove": "removed",
    "publish": "added a version to",
    "start": "started",
    "resume": "resumed",
    "pause": "paused",
    "keep": "kept alive",
    "resize": "resized",
    "stop": "stopped",
    "cancel": "cancelled",
    "share": "shared",
    "unshare": "ended the sharing of",
    "end": "saw the end of",
    "withdraw": "withdrew",
    "offer": "offered again",
}
_OF = {"run": "a run of", "timetable": "the times of", "kept": "what was kept of"}
_BY = {"hub": "JupyterHub", "system": "Sojourn"}


def did(verb: Verb) -> str:
    """`added the member`, to be followed by its name."""
    kind, _, done = verb.partition(".")
    return f"{_DONE[done]} {_OF.get(kind, f'the {_words(kind)}')}"


def deed(entry: AuditEntry, now: datetime) -> Deed:
    """One entry in a list."""
    return Deed(
        id=entry.id,
        at=words.moment(entry.at, now),
        who=entry.person or _BY[entry.by],
        person=entry.person or "",
        did=did(Verb(entry.verb)),
        name=entry.name,
        details=tuple(_details(entry)),
        project=entry.project_slug or "",
    )


def _details(entry: AuditEntry) -> Iterator[str]:
    for name, value in sorted(entry.details.items()):
        said = words.listed(tuple(map(_words, value))) if isinstance(value, list) else value
        if said not in {"", None}:
            yield f"{_words(name)}: {said}"


def _words(name: str) -> str:
    return name.replace("_", " ")


def activity(
    entries: Sequence[AuditEntry],
    following: str | None,
    now: datetime,
    filters: Filters,
    *,
    path: str,
    api: str,
    first: bool,
    asked: dict[str, str],
) -> Activity:
    """A page of the log; `asked` is what the address says, `api` where programs read it."""
    kept = {name: value for name, value in asked.items() if value}
    verb = {"verb": kept["what"]} if "what" in kept else {}
    query = {name: value for name, value in kept.items() if name in {"person", "project"}} | verb
    return Activity(
        path=path,
        deeds=tuple(deed(entry, now) for entry in entries),
        kinds=tuple((kind, _words(kind).capitalize()) for kind in KINDS),
        person=asked.get("person", ""),
        kind=asked.get("what", ""),
        since=asked.get("since", ""),
        until=asked.get("until", ""),
        project=asked.get("project", ""),
        narrowed=bool(kept),
        download=f"{api}?{urlencode({**query, **_times(filters), 'format': 'ndjson'})}",
        pager=pager(len(entries), "entry", path, following, first=first, **asked),
    )


def _times(filters: Filters) -> dict[str, str]:
    times = {"since": filters.since, "until": filters.until}
    return {name: at.isoformat() for name, at in times.items() if at is not None}
