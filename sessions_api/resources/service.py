"""Rules of resource classes and pools: which there are, and for whom.

An administrator writes them into the installation's values; `seeding` brings the tables up to them.
"""

from collections.abc import Collection, Iterable, Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from sessions_api.kit.errors import NotFound
from sessions_api.kit.paging import Paging
from sessions_api.people.viewer import Viewer
from sessions_api.resources import store
from sessions_api.resources.amounts import Amounts
from sessions_api.resources.specs import Configured, spec_of_class
from sessions_api.resources.tables import ResourceClass, ResourcePool
from sessions_api.rights.policy import administers
from sessions_api.web import words


async def page(db: AsyncSession, viewer: Viewer, paging: Paging) -> Sequence[ResourceClass]:
    """Classes that are offered to the viewer, as the administrator orders them, one more than asked for."""
    return await store.page(db, paging, await _hidden(db, viewer))


def sort_key(found: ResourceClass | ResourcePool) -> str:
    """What pages sort by, for cursors."""
    return store.sort_key(found)


async def offered(db: AsyncSession, viewer: Viewer) -> Sequence[ResourceClass]:
    """All classes that are offered to the viewer, in the administrator's order."""
    return await store.offered(db, await _hidden(db, viewer))


async def default(db: AsyncSession, viewer: Viewer) -> ResourceClass | None:
    """The class of the viewer's new sessions; None: they are of none."""
    return next((one for one in await offered(db, viewer) if one.is_default), None)


async def smallest(db: AsyncSession, viewer: Viewer, least: Amounts) -> ResourceClass:
    """The smallest class that is offered to the viewer and has as much.

    That is the one with the fewest GPUs, among those the fewest CPUs, and then the least memory.

    Raises:
        NotFound: none has.
    """
    offers = await offered(db, viewer)
    fitting = [
        one
        for one in offers
        if one.cpus >= least.cpus and one.memory_gib >= least.memory_gib and one.gpus >= least.gpus
    ]
    if not fitting:
        there_are = ", ".join(f"{one.slug} ({words.resources(spec_of_class(one))})" for one in offers)
        raise NotFound("No resource class has as much.", hint=f"There are: {there_are or 'none'}.")
    return min(fitting, key=lambda one: (one.gpus, one.cpus, one.memory_gib, one.position))


async def get(db: AsyncSession, viewer: Viewer, slug_or_id: str) -> ResourceClass:
    """One class that is offered to the viewer.

    Raises:
        NotFound: there is none of that slug or id, it was withdrawn, or it is for others.
    """
    for one in await offered(db, viewer):
        if slug_or_id in {one.slug, one.id}:
            return one
    raise NotFound(f"There is no resource class {slug_or_id}.", hint="All are listed at /resource-classes.")


async def of_sessions(db: AsyncSession, sessions: Iterable[Configured]) -> dict[str, ResourceClass]:
    """The classes that any of the sessions are of, by id; in one statement, none where there are none."""
    ids = {session.resource_class_id for session in sessions if session.resource_class_id is not None}
    return await store.by_ids(db, ids) if ids else {}


async def by_ids(db: AsyncSession, ids: Collection[str]) -> dict[str, ResourceClass]:
    """Classes by id, offered or withdrawn."""
    return await store.by_ids(db, ids)


async def by_slug(db: AsyncSession, slug: str) -> ResourceClass | None:
    """A class, offered or withdrawn."""
    return await store.get(db, slug)


def admits(pool: ResourcePool, viewer: Viewer) -> bool:
    """Whether a pool is for the viewer; platform admins are let in anywhere."""
    return not pool.groups or administers(viewer) or not viewer.groups.isdisjoint(pool.groups)


async def pool_of(db: AsyncSession, one: ResourceClass) -> ResourcePool | None:
    """The pool that sessions of a class are taken from; None: nothing limits them."""
    return (await pools_by_ids(db, [one.pool_id])).get(one.pool_id) if one.pool_id else None


async def pools_by_ids(db: AsyncSession, ids: Collection[str]) -> dict[str, ResourcePool]:
    """Pools that are there, by id; in one statement, none where none is asked for."""
    return await store.pools_by_ids(db, ids) if ids else {}


async def any_pools_by_ids(db: AsyncSession, ids: Collection[str]) -> dict[str, ResourcePool]:
    """Pools by id, withdrawn ones too; in one statement."""
    return await store.any_pools_by_ids(db, ids)


async def hold_pool(db: AsyncSession, pool_id: str) -> ResourcePool | None:
    """A pool, held until the transaction ends: nobody else is given a place in it meanwhile.

    None: it was withdrawn, so that it limits nothing.
    """
    return await store.hold_pool(db, pool_id)


async def page_of_pools(db: AsyncSession, viewer: Viewer, paging: Paging) -> Sequence[ResourcePool]:
    """The pools that are for the viewer, as the administrator orders them, one more than asked for."""
    after = -1 if paging.number is None else paging.number
    found = [pool for pool in await store.pools(db) if admits(pool, viewer) and pool.position > after]
    return found[: paging.limit + 1]


async def classes_are_needed(db: AsyncSession) -> bool:
    """Whether every session has to be of a class: where there are pools, what is of none has no limits."""
    return bool(await store.pools(db))


async def _hidden(db: AsyncSession, viewer: Viewer) -> list[str]:
    """The pools that are for others."""
    return [pool.id for pool in await store.pools(db) if not admits(pool, viewer)]
