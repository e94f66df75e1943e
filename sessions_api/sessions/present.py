"""From a session to what pages show of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from sessions_api.environments import service as environments
from sessions_api.environments.tables import Environment, EnvironmentVersion
from sessions_api.people.viewer import Role
from sessions_api.projects.service import Access
from sessions_api.repositories import service as repositories
from sessions_api.repositories.tables import Repository
from sessions_api.runs import estimates, present
from sessions_api.runs import service as runs
from sessions_api.runs.estimates import Estimate
from sessions_api.runs.tables import Run, RunStage
from sessions_api.sessions import choices, pending
from sessions_api.sessions.tables import Session
from sessions_api.sessions.views import Failure, Progress, SessionCard
from sessions_api.storages import service as storages
from sessions_api.storages.tables import Storage
from sessions_api.web import words
from sessions_api.web.parts import Action, Crumb, Hint

STARTS = {"inactive": ("Start", "play"), "paused": ("Resume", "play"), "failed": ("Retry", "retry")}
"""What the leading button of a card says when it starts the session."""


@dataclass(frozen=True, slots=True)
class Around:
    """What the sessions of a page refer to, read at once.

    Attributes:
        latest: newest version by the environment's id.
        runs: the viewer's latest run by the session's id.
        stages: of those runs that are launching, by the run's id.
        estimates: what is usual, for the sessions that launch and for the default one.
    """

    environments: Mapping[str, Environment]
    versions: Mapping[str, EnvironmentVersion]
    latest: Mapping[str, EnvironmentVersion]
    repositories: Sequence[Repository]
    storages: Sequence[Storage]
    runs: Mapping[str, Run]
    stages: Mapping[str, Sequence[RunStage]]
    estimates: Mapping[str, Estimate]


async def around(db: AsyncSession, access: Access, sessions: Sequence[Session]) -> Around:
    """Reads what the sessions refer to, with a fixed number of statements."""
    environment_ids = {session.environment_id for session in sessions}
    latest = await runs.latest(db, access.viewer.name, [session.id for session in sessions])
    launching = [run for run in latest.values() if run.phase in {"queued", "launching"}]
    stages = await runs.stages_of(db, launching)
    timed = {run.session_id for run in launching} | {each.id for each in sessions if each.is_default}
    return Around(
        environments=await environments.by_ids(db, environment_ids),
        versions=await environments.versions_by_ids(db, {session.version_id for session in sessions}),
        latest=await environments.latest_of(db, environment_ids),
        repositories=await repositories.listing(db, access.project.id),
        storages=await storages.listing(db, access.project.id),
        runs=latest,
        stages=stages,
        estimates=await estimates.of_sessions(db, sorted(timed)),
    )


def primary(session: Session, run: Run | None, base: str, now: datetime) -> Action:
    """The one action that leads a card."""
    state = present.status(run, now).state
    if run is not None and not present.settled(run):
        return Action("Show", f"/runs/{run.id}", "right", about=session.name)
    if state == "launching":
        return Action("Cancel", f"{base}/cancel", about=f"launch of {session.name}", post=True)
    if run is not None and state == "running":
        return Action("Open", run.url, "open", about=session.name)
    label, icon = STARTS[state]
    return Action(label, f"{base}/start", icon, about=session.name, post=True)


def menu(session: Session, run: Run | None, base: str, *, editor: bool) -> tuple[tuple[Action, ...], ...]:
    """Everything else that can be done, the same order everywhere."""
    phase = run.phase if run and present.settled(run) else ""
    first: tuple[Action, ...] = ()
    if phase == "running":
        pause = Action(
            "Pause", f"{base}/pause", "pause", small="Keeps /work, gives back CPU and memory", post=True
        )
        first = (pause, Action("Stop…", f"{base}/stop", "stop", ask=True, danger=True))
    elif phase == "paused":
        first = (Action("Stop…", f"{base}/stop", "stop", ask=True, danger=True),)
    elif phase == "failed" and run is not None and run.spec:
        first = (Action("Delete /work…", f"{base}/stop", "trash", ask=True, danger=True),)
    log = (Action("Log", f"/runs/{run.id}#log", "log"),) if run else ()
    if not editor:
        return tuple(group for group in (first, log) if group)
    default = (
        () if session.is_default else (Action("Make default", f"{base}/default", "bookmark", post=True),)
    )
    second = (
        *log,
        Action("Configure", f"{base}/configure", "sliders"),
        *default,
        Action("Duplicate", f"{base}/duplicate", "copy", post=True),
    )
    remove = (Action("Remove…", f"{base}/remove", "trash", ask=True, danger=True),)
    return tuple(group for group in (first, second, remove) if group)


def card(session: Session, access: Access, around: Around, now: datetime) -> SessionCard:
    """A session as its viewer sees it."""
    run = around.runs.get(session.id)
    base = present.session_path(access.project, session)
    editor = access.role >= Role.EDITOR
    environment = around.environments[session.environment_id]
    version = around.versions[session.version_id]
    state = present.status(run, now)
    href = f"{base}/configure" if editor else ""
    return SessionCard(
        slug=session.slug,
        name=session.name,
        href=f"/runs/{run.id}" if run and (state.state != "inactive" or not editor) else href,
        default=session.is_default,
        status=state,
        environment=Crumb(environment.name, f"/environments/{environment.slug}"),
        version=version.number,
        digest=version.digest,
        resources=words.resources(session.cpus, session.memory_gib),
        folders=_folders(session, around),
        primary=primary(session, run, base, now),
        menu=menu(session, run, base, editor=editor),
        progress=_progress(session, run, around) if run else None,
        failure=_failure(run, base) if run else None,
        hints=_hints(session, run, base, around, editor=editor),
    )


def _folders(session: Session, around: Around) -> str:
    every = len(around.repositories) + len(around.storages)
    chosen = len(choices.cloned(session, around.repositories)) + len(
        choices.mounted(session, around.storages)
    )
    return f"{chosen} of {words.count(every, 'folder')}" if chosen != every else ""


def _progress(session: Session, run: Run, around: Around) -> Progress | None:
    if run.phase not in {"queued", "launching"} or run.wish != "run":
        return None
    stage = present.current(around.stages.get(run.id, ()))
    return Progress(
        stage.title if stage else "Queued",
        stage.detail if stage else "",
        f"Launch of {session.name}",
        present.wait(around.estimates.get(session.id, Estimate()), run.launched_at),
    )


def _failure(run: Run, base: str) -> Failure | None:
    reason = present.reason_of(run)
    if run.phase != "failed" or reason is None:
        return None
    offered = tuple(
        action
        for remedy, action in zip(reason.remedies, present.remedies(reason, run, base), strict=True)
        if remedy.action not in {"retry", "show_log"}
    )
    return Failure(reason.sentence, f"/runs/{run.id}#log", offered)


def _hints(session: Session, run: Run | None, base: str, around: Around, *, editor: bool) -> tuple[Hint, ...]:
    hints: list[Hint] = []
    version = around.versions[session.version_id]
    newest = around.latest[session.environment_id]
    environment = around.environments[session.environment_id]
    if newest.number > version.number:
        see = Action("See changes", f"/environments/{environment.slug}#versions")
        update = Action(
            f"Update to {newest.number}",
            f"{base}/version",
            post=True,
            fields=(("version", str(newest.number)),),
        )
        hints.append(
            Hint(
                f"Version {newest.number} is available.",
                "update",
                "note",
                (see, update) if editor else (see,),
            )
        )
    if run is not None and run.spec and run.phase in {"running", "paused"}:
        changed = pending.changes(
            run.spec, session, version=version, repositories=around.repositories, storages=around.storages
        )
        if changed:
            what = words.listed(tuple(changed))
            kept = "Resume brings back what it had." if run.phase == "paused" else ""
            text = f"Changed since it was started: {what}. It takes effect on the next start. {kept}"
            hints.append(Hint(text.strip(), "sliders", "note"))
    if run is not None and run.phase in {"paused", "failed"} and run.wish != "stop" and run.spec:
        hints.append(Hint("/work is kept.", "storage"))
    return tuple(hints)


def say(cards: Sequence[SessionCard]) -> str:
    """What is announced when it changes: launches first, else what is not at rest."""
    launching = [card for card in cards if card.progress]
    told = launching or [card for card in cards if card.status.state != "inactive"]
    return "; ".join(
        f"{card.name}: {card.status.word.lower()}" + (f", {card.progress.title}" if card.progress else "")
        for card in told[:3]
    )
