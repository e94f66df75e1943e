"""From a run to what pages show of it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from sessions_api.environments import present as environments
from sessions_api.environments.tables import Environment, EnvironmentVersion
from sessions_api.projects.tables import Project
from sessions_api.registry_logins import hosts as registry_hosts
from sessions_api.runs import sparks
from sessions_api.runs.estimates import Estimate, Span
from sessions_api.runs.states import LIVE, status_of
from sessions_api.runs.tables import Run, RunEvent, RunStage
from sessions_api.runs.views import Bar, Facts, FailureNotice, HistoryRow, LogLine, RunPage, StageRow
from sessions_api.sessions.tables import Session
from sessions_api.web import filters, words
from sessions_api.web.parts import Action, Crumb, LiveItem, Status, Wait
from spawner.reasons import Reason, Remedy
from spawner.spec import READY, LaunchSpec, ResourcesSpec

LINES = 500
"""Lines of the log on the page; the whole log is a page of its own."""

_BAD = re.compile(r"\s*(fatal|error)\b", re.IGNORECASE)
_HEARD = {"done": "done", "now": "in progress", "warn": "with a warning", "fail": "failed"}
_WAITS = "It is launched by itself when it has a place. You can close this page; it keeps its position."
_ENDING = {"pause": "pausing", "stop": "stopping", "cancel": "being cancelled"}


@dataclass(frozen=True, slots=True)
class Around:
    """What a run belongs to; `front_end`: what the session would run now."""

    project: Project
    session: Session
    environment: Environment
    version: EnvironmentVersion
    resources: ResourcesSpec
    front_end: str


def project_path(project: Project) -> str:
    """The address of a project's page."""
    return f"/projects/{project.slug}"


def session_path(project: Project, session: Session) -> str:
    """What the addresses of a session begin with."""
    return f"{project_path(project)}/sessions/{session.slug}"


def card_path(project: Project, session: Session) -> str:
    """Where a session is on its project's page."""
    return f"{project_path(project)}#session-{session.slug}"


def crumbs(project: Project, *further: str) -> tuple[Crumb, ...]:
    """The way from all projects to a page of one."""
    steps = (Crumb("Projects", "/projects"), Crumb(project.name, project_path(project)))
    return (*steps, *(Crumb(label) for label in further))


def status(run: Run | None, now: datetime) -> Status:
    """The viewer's status of a session, from their latest run of it, and what stands beside it."""
    if run is None:
        return Status("inactive", "never started")
    if run.waits_since is not None:
        return Status("launching", f"waiting, {place(run, now)}")
    ended = run.ended_at or run.created_at
    match (run.phase, run.wish):
        case ("queued" | "launching", "run"):
            found = Status("launching", ticking=run.launched_at)
        case ("running" | "paused", "resume"):
            found = Status("launching", "resuming")
        case ("running", "run"):
            found = Status("running", ticking=run.ready_at or run.launched_at)
        case ("paused", "run"):
            found = Status("paused", words.since(ended, now))
        case ("failed", "run"):
            found = Status("failed", words.ago(ended, now))
        case ("queued" | "launching" | "running" | "paused" | "failed", wish):
            found = Status(status_of(run.phase), _ENDING.get(wish, ""))
        case _:
            found = Status("inactive", f"last ran {words.ago(ended, now)}")
    return found


def place(run: Run, now: datetime) -> str:
    """Where a run that waits is in the line: `position 2, about 12 min`."""
    if run.position is None:
        return "in the line"
    left = (run.expected_at - now).total_seconds() if run.expected_at else None
    soon = "" if left is None else f", about {words.duration(max(left, 60) // 60 * 60)}"
    return f"position {run.position}{soon}"


def settled(run: Run | None) -> bool:
    """Whether nothing but what the status says is under way."""
    return run is None or run.wish == "run" or run.phase in {"stopped", "succeeded"}


def reason_of(run: Run) -> Reason | None:
    """Why the run failed."""
    return Reason.model_validate(run.reason) if run.reason else None


