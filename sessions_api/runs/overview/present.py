"""From everybody's runs to what the pages of administrators show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from urllib.parse import urlencode

from sessions_api.environments import present as environments
from sessions_api.projects.present import pager
from sessions_api.resources.amounts import KINDS, Amounts, said
from sessions_api.resources.tables import ResourceClass, ResourcePool
from sessions_api.runs import present
from sessions_api.runs.overview.service import Named
from sessions_api.runs.overview.store import Failed, Taken
from sessions_api.runs.overview.views import FailureRow, Head, Listed, RunRow, UseRow
from sessions_api.runs.places.free import Use
from sessions_api.runs.tables import Run
from sessions_api.web import words
from sessions_api.web.parts import Action, Confirm, Crumb
from spawner.spec import ResourcesSpec

LIVE, FAILURES, QUEUE, USE = "/admin", "/admin/failures", "/admin/queue", "/admin/use"
RESOURCES = "/admin/resources"
_ICONS = {"pause": "pause", "stop": "stop", "cancel": "cross"}


def head(tab: str, counts: Mapping[str, int]) -> Head:
    """What the pages begin with; `counts`: of live runs, by phase."""
    live = sum(count for phase, count in counts.items() if phase != "waiting")
    parts = tuple(
        words.count(counts[phase], phase, phase) for phase in ("running", "launching") if counts.get(phase)
    )
    waiting = counts["waiting"]
    if waiting:
        parts = (*parts, f"{waiting} waiting for a place")
    return Head(
        tab,
        (
            ("Sessions", LIVE, live),
            ("Failures", FAILURES, None),
            ("Queue", QUEUE, waiting),
            ("Use", USE, None),
            ("Resources", RESOURCES, None),
        ),
        f"Everybody's sessions: {words.listed(parts)}." if parts else "Nobody's sessions run now.",
    )


def row(found: Named, now: datetime) -> RunRow:
    """A run in a list."""
    run = found.run
    status = present.status(run, now)
    begun = run.waits_since or (run.ready_at if run.phase == "running" else None) or run.launched_at
    takes = ResourcesSpec(cpus=run.cpus, memory_gib=run.memory_gib, gpus=run.gpus or 0)
    reason = present.reason_of(run)
    return RunRow(
        id=run.id,
        session=found.session.name,
        project=found.project.name,
        project_slug=found.project.slug,
        person=run.person,
        shared_with=words.listed(tuple(found.shared_with)),
        status=status,
        environment=environments.crumb(found.environment, seen=True),
        version=found.version.number,
        resource_class=found.resource_class.name if found.resource_class else "",
        pool=found.pool.name if found.pool else "",
        takes=words.resources(takes) if run.spec or run.pool_id else "",
        node=run.node or "",
        since=words.moment(run.failed_at or begun, now),
        position="" if run.waits_since is None else present.place(run, now),
        code=run.failed_code or "",
        sentence=reason.sentence if reason else "",
        actions=_actions(run, f"{found.session.name} of {run.person}"),
    )


def _actions(run: Run, about: str) -> tuple[Action, ...]:
    if run.wish not in {"run", "resume"}:
        return ()
    if run.phase == "running":
        wanted: tuple[str, ...] = ("pause", "stop")
    elif run.phase in {"queued", "launching"} or run.wish == "resume":
        wanted = ("cancel",)
    else:
        return ()
    return tuple(
        Action(
            f"{each.capitalize()}…",
            f"/admin/runs/{run.id}/{each}",
            _ICONS[each],
            about=about,
            ask=True,
            danger=each == "stop",
        )
        for each in wanted
    )


def listed(
    found: Sequence[Named],
    following: str | None,
    now: datetime,
    *,
    path: str,
    asked: Mapping[str, str],
    first: bool,
) -> Listed:
    """A page of runs; `asked` is what its address says, `first` whether it is the first page."""
    kept = {name: value for name, value in asked.items() if value}
    return Listed(
        path=path,
        rows=tuple(row(one, now) for one in found),
        asked=asked,
        narrowed=bool(kept),
        pager=pager(len(found), "session", path, following, first=first, **kept),
    )


def failure_row(failed: Failed, now: datetime, days: int) -> FailureRow:
    """A reason, and how often it was one."""
    return FailureRow(
        code=failed.code,
        count=failed.count,
        people=words.count(failed.people, "person", "people"),
        last=words.ago(failed.last, now),
        href=f"{FAILURES}?{urlencode({'days': days, 'code': failed.code})}",
    )


def amounts_of(taken: Amounts, limit: Mapping[str, float]) -> str:
    """`4 of 16 CPUs, 2 GiB of memory`; what is neither taken nor limited is left out."""
    parts = []
    for kind in KINDS:
        amount = getattr(taken, kind)
        if kind in limit:
            parts.append(f"{round(amount, 3):g} of {said(kind, limit[kind])}")
        elif amount:
            parts.append(said(kind, amount))
    return ", ".join(parts) or "nothing"


def _live(**wanted: str) -> str:
    return f"{LIVE}?{urlencode(wanted)}"


def pool_row(use: Use) -> UseRow:
    """A pool and what is taken of it."""
    pool = use.pool
    waiting = words.count(use.waiting, "start") + " waiting" if use.waiting else ""
    return UseRow(
        pool.name,
        words.listed(tuple(pool.groups)),
        _live(pool=pool.slug),
        amounts_of(use.taken, pool.quota),
        waiting,
    )


def class_row(found: tuple[ResourceClass, Amounts, ResourcePool | None]) -> UseRow:
    """A class and what is taken of it."""
    one, taken, pool = found
    size = ResourcesSpec(cpus=one.cpus, memory_gib=one.memory_gib, gpus=one.gpus)
    note = words.resources(size) + (f" · {pool.name}" if pool else "")
    return UseRow(one.name, note, _live(resource_class=one.slug), amounts_of(taken, {}))


def node_row(taken: Taken) -> UseRow:
    """A node and what is taken on it."""
    return UseRow(taken.of, "", _live(node=taken.of), amounts_of(taken.amounts, {}))


def question(found: Named, wanted: str, kept_until: datetime | None, now: datetime) -> Confirm:
    """Asks an administrator before something of somebody's is ended.

    A snapshot of /work is kept until `kept_until` at a stop; None: none is made.
    """
    run = found.run
    whose = f"{found.session.name} of {run.person}"
    line, lost, kept, label = {
        "pause": (
            "Their /work is kept. What runs in the session ends; they can resume it.",
            (_UNSAVED,),
            ("/work",),
            "Pause it",
        ),
        "stop": _of_a_stop(run.person, kept_until, now),
        "cancel": (
            "Their launch ends. /work stays as it is, and they can start it again.",
            (),
            ("/work",),
            "Cancel launch",
        ),
    }[wanted]
    path = f"/admin/runs/{run.id}"
    milder = Action("Pause instead", f"{path}/pause", "pause", post=True)
    return Confirm(
        title=f"{wanted.capitalize()} {whose}?",
        crumbs=(Crumb("Admin", LIVE), Crumb(whose)),
        lines=(
            f"It is {run.person}'s in the project {found.project.name}. Its log will tell them of this.",
            line,
        ),
        do=Action(label, f"{path}/{wanted}", _ICONS[wanted], post=True, danger=wanted == "stop"),
        instead=milder if wanted == "stop" and run.phase == "running" else None,
        back=LIVE,
        keep="Leave it",
        lost=lost,
        kept=kept,
    )


_UNSAVED = "What runs in it, and what was not saved"
_CONFIGURED = "The session and its configuration"
_Told = tuple[str, tuple[str, ...], tuple[str, ...], str]


def _of_a_stop(person: str, kept_until: datetime | None, now: datetime) -> _Told:
    """The sentence, what is lost, what is kept, and what the button says."""
    if kept_until is None:
        return (
            "This ends their session and deletes its /work. A pause keeps everything.",
            (_UNSAVED, "Every file in /work that is nowhere else"),
            (_CONFIGURED,),
            "Stop and delete /work",
        )
    return (
        "This ends their session, and deletes its /work once there is a snapshot of it.",
        (_UNSAVED,),
        (f"A snapshot of /work for {person}, until {words.minute(kept_until, now)}", _CONFIGURED),
        "Stop, and keep a snapshot",
    )
