"""Whether a start is within what a person and a project may take of a pool, and what holds it if not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from sessions_api.kit.errors import Conflict, Forbidden, Holder
from sessions_api.people.viewer import Viewer
from sessions_api.projects import service as projects
from sessions_api.projects.service import Access
from sessions_api.resources import service as resources
from sessions_api.resources.amounts import Amounts, Kind, said
from sessions_api.resources.tables import ResourceClass, ResourcePool
from sessions_api.runs.places import store
from sessions_api.runs.tables import Run
from sessions_api.sessions import service as sessions
from sessions_api.sessions.tables import Session
from sessions_api.web import words
from spawner.spec import ResourcesSpec

_NAMED = 3
"""Holders that a sentence names; the problem carries all of them."""


@dataclass(frozen=True, slots=True)
class Demand:
    """What a start takes of a pool."""

    pool: ResourcePool
    resource_class: ResourceClass
    needs: Amounts


async def of_session(db: AsyncSession, viewer: Viewer, session: Session) -> Demand | None:
    """What a start of the session takes; None: its class is in no pool, and nothing limits it.

    Raises:
        Conflict: there are pools, and the session is of no class (`class_needed`).
        Forbidden: its class is for others (`class_for_others`).
    """
    found = next(iter((await resources.of_sessions(db, [session])).values()), None)
    if found is not None:
        return await _of_class(db, viewer, found, Amounts.of(found))
    if await resources.classes_are_needed(db):
        raise Conflict(
            f"{session.name} is of no resource class, and here every session is of one.",
            code="class_needed",
            hint="Have a class chosen in its configuration.",
        )
    return None


async def of_run(db: AsyncSession, viewer: Viewer, run: Run) -> Demand | None:
    """What a resume of the run takes, which is what it was launched with; None: nothing limits it.

    Raises:
        Forbidden: its class is for others (`class_for_others`).
    """
    frozen = ResourcesSpec.model_validate(run.spec["resources"]) if run.spec else None
    if frozen is None or frozen.resource_class is None:
        return None
    found = await resources.by_slug(db, frozen.resource_class)
    return await _of_class(db, viewer, found, Amounts.of(frozen)) if found else None


async def _of_class(db: AsyncSession, viewer: Viewer, found: ResourceClass, needs: Amounts) -> Demand | None:
    pool = await resources.pool_of(db, found)
    if pool is None:
        return None
    if not resources.admits(pool, viewer):
        raise Forbidden(
            f"Sessions of the class {found.name} are for {words.listed(tuple(pool.groups))}.",
            code="class_for_others",
            hint="Have another class chosen in its configuration, or ask an administrator to let you in.",
        )
    return Demand(pool, found, needs)


async def require_room(db: AsyncSession, access: Access, demand: Demand, *, but: str | None = None) -> None:
    """Lets through what is within the limits of the person and of the project; the pool's row is held.

    What waits counts, and what is ending does not. `but` is a run that does not count: the one that resumes.

    Raises:
        Conflict: a limit is reached (`limit_reached`); the error names what holds it.
    """
    pool, needs = demand.pool, demand.needs
    found = await store.of_person(db, pool.id, access.viewer.name)
    own = [run for run in found if run.wish in {"run", "resume"} and run.id != but]
    taken = Amounts.total(Amounts.of(run) for run in own)
    for limit in (pool.quota, pool.per_person):
        if kind := needs.beyond(limit):
            raise _too_large(demand, kind, limit[kind])
    if kind := (taken + needs).beyond(pool.per_person):
        raise await _own_limit(db, demand, taken, own, kind=kind)
    if not pool.per_project:
        return
    of_project = await store.of_project(db, pool.id, access.project.id, but=but)
    if kind := (of_project + needs).beyond(pool.per_project):
        within = [run for run in own if run.project_id == access.project.id]
        raise await _limit_of_project(db, access, demand, of_project, within, kind=kind)


def _too_large(demand: Demand, kind: Kind, most: float) -> Conflict:
    takes = said(kind, getattr(demand.needs, kind))
    return Conflict(
        f"A session of the class {demand.resource_class.name} takes {takes}, and the pool "
        f"{demand.pool.name} gives {most:g} at most.",
        code="limit_reached",
        hint="Have a smaller class chosen in its configuration.",
    )


async def _own_limit(
    db: AsyncSession, demand: Demand, taken: Amounts, own: Sequence[Run], *, kind: Kind
) -> Conflict:
    holders = await _holders(db, own)
    of = _of(demand, kind, taken, demand.pool.per_person, "your")
    match holders:
        case [one]:
            detail = f"Your session {one.session} in {one.project} uses {of}"
            ending = "Pause it" if "pause" in one.links else "Cancel its launch"
        case _:
            named = [f"{each.session} in {each.project}" for each in holders[:_NAMED]]
            more = [f"{len(holders) - _NAMED} more"] if len(holders) > _NAMED else []
            detail = f"Your sessions {words.listed((*named, *more))} use {of}"
            ending = "Pause what you do not need"
    return Conflict(detail, code="limit_reached", hint=f"{ending} to start this one.", holders=holders)


async def _limit_of_project(
    db: AsyncSession, access: Access, demand: Demand, taken: Amounts, own: Sequence[Run], *, kind: Kind
) -> Conflict:
    of = _of(demand, kind, taken, demand.pool.per_project, "its")
    hint = (
        "Pause what you do not need to start this one."
        if own
        else "Others run them: start this one later, or ask them to pause one."
    )
    return Conflict(
        f"Sessions of {access.project.name} use {of}",
        code="limit_reached",
        hint=hint,
        holders=await _holders(db, own),
    )


def _of(demand: Demand, kind: Kind, taken: Amounts, limit: dict[str, float], whose: str) -> str:
    """`4 of your 4 CPUs in the pool GPU.`, and what is needed where that is not plain."""
    used, most, needed = getattr(taken, kind), limit[kind], getattr(demand.needs, kind)
    said_so = f"{round(used, 3):g} of {whose} {said(kind, most)} in the pool {demand.pool.name}"
    return f"{said_so}." if used >= most else f"{said_so}, and this one needs {round(needed, 3):g}."


async def _holders(db: AsyncSession, own: Sequence[Run]) -> list[Holder]:
    named = await sessions.by_ids(db, {run.session_id for run in own})
    found = await projects.by_ids(db, [run.project_id for run in own])
    holders = []
    for run in own:
        project, session = found[run.project_id], named[run.session_id]
        verb = "pause" if run.phase == "running" else "cancel"
        holders.append(
            Holder(
                run=run.id,
                session=session.name,
                project=project.name,
                cpus=run.cpus or 0,
                memory_gib=run.memory_gib or 0,
                gpus=run.gpus or 0,
                links={
                    "run": f"/runs/{run.id}",
                    verb: f"/projects/{project.slug}/sessions/{session.slug}/{verb}",
                },
            )
        )
    return holders
