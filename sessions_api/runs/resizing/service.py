"""Rules of other sizes for what runs: who may have one, and what became of it.

What is asked for is taken of the pool at once, the larger of both sizes until it is known which of them it
is. The frozen spec says the new size when the cluster has said that it is in force, and not before.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from sessions_api.audit.verbs import Verb
from sessions_api.cluster.client import Cluster, Program
from sessions_api.kit import clock
from sessions_api.kit.errors import Conflict
from sessions_api.projects.service import Access
from sessions_api.resources import service as resources
from sessions_api.resources.specs import spec_of
from sessions_api.runs import service
from sessions_api.runs import store as runs
from sessions_api.runs.places import limits
from sessions_api.runs.places import service as places
from sessions_api.runs.resizing import store, wish
from sessions_api.runs.resizing.wish import Patch, Resize, Step, Undo
from sessions_api.runs.tables import Run
from sessions_api.sessions import service as sessions
from sessions_api.sessions.tables import Session
from sessions_api.web import words
from spawner.spec import ResourcesSpec


def can_be(has: ResourcesSpec, wanted: ResourcesSpec) -> bool:
    """Whether one size can become the other while the session runs, as far as Kubernetes goes.

    Nothing but CPU and memory can; a limit cannot be taken away, and one that was not there makes a pod of
    another class of service.
    """
    limited = [
        (has.cpus is None) == (wanted.cpus is None),
        (has.memory_gib is None) == (wanted.memory_gib is None),
    ]
    size = {"cpus": None, "memory_gib": None, "resource_class": None}
    return all(limited) and has.model_copy(update=size) == wanted.model_copy(update=size)


def is_offered(run: Run | None, wanted: ResourcesSpec, cluster: Cluster | None) -> bool:
    """Whether a running session can be given the size that it is configured with, here and now."""
    if run is None or (run.phase, run.wish) != ("running", "run") or not run.spec:
        return False
    if cluster is None or not cluster.resizes:
        return False
    asked, has = wish.of(run), wish.frozen(run)
    if asked is not None and asked.state != "refused":
        return False
    return has != wanted and can_be(has, wanted)


async def ask(
    db: AsyncSession, access: Access, session: Session, run: Run, *, cluster: Cluster | None
) -> Run:
    """Asks that a running session of the viewer's has the CPU and memory that it is configured with.

    Asking twice changes nothing the second time.

    Raises:
        Conflict: it does not run or has that size (`nothing_to_resize`), more than its size differs
            (`resize_needs_restart`), nothing here changes sizes (`resize_not_here`), or there is no room
            (`limit_reached`).
        Forbidden: its class is for others (`class_for_others`).
    """
    if cluster is None or not cluster.resizes:
        raise _not_here(on_cluster=cluster is not None)
    demand = await limits.of_session(db, access.viewer, session)
    wanted = spec_of(session, await resources.of_sessions(db, [session]))
    if demand is not None:
        await resources.hold_pool(db, demand.pool.id)
    held = await runs.hold(db, run.id)
    if held is None or (held.phase, held.wish) != ("running", "run") or not held.spec:
        raise Conflict(
            f"{session.name} does not run, so there is nothing to resize.",
            code="nothing_to_resize",
            hint="Start it: it then has the size that it is configured with.",
        )
    asked, has = wish.of(held), wish.frozen(held)
    if asked is not None and asked.state == "wanted" and _is(asked, wanted):
        return held
    if has == wanted and (asked is None or asked.state == "refused"):
        raise Conflict(f"{session.name} has the size that it is configured with.", code="nothing_to_resize")
    if not can_be(has, wanted) or (demand.pool.id if demand else None) != held.pool_id:
        raise Conflict(
            f"{session.name} is to have other resources than CPU and memory of its pool.",
            code="resize_needs_restart",
            hint="Restart it with the changes.",
        )
    if demand is not None:
        await limits.require_room(db, access, demand, but=held.id)
        await places.require_more(db, demand, held)
    _take(held, has, wanted)
    wish.keep(
        held,
        Resize(
            cpus=wanted.cpus,
            memory_gib=wanted.memory_gib,
            resource_class=wanted.resource_class,
            class_id=session.resource_class_id,
            asked_at=clock.now(),
        ),
    )
    service.record_status(db, held)
    service.told(db, access, Verb.RUN_RESIZE, session, held)
    await sessions.share(db, session)
    return held


def _not_here(*, on_cluster: bool) -> Conflict:
    return Conflict(
        "This cluster does not change the size of what runs; Kubernetes does from 1.33 on."
        if on_cluster
        else "On a computer sessions are told what they may use, and not held to it.",
        code="resize_not_here",
        hint="Restart it with the changes.",
    )


def _is(asked: Resize, wanted: ResourcesSpec) -> bool:
    return (asked.cpus, asked.memory_gib, asked.resource_class) == (
        wanted.cpus,
        wanted.memory_gib,
        wanted.resource_class,
    )


def _take(run: Run, has: ResourcesSpec, wanted: ResourcesSpec) -> None:
    run.cpus = _larger(has.cpus, wanted.cpus)
    run.memory_gib = _larger(has.memory_gib, wanted.memory_gib)


def _larger(one: float | None, other: float | None) -> float | None:
    return max((each for each in (one, other) if each is not None), default=None)


async def under_way(db: AsyncSession) -> Sequence[tuple[str, int]]:
    """Id and attempt of the runs for which something is to be done."""
    found = await store.under_way(db)
    return [(run.id, run.attempt) for run in found if (asked := wish.of(run)) and asked.state != "refused"]


async def next_step(db: AsyncSession, run_id: str, attempt: int, program: Program) -> Step:
    """What is to be done about a run whose pod was just read."""
    run = await runs.get(db, run_id)
    if run is None or not _goes_on(run, attempt):
        return "wait"
    asked = wish.of(run)
    return "wait" if asked is None else wish.step(run, asked, program)


async def settle(db: AsyncSession, run_id: str, attempt: int, program: Program) -> None:
    """Writes what became of it, as the pod says; decided again while the run is held."""
    held = await runs.hold(db, run_id)
    if held is None or not _goes_on(held, attempt):
        return
    asked = wish.of(held)
    if asked is None:
        return
    match wish.step(held, asked, program):
        case "done" if asked.state == "wanted":
            _done(db, held, asked)
        case "done":
            _refuse(db, held, asked)
        case Undo(sentence, hint):
            wish.keep(held, asked.model_copy(update={"state": "undoing", "sentence": sentence, "hint": hint}))
            service.record_status(db, held)


async def refused(
    db: AsyncSession, run_id: str, attempt: int, *, patch: Patch, program: Program, why: str
) -> None:
    """The cluster did not take a change; `why` are its words."""
    held = await runs.hold(db, run_id)
    asked = wish.of(held) if held is not None and _goes_on(held, attempt) else None
    if held is None or asked is None or wish.step(held, asked, program) != patch:
        return
    if asked.state == "wanted":
        sentence = "The cluster did not take the change, so the session keeps the size it had."
        hint = f"Restart it with the changes. The cluster says: {why}"
        asked = asked.model_copy(update={"state": "undoing", "sentence": sentence, "hint": hint})
        wish.keep(held, asked)
        service.record_status(db, held)


def _goes_on(run: Run, attempt: int) -> bool:
    asked = wish.of(run)
    return (run.phase, run.wish, run.attempt) == ("running", "run", attempt) and (
        asked is not None and asked.state != "refused"
    )


def _done(db: AsyncSession, run: Run, asked: Resize) -> None:
    assert run.spec is not None  # noqa: S101 - what runs was frozen
    before = wish.frozen(run)
    size = {"cpus": asked.cpus, "memory_gib": asked.memory_gib, "resource_class": asked.resource_class}
    run.spec = run.spec | {"resources": run.spec["resources"] | size}
    run.cpus, run.memory_gib, run.resource_class_id = asked.cpus, asked.memory_gib, asked.class_id
    run.resize = None
    had, has = words.resources(before), words.resources(wish.frozen(run))
    _say(db, run, f"Resized from {had} to {has}, without a restart.")


def _refuse(db: AsyncSession, run: Run, asked: Resize) -> None:
    has = wish.frozen(run)
    run.cpus, run.memory_gib = has.cpus, has.memory_gib
    wish.keep(run, asked.model_copy(update={"state": "refused"}))
    _say(db, run, f"Not resized. {asked.sentence} {asked.hint}")


def _say(db: AsyncSession, run: Run, text: str) -> None:
    service.record(db, run, "log", {"source": "sojourn", "text": text})
    service.record_status(db, run)
