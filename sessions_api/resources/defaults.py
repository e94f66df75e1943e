"""Which class new sessions are of: one at most, an administrator's before the file's."""

from sqlalchemy.ext.asyncio import AsyncSession

from sessions_api.resources import store
from sessions_api.resources.tables import ADMIN, ResourceClass


async def settle(db: AsyncSession, chosen: ResourceClass | None = None) -> None:
    """Makes `chosen` the default, else the one that an administrator has made it, else the file's.

    Who calls it has the turn (`store.take_turns`), so that no two have it.
    """
    classes = await store.every(db)
    live = [one for one in classes if one.withdrawn_at is None]
    own = (one for one in live if one.origin == ADMIN and one.is_default)
    wanted = chosen or next(own, None) or next((one for one in live if one.default_in_file), None)
    for one in classes:
        if one.is_default and one is not wanted:
            one.is_default = False
            one.revision += 1
    if wanted is not None and not wanted.is_default:
        wanted.is_default = True
        wanted.revision += 1
    await db.flush()
