"""From a session to what pages show of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from sessions_api.cluster.client import Cluster
from sessions_api.environments import front_ends, present_upstream
from sessions_api.environments import present as environment_present
from sessions_api.environments import service as environments
from sessions_api.environments.kinds import Kinds
from sessions_api.environments.tables import Environment, EnvironmentVersion
from sessions_api.environments.watching import service as watching
from sessions_api.environments.watching.tags import Upstream
from sessions_api.people.viewer import Viewer
from sessions_api.projects.service import Access
from sessions_api.projects.tables import Project
from sessions_api.repositories import service as repositories
from sessions_api.repositories.tables import Repository
from sessions_api.resources import service as resources
from sessions_api.resources.specs import spec_of
from sessions_api.resources.tables import ResourceClass
from sessions_api.rights.policy import CONFIGURE, may_change
from sessions_api.runs import estimates, present, present_refused
from sessions_api.runs import service as runs
from sessions_api.runs.estimates import Estimate
from sessions_api.runs.kept import service as kept_works
from sessions_api.runs.kept import words as kept_words
from sessions_api.runs.life import service as life
from sessions_api.runs.life import words as life_words
from sessions_api.runs.places import free
from sessions_api.runs.resizing import words as resizing_words
from sessions_api.runs.tables import KeptWork, Run, RunLife, RunStage
from sessions_api.sessions import choices, present_actions, present_changes, present_launch
from sessions_api.sessions.lifetimes import Lifetimes
from sessions_api.sessions.tables import Session
from sessions_api.sessions.views import SessionCard
from sessions_api.storages import service as storages
from sessions_api.storages.tables import Storage
from sessions_api.timetables import present as timetable_present
from sessions_api.timetables import service as timetables
from sessions_api.timetables.parts import Whole
from sessions_api.web import words
from sessions_api.web.parts import Action, Hint


@dataclass(frozen=True, slots=True)
class Around:
    """What the sessions of a page refer to, read at once.

    Attributes:
        seen: the environments that the viewer sees, by id; sessions name theirs to all who see the project.
        latest: newest version by the environment's id.
        upstreams: what the tags of those mean by now, by the version's id.
        classes: resource classes by id.
        free: what is left of each, in words, by its id.
        runs: the viewer's latest run by the session's id.
        stages: of those runs that are launching, by the run's id.
        estimates: what is usual, for the sessions that launch and for the default one.
        kept: what is kept for the viewer of each session, by its id.
        lives: what is known of the activity of those runs that run, by the run's id.
        timetables: the viewer's own, by the session's id.
    """

    environments: Mapping[str, Environment]
    seen: Collection[str]
    versions: Mapping[str, EnvironmentVersion]
    latest: Mapping[str, EnvironmentVersion]
    upstreams: Mapping[str, Upstream]
    repositories: Sequence[Repository]
    storages: Sequence[Storage]
    classes: Mapping[str, ResourceClass]
    free: Mapping[str, str]
    runs: Mapping[str, Run]
    stages: Mapping[str, Sequence[RunStage]]
    estimates: Mapping[str, Estimate]
    kinds: Kinds
    lives: Mapping[str, RunLife]
    lifetimes: Lifetimes
    cluster: Cluster | None
    kept: Mapping[str, Sequence[KeptWork]]
    timetables: Mapping[str, Whole]


async def around(
    db: AsyncSession,
    access: Access,
    sessions: Sequence[Session],
    *,
    kinds: Kinds,
    lifetimes: Lifetimes,
    cluster: Cluster | None,
) -> Around:
    """Reads what the sessions refer to, with a fixed number of statements."""
    environment_ids = {session.environment_id for session in sessions}
    newest = await environments.latest_of(db, environment_ids)
    latest = await runs.latest(db, access.viewer.name, [session.id for session in sessions])
    launching = [run for run in latest.values() if run.phase in {"queued", "launching"}]
    stages = await runs.stages_of(db, launching)
    classes = await resources.of_sessions(db, sessions)
    timed = {run.session_id for run in launching} | {each.id for each in sessions if each.is_default}
    return Around(
        environments=await environments.by_ids(db, environment_ids),
        seen=await environments.seen(db, access.viewer, environment_ids),
        versions=await environments.versions_by_ids(db, {session.version_id for session in sessions}),
        latest=newest,
        upstreams=await watching.upstreams(db, newest.values()),
        repositories=await repositories.listing(db, access.project.id),
        storages=await storages.listing(db, access.project.id),
        classes=classes,
        free=await free.of_classes(db, access.viewer, list(classes.values())),
        runs=latest,
        stages=stages,
        estimates=await estimates.of_sessions(db, sorted(timed)),
        kinds=kinds,
        lives=await life.of_runs(db, list(latest.values())),
        lifetimes=lifetimes,
        cluster=cluster,
        kept=await kept_works.of_sessions(db, access.viewer, [session.id for session in sessions]),
        timetables=await timetables.of_sessions(db, access.viewer.name, [each.id for each in sessions]),
    )


@dataclass(frozen=True, slots=True)
class Pinned:
    """The version that a session is pinned to, among those of its environment.

    Attributes:
        newest: the newest version of the environment.
        upstream: what the tag of the newest version means by now; None: it was not asked for.
        visible: whether the viewer sees the environment.
        run: the viewer's latest run of the session.
    """

    project: Project
    session: Session
    environment: Environment
    version: EnvironmentVersion
    newest: EnvironmentVersion
    upstream: Upstream | None
    visible: bool
    run: Run | None

    @property
    def archived(self) -> bool:
        """Whether the environment was put away."""
        return self.environment.archived_at is not None

    @property
    def open(self) -> bool:
        """Whether the viewer can give the session another version, as `pinning.pin` decides it."""
        return self.visible and not self.archived

    @property
    def ran(self) -> int:
        """The version that the viewer's latest run had; the pinned one without a run."""
        spec = self.run.spec if self.run else None
        return int(spec["environment"]["version"]) if spec else self.version.number

    @property
    def moved(self) -> bool:
        """Whether the next start is of a newer version than the viewer's latest run."""
        return not self.archived and self.ran < self.version.number

    @property
    def paused(self) -> bool:
        """Whether the viewer's latest run can be resumed, as it was."""
        return self.run is not None and self.run.phase == "paused"

    @property
    def newer(self) -> bool:
        """Whether there is a newer version that runs where the pinned one does."""
        alike = (self.newest.image is None) == (self.version.image is None)
        return self.open and alike and self.newest.number > self.version.number

    @property
    def update(self) -> Action:
        """*Update to 8*."""
        return self._pin(f"Update to {self.newest.number}", self.newest.number, "update")

    @property
    def back(self) -> Action | None:
        """*Back to 7*: to what ran, or else to the version before; None of the first version."""
        number = self.ran if self.moved else self.version.number - 1
        return self._pin(f"Back to {number}", number, "back") if self.open and number else None

    def changes(self, before: int, after: int) -> tuple[Action, ...]:
        """Leads those who see the environment to what differs between two versions."""
        path = f"/environments/{self.environment.slug}/versions/{before}...{after}"
        return (Action("See changes", path),) if self.visible else ()

    def _pin(self, label: str, number: int, icon: str) -> Action:
        return Action(
            label,
            f"{present.session_path(self.project, self.session)}/version",
            icon,
            about=f"of {self.session.name}",
            post=True,
            fields=(("version", str(number)),),
        )