def remedies(reason: Reason, run: Run, base: str) -> tuple[Action, ...]:
    """What can be done about a failure; `base` is what the session's addresses begin with."""
    return tuple(_remedy(remedy, run, base) for remedy in reason.remedies)


def _remedy(remedy: Remedy, run: Run, base: str) -> Action:
    start, folder = f"{base}/start", remedy.folder or ""
    match remedy.action:
        case "retry":
            made = Action(remedy.label, start, "retry", post=True)
        case "start_without":
            made = Action(remedy.label, start, "play", post=True, fields=(("without", folder),))
        case "use_ref":
            fields = (("folder", folder), ("ref", remedy.ref or ""))
            made = Action(remedy.label, start, "repo", post=True, fields=fields)
        case "configure":
            made = Action(remedy.label, f"{base}/configure", "sliders")
        case "show_log":
            made = Action(remedy.label, f"/runs/{run.id}#log", "log")
        case "choose_environment":
            made = Action(remedy.label, f"{base.partition('/sessions/')[0]}/sessions/add", "layers")
        case "git_login":
            made = Action(remedy.label, f"/me/git-logins/add?{urlencode({'host': remedy.host})}", "key")
        case "registry_login":
            made = Action(remedy.label, registry_hosts.entry(str(remedy.host)), "key")
    return made


def wait(estimate: Estimate, since: datetime) -> Wait:
    """How long a whole launch takes."""
    total = estimate.total
    if total is None:
        return Wait(since, None, None, "", "")
    most = words.duration(round(total.most))
    return Wait(
        since,
        round(max(total.usual, 1.0), 1),
        round(max(total.most, 1.0), 1),
        words.usual(total.usual, total.most),
        f"longer than usual: up to {most}",
    )


def current(stages: Sequence[RunStage]) -> RunStage | None:
    """The stage that goes on."""
    return next((stage for stage in reversed(stages) if stage.state == "now"), None)


def _seconds(since: datetime, until: datetime) -> float:
    return max((until - since).total_seconds(), 0.0)


def stage_rows(
    run: Run, stages: Sequence[RunStage], usual: Mapping[str, Span], now: datetime
) -> tuple[StageRow, ...]:
    """The stages as stops on a line, their bars on one time axis for the whole launch, 100 wide."""
    under_way = run.phase in {"queued", "launching"}
    spans: list[tuple[float, float, float]] = []
    reached = 0.0
    for stage in stages:
        typical = usual[stage.key].usual if under_way and stage.key in usual else 0.0
        begun = _seconds(run.launched_at, stage.started_at) if stage.started_at else reached
        spent = _seconds(stage.started_at, stage.ended_at or now) if stage.started_at else 0.0
        if stage.ended_at:
            typical = 0.0
        spans.append((begun, spent, typical))
        reached = max(reached, begun + max(spent, typical))
    scale = 100 / max(reached, 0.1)
    # Without history nobody knows how long the axis is, so a launch shows times only.
    axis = bool(usual) or not under_way
    return tuple(
        _row(stage, span, scale if axis else 0.0, usual.get(stage.key), under_way=under_way)
        for stage, span in zip(stages, spans, strict=True)
    )


def _row(
    stage: RunStage, span: tuple[float, float, float], scale: float, usual: Span | None, *, under_way: bool
) -> StageRow:
    begun, spent, typical = span
    goes_on = stage.state == "now" and under_way
    drawn = stage.started_at is not None and scale > 0 and stage.key != READY
    took = ""
    if stage.started_at and stage.ended_at and stage.key != READY:
        took = words.precise(spent)
    elif stage.state == "next" and under_way and usual and stage.key != READY:
        took = words.usual(usual.usual, None)
    more = stage.detail
    if goes_on and usual:
        known = words.usual(usual.usual, usual.most)
        more = f"{more}. {known[:1].upper()}{known[1:]}." if more else f"{known[:1].upper()}{known[1:]}"
    return StageRow(
        state=stage.state if stage.state in _HEARD else "next",  # type: ignore[arg-type]
        title=stage.title,
        heard=_HEARD.get(stage.state, "to come" if under_way else "not reached"),
        took=took,
        since=stage.started_at if goes_on else None,
        more=more,
        usual=Bar(begun * scale, typical * scale) if typical else None,
        spent=Bar(begun * scale, max(spent * scale, 0.6), scale) if drawn else None,
    )


