"""What administrators are told of everybody's runs, with the names of what they belong to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from sessions_api.environments import service as environments
from sessions_api.environments.tables import Environment, EnvironmentVersion
from sessions_api.kit import clock
from sessions_api.kit.paging import Paging
from sessions_api.people.viewer import Viewer
from sessions_api.projects import service as projects
from sessions_api.projects.tables import Project
from sessions_api.resources import service as resources
from sessions_api.resources.amounts import Amounts
from sessions_api.resources.tables import ResourceClass, ResourcePool
from sessions_api.rights.policy import require_administrator
from sessions_api.runs import service as runs
from sessions_api.runs.overview import store
from sessions_api.runs.overview.filters import Failures, Filters
from sessions_api.runs.overview.store import Failed, Taken
from sessions_api.runs.shares import service as shares
from sessions_api.runs.tables import Run
from sessions_api.sessions import service as sessions
from sessions_api.sessions.tables import Session


@dataclass(frozen=True, slots=True)
class Named:
    """A run, and what it belongs to.

    Attributes:
        pool: None: it is taken from none.
        shared_with: who else is let in.
    """

    run: Run
    project: Project
    session: Session
    environment: Environment
    version: EnvironmentVersion
    resource_class: ResourceClass | None
    pool: ResourcePool | None
    shared_with: list[str]


async def named(db: AsyncSession, runs: Sequence[Run]) -> list[Named]:
    """The runs with their names; a fixed number of statements."""
    in_projects = await projects.by_ids(db, [run.project_id for run in runs])
    of_sessions = await sessions.by_ids(db, {run.session_id for run in runs})
    in_environments = await environments.by_ids(db, {run.environment_id for run in runs})
    versions = await environments.versions_by_ids(db, {run.version_id for run in runs})
    classes = await resources.by_ids(db, {run.resource_class_id for run in runs if run.resource_class_id})
    pools = await resources.any_pools_by_ids(db, {run.pool_id for run in runs if run.pool_id})
    people = await shares.people_of_runs(db, [run.id for run in runs])
    return [
        Named(
            run,
            in_projects[run.project_id],
            of_sessions[run.session_id],
            in_environments[run.environment_id],
            versions[run.version_id],
            classes.get(run.resource_class_id or ""),
            pools.get(run.pool_id or ""),
            people.get(run.id, []),
        )
        for run in runs
    ]


async def live(db: AsyncSession, viewer: Viewer, filters: Filters, paging: Paging) -> list[Named]:
    """Everybody's live runs, newest first, one more than asked for if there is.

    Raises:
        Forbidden: the viewer does not administer the platform; so do all that follow.
    """
    require_administrator(viewer)
    return await named(db, await store.live(db, filters, paging))


async def one(db: AsyncSession, viewer: Viewer, run_id: str) -> Named:
    """Anybody's run.

    Raises:
        NotFound: there is none.
    """
    require_administrator(viewer)
    return (await named(db, [await runs.get(db, run_id)]))[0]


async def count_live(db: AsyncSession, viewer: Viewer) -> dict[str, int]:
    """How many runs are queued, launching and running, and how many wait for a place (`waiting`)."""
    require_administrator(viewer)
    return await store.count_live(db)


def since(days: int) -> datetime:
    """When that many days began that end now."""
    return clock.now() - timedelta(days=days)


async def failures(db: AsyncSession, viewer: Viewer, days: int) -> Sequence[Failed]:
    """What runs failed of in the last days, the most frequent first."""
    require_administrator(viewer)
    return await store.failures(db, since(days))


async def failed(db: AsyncSession, viewer: Viewer, wanted: Failures, paging: Paging) -> list[Named]:
    """Runs that failed, newest first, one more than asked for if there is."""
    require_administrator(viewer)
    return await named(db, await store.failed(db, wanted, paging))


async def queue(db: AsyncSession, viewer: Viewer, pool: str | None, paging: Paging) -> list[Named]:
    """Who waits for a place, by pool and position, one more than asked for if there is."""
    require_administrator(viewer)
    return await named(db, await store.queue(db, pool, paging))


def queue_key(waiting: Named) -> str:
    """What `queue` sorts by, for cursors."""
    return store.queue_key(waiting.run)


async def classes(
    db: AsyncSession, viewer: Viewer, paging: Paging
) -> list[tuple[ResourceClass, Amounts, ResourcePool | None]]:
    """The classes in their order, what live runs take of each, and its pool; one more than asked for."""
    require_administrator(viewer)
    found = await resources.page(db, viewer, paging)
    taken = await store.by_class(db)
    pools = await resources.pools_by_ids(db, {one.pool_id for one in found if one.pool_id is not None})
    return [(one, taken.get(one.id, Amounts()), pools.get(one.pool_id or "")) for one in found]


async def taken_of_classes(db: AsyncSession, viewer: Viewer) -> dict[str, Amounts]:
    """What live runs take of each class, by the class's id; none where they take nothing."""
    require_administrator(viewer)
    return await store.by_class(db)


async def nodes(db: AsyncSession, viewer: Viewer, paging: Paging) -> Sequence[Taken]:
    """What live runs take on each node, by its name, one more than asked for if there is."""
    require_administrator(viewer)
    return await store.by_node(db, paging)