def version_hints(pinned: Pinned, viewer: Viewer, *, editor: bool) -> tuple[Hint, ...]:
    """What is to be said of a session's version; nothing changes it but the buttons.

    Who does not see the environment hears of no version that the session does not have. `editor` changes
    the session; whether the viewer makes versions of its environment is another matter.
    """
    number, newest, name = pinned.version.number, pinned.newest.number, pinned.environment.name
    if pinned.archived:
        return (Hint(f"{name} is archived. This session goes on with version {number}.", "lock"),)
    hints: list[Hint] = []
    if pinned.newer:
        see = pinned.changes(number, newest)
        actions = (*see, pinned.update) if editor else see
        hints.append(Hint(f"Version {newest} is there.", "update", "note", actions))
    found = pinned.upstream
    if (
        found is not None
        and pinned.visible
        and present_upstream.is_news(found)
        and pinned.newest.id == pinned.version.id
    ):
        maker = may_change(viewer, pinned.environment)
        hints.append(
            present_upstream.hint(
                pinned.environment,
                pinned.newest,
                found,
                editor=maker,
                back=present.card_path(pinned.project, pinned.session),
            )
        )
    if pinned.moved:
        see = pinned.changes(pinned.ran, number)
        actions = (*see, pinned.back) if editor and pinned.back else see
        kept = f" Resume stays with version {pinned.ran}." if pinned.paused else ""
        actions += present_changes.again(
            pinned.session, pinned.run, present.session_path(pinned.project, pinned.session)
        )
        text = f"Version {number} from the next start on; you last started version {pinned.ran}.{kept}"
        hints.append(Hint(text, "update", "note", actions))
    return tuple(hints)


