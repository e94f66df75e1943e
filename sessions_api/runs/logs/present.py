"""From a run's log to what its page shows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from urllib.parse import urlencode

from sessions_api.projects.tables import Project
from sessions_api.runs import present
from sessions_api.runs.lines import Lines
from sessions_api.runs.logs.views import LogPage
from sessions_api.runs.states import LIVE
from sessions_api.runs.tables import Run, RunEvent
from sessions_api.sessions.tables import Session
from sessions_api.web import words
from sessions_api.web.parts import Crumb

MOST = 2000
"""Lines on the page; the file has all."""

_LABELS = {
    "build": "Building the environment",
    "pull": "Pulling the image",
    "clone": "Cloning",
    "session": "Session",
    "gate": "Gate",
    "sojourn": "Sojourn",
}


def log_page(
    run: Run,
    belongs: tuple[Project, Session],
    lines: Sequence[RunEvent],
    sources: Sequence[tuple[int, str]],
    wanted: Lines,
    *,
    begun: datetime,
    now: datetime,
) -> LogPage:
    """Everything the page of a log shows; `begun`: when the attempt did that it shows."""
    project, session = belongs
    attempt = wanted.attempt or run.attempt
    path = f"/runs/{run.id}/log"
    kept = {"container": wanted.container, "attempt": attempt, "search": wanted.search}
    query = urlencode({name: value for name, value in kept.items() if value})
    said = {source for of, source in sources if of == attempt} | set(filter(None, [wanted.container]))
    known = [source for source in _LABELS if source in said]
    attempts = sorted({of for of, _ in sources} | {attempt, run.attempt}, reverse=True)
    live = attempt == run.attempt and run.phase in LIVE
    to_project = Crumb(project.name, present.project_path(project))
    return LogPage(
        id=run.id,
        name=session.name,
        crumbs=(
            Crumb("Projects", "/projects"),
            to_project,
            Crumb(session.name, f"/runs/{run.id}"),
            Crumb("Log"),
        ),
        status=present.status(run, now),
        path=path,
        containers=tuple(
            (each, _LABELS.get(each, each)) for each in (*known, *sorted(said - _LABELS.keys()))
        ),
        container=wanted.container or "",
        attempts=tuple((each, _attempt(each)) for each in attempts),
        attempt=attempt,
        search=wanted.search,
        lines=present.log_lines(begun, lines),
        note=_note(len(lines), live=live),
        start=begun,
        download=f"{path}.txt?{query}",
        events=f"/api/v1/runs/{run.id}/events" if live else "",
    )


def _attempt(number: int) -> str:
    return "First launch" if number == 1 else f"Resume {number - 1}"


def _note(lines: int, *, live: bool) -> str:
    shown = words.count(lines, "line") if lines < MOST else f"the last {words.count(MOST, 'line')}"
    return f"{shown}, new ones follow" if live else shown
