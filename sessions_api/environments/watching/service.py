"""What is known of the tags that versions were typed with."""

from collections.abc import Iterable

from sqlalchemy.ext.asyncio import AsyncSession

from sessions_api.environments.tables import EnvironmentVersion
from sessions_api.environments.watching import store
from sessions_api.environments.watching.tags import Upstream, upstream, watched


async def upstreams(db: AsyncSession, versions: Iterable[EnvironmentVersion]) -> dict[str, Upstream]:
    """What the tags of versions meant when last asked, by the version's id, in one statement.

    A version whose tag is not watched, or was not asked for yet, is not there.
    """
    typed = {each.id: (each, watched(each.reference, each.image)) for each in versions}
    known = await store.tags(db, {str(tag) for _, tag in typed.values() if tag is not None})
    return {
        version_id: found
        for version_id, (version, tag) in typed.items()
        if tag is not None
        and (row := known.get(str(tag))) is not None
        and (found := upstream(version, tag, row)) is not None
    }