def card(session: Session, access: Access, around: Around, now: datetime) -> SessionCard:
    """A session as its viewer sees it."""
    run = around.runs.get(session.id)
    base = present.session_path(access.project, session)
    editor = access.may(CONFIGURE)
    environment = around.environments[session.environment_id]
    version = around.versions[session.version_id]
    state = present.status(run, now)
    href = f"{base}/configure" if editor else ""
    newest = around.latest[environment.id]
    pinned = Pinned(
        access.project,
        session,
        environment,
        version,
        newest,
        around.upstreams.get(newest.id),
        environment.id in around.seen,
        run,
    )
    news = version_hints(pinned, access.viewer, editor=editor)
    timetable = around.timetables.get(session.id)
    return SessionCard(
        slug=session.slug,
        name=session.name,
        href=f"/runs/{run.id}" if run and (state.state != "inactive" or not editor) else href,
        default=session.is_default,
        status=state,
        environment=environment_present.crumb(environment, seen=pinned.visible),
        version=version.number,
        digest=version.digest,
        front_end=front_end(session, run, around),
        resources=_resources(session, around),
        folders=_folders(session, around),
        free=around.free.get(session.resource_class_id or "", "")
        if state.state in {"inactive", "paused", "failed"}
        else "",
        primary=present_actions.primary(session, run, base, now),
        menu=present_actions.menu(
            session, run, base, editor=editor, back=None if pinned.moved else pinned.back
        ),
        pauses=life_words.promise(session, around.lifetimes),
        times=timetable_present.upcoming(timetable, now),
        progress=present_launch.progress(
            session, run, around.stages.get(run.id, ()), around.estimates.get(session.id, Estimate())
        )
        if run
        else None,
        failure=present_launch.failure(run, base) if run else None,
        hints=(
            *life_words.hints(run, around.lives, session, base, now),
            *resizing_words.hints(run, spec_of(session, around.classes), base),
            *kept_words.hints(run, around.kept.get(session.id, ()), base, now),
            *timetable_present.hints(timetable, run, base, editor=editor),
            *news,
            *_hints(session, run, around, base, moved=pinned.moved),
        ),
    )


def front_end(session: Session, run: Run | None, around: Around) -> str:
    """The program that the viewer lands in: the one that runs or comes back, else that of the next start."""
    if run is not None and run.spec and run.phase in {"launching", "running", "paused"}:
        return str(run.spec["environment"]["front_end"])
    return front_ends.chosen(
        around.versions[session.version_id], session.front_end, around.kinds.computer
    ).name


def _resources(session: Session, around: Around) -> str:
    numbers = words.resources(spec_of(session, around.classes))
    if session.resource_class_id is None:
        return numbers
    return f"{around.classes[session.resource_class_id].name}: {numbers}"


def _folders(session: Session, around: Around) -> str:
    every = len(around.repositories) + len(around.storages)
    chosen = len(choices.cloned(session, around.repositories)) + len(
        choices.mounted(session, around.storages)
    )
    return f"{chosen} of {words.count(every, 'folder')}" if chosen != every else ""


def _hints(session: Session, run: Run | None, around: Around, base: str, *, moved: bool) -> tuple[Hint, ...]:
    """`moved`: another hint says already that the next start is of another version."""
    hints: list[Hint] = []
    if run is not None and run.phase in {"running", "paused"}:
        found = [
            word
            for word in present_changes.changed(session, run, around)
            if not (moved and word == "environment version")
        ]
        if found:
            what = words.listed(tuple(found))
            paused = run.phase == "paused" and run.wish == "run"
            kept = "Resume brings back what it had." if paused else ""
            text = f"Changed since it was started: {what}. It takes effect on the next start. {kept}"
            actions = present_changes.now(session, run, around, base)
            hints.append(Hint(text.strip(), "sliders", "note", actions))
    if run is not None and run.phase in {"paused", "failed"} and run.wish != "stop" and run.spec:
        refused = present_refused.hints(run, base, whole=True)
        why = f"{run.reason['sentence']} " if run.reason and run.phase == "paused" and not refused else ""
        hints.extend(refused or (Hint(f"{why}/work is kept.", "storage"),))
    return tuple(hints)