def log_lines(since: datetime, events: Sequence[RunEvent]) -> tuple[LogLine, ...]:
    """Lines of the log, with seconds since the launch began."""
    return tuple(
        LogLine(
            id=event.id,
            at=f"{_seconds(since, event.at):.1f}",
            source=str(event.data["source"]),
            text=str(event.data["text"]),
            bad=bool(_BAD.match(str(event.data["text"]))),
        )
        for event in events
    )


def _facts(run: Run, around: Around, now: datetime, *, seen: bool) -> Facts:
    spec = LaunchSpec.model_validate(run.spec) if run.spec else None
    reason = reason_of(run)
    environment = around.environment
    return Facts(
        frozen=spec is not None,
        environment=environments.crumb(environment, seen=seen),
        version=around.version.number,
        digest=around.version.digest,
        front_end=spec.environment.front_end if spec else around.front_end,
        resources=words.resources(spec.resources if spec else around.resources),
        repositories=tuple(
            (each.folder, filters.short(each.commit)) for each in (spec.repositories if spec else ())
        ),
        storages=tuple(each.name for each in (spec.storages if spec else ())),
        run=run.id,
        started=words.moment(run.created_at, now),
        code=reason.code if reason and run.phase == "failed" else "",
    )


def _actions(run: Run, base: str, *, editor: bool, shares: bool) -> tuple[Action, ...]:
    configure = (Action("Configure", f"{base}/configure", "sliders"),) if editor else ()
    if not settled(run):
        return configure
    stop = Action("Stop…", f"{base}/stop", "stop", ask=True, danger=True)
    delete = (Action("Delete /work…", f"{base}/stop", "trash", ask=True, danger=True),) if run.spec else ()
    match run.phase:
        case "queued" | "launching":
            return (Action("Cancel launch", f"{base}/cancel", "cross", post=True),)
        case "running":
            return (
                Action("Open", run.url, "open"),
                Action("Pause…", f"{base}/pause", "pause", ask=True),
                *((Action("Share…", f"/runs/{run.id}/shares", "users", ask=True),) if shares else ()),
                stop,
            )
        case "paused":
            return (Action("Resume", f"{base}/start", "play", post=True), stop)
        case "failed":
            return (*configure, *delete)
        case _:
            return (Action("Start again", f"{base}/start", "play", post=True), *configure)


def _note(run: Run, stages: Sequence[RunStage], now: datetime) -> str:
    ended = run.ended_at or now
    if run.wish in _ENDING and run.phase in {*LIVE, "paused", "failed"}:
        what = {"pause": "Its /work is kept.", "stop": "Its /work is being deleted.", "cancel": ""}[run.wish]
        return f"{_ENDING[run.wish].capitalize()}. {what}".strip()
    match run.phase:
        case "queued" | "launching":
            return "It opens by itself when it is ready. You can close this page; the launch goes on."
        case "running":
            ready = words.precise(_seconds(run.launched_at, run.ready_at or now))
            return f"Ready {ready} after it was started."
        case "paused":
            why = f" {run.reason['sentence']}" if run.reason else ""
            return f"{words.since(ended, now)}.{why} Its /work is kept."
        case "failed":
            failed = next((stage for stage in stages if stage.state == "fail"), None)
            where = f"while {failed.title[:1].lower()}{failed.title[1:]}, " if failed else ""
            after = words.precise(_seconds(run.launched_at, ended))
            return f"{where}{after} after the start, {words.ago(ended, now)}. Nothing of it runs any more."
        case _:
            return f"Ended {words.ago(ended, now)}."


def _failure(reason: Reason, run: Run, base: str, log: Sequence[RunEvent]) -> FailureNotice:
    logged = [str(event.data["text"]) for event in log]
    lines = [line for line in reason.detail.splitlines() if line and not _is_told(line, reason, logged)]
    return FailureNotice(reason.sentence, reason.hint, "\n".join(lines), remedies(reason, run, base))


def _is_told(line: str, reason: Reason, logged: Sequence[str]) -> bool:
    """Whether the hint or the log says it; a line of the log may begin with what it is about."""
    by_hint = bool(reason.hint) and line.endswith(reason.hint)
    return by_hint or any(text.endswith(line) for text in logged)


def run_page(
    run: Run,
    around: Around,
    stages: Sequence[RunStage],
    log: Sequence[RunEvent],
    estimate: Estimate,
    *,
    seen: bool,
    editor: bool,
    shares: bool,
    now: datetime,
) -> RunPage:
    """Everything the page of a run shows.

    `seen`: whether the viewer sees its environment; `shares`: whether sessions can be shared.
    """
    state = status(run, now)
    base = session_path(around.project, around.session)
    name, waits = around.session.name, run.waits_since is not None
    goes_on = waits or (run.phase in {"queued", "launching"} and run.wish == "run")
    stage = current(stages)
    title = f"Waiting for a place, {place(run, now)}" if waits else stage.title if stage else "Queued"
    give_up = Action("Do not wait", f"{base}/cancel", "cross", post=True)
    reason = reason_of(run) if run.phase == "failed" else None
    # What an earlier attempt went through says nothing of one that has not begun.
    rows = () if waits else stage_rows(run, stages, estimate.stages, now)
    usual = words.usual(estimate.total.usual, estimate.total.most) if estimate.total else ""
    return RunPage(
        id=run.id,
        title=f"{state.word} {name}" if goes_on else f"{name}: {state.word.lower()}",
        name=name,
        crumbs=crumbs(around.project, name),
        status=Status(state.state),
        note=_WAITS if waits else _note(run, stages, now),
        state="launching" if goes_on else run.phase,
        open=run.url if run.phase == "running" and run.wish == "run" else "",
        reload=3 if not settled(run) or goes_on else 0,
        say=f"{name}: {state.word.lower()}" + (f", {title}" if goes_on else ""),
        actions=(give_up,) if waits else _actions(run, base, editor=editor, shares=shares),
        stages=rows,
        done=f"{sum(row.state == 'done' for row in rows)} of {len(rows)} done" if rows and goes_on else usual,
        facts=_facts(run, around, now, seen=seen),
        log=log_lines(run.launched_at, log),
        log_note=_log_note(len(log), live=goes_on),
        log_open=goes_on or (run.phase == "failed" and bool(log)),
        log_start=run.launched_at,
        log_whole=f"/runs/{run.id}/log",
        events=f"/api/v1/runs/{run.id}/events" if run.phase in LIVE or not settled(run) else "",
        attempt=run.attempt,
        stage=title,
        wait=_wait(run, estimate) if goes_on else None,
        failure=_failure(reason, run, base, log) if reason else None,
    )


def _wait(run: Run, estimate: Estimate) -> Wait:
    """A launch fills its bar; for the time before there is none."""
    return wait(Estimate() if run.waits_since else estimate, run.waits_since or run.launched_at)


def _log_note(lines: int, *, live: bool) -> str:
    if live:
        return "live"
    return words.count(lines, "line") if lines < LINES else f"the last {LINES} lines"


def history_row(run: Run, *, session: str, environment: str, version: int, now: datetime) -> HistoryRow:
    """One of the viewer's runs in a list."""
    state = status(run, now)
    reason = reason_of(run) if run.phase in {"failed", "paused"} else None
    return HistoryRow(
        id=run.id,
        href=f"/runs/{run.id}",
        session=session,
        environment=environment,
        version=version,
        status=state,
        word="Stopped" if state.state == "inactive" else "",
        started=words.moment(run.created_at, now),
        lasted=words.duration(_seconds(run.launched_at, run.ended_at)) if run.ended_at else "",
        sentence=reason.sentence if reason else "",
        peaks=sparks.peaks(run),
    )


def live_item(run: Run, session: Session, project: Project, now: datetime) -> LiveItem:
    """One of the viewer's live runs, for the menu of the header and for lists."""
    opens = run.phase == "running" and run.wish == "run"
    return LiveItem(run.url if opens else f"/runs/{run.id}", session.name, status(run, now), project.name)
