"""Rules of groups of the hub's that belong to a project: their people have the group's role in it.

Who is in a group is the hub's to say. It is asked at most a minute later, so who leaves the group has lost
the role by then.
"""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from sessions_api.audit.verbs import Verb
from sessions_api.kit import clock
from sessions_api.kit.db import notify
from sessions_api.kit.errors import NotFound
from sessions_api.kit.paging import Paging
from sessions_api.projects import store
from sessions_api.projects.service import Access, record, topic
from sessions_api.projects.tables import ProjectGroup
from sessions_api.rights.policy import GOVERN


async def listing(db: AsyncSession, access: Access, paging: Paging) -> Sequence[ProjectGroup]:
    """The groups by name, one more than asked for if there is."""
    return await store.groups(db, access.project.id, paging)


async def get(db: AsyncSession, access: Access, name: str) -> ProjectGroup:
    """One group.

    Raises:
        NotFound: it does not belong to the project.
    """
    found = await store.group(db, access.project.id, name)
    if found is None:
        raise NotFound(f"The group {name} does not belong to {access.project.name}.")
    return found


async def put(db: AsyncSession, access: Access, name: str, *, role: str) -> ProjectGroup:
    """Makes a group's people members of the project, or gives them another role.

    Whether the hub has such a group is not asked: it may get one.

    Raises:
        Forbidden: only owners decide who belongs.
    """
    access.require(GOVERN)
    await store.lock(db, access.project.id)
    found = await store.group(db, access.project.id, name)
    if found is None:
        found = ProjectGroup(project_id=access.project.id, group=name, role=role, created_at=clock.now())
        db.add(found)
        record(db, access, Verb.GROUP_ADD, name, role=role)
    else:
        before, found.role = found.role, role
        record(db, access, Verb.GROUP_CHANGE, name, role=role, before=before)
    await db.flush()
    notify(db, topic(access.project.id))
    return found


async def remove(db: AsyncSession, access: Access, name: str) -> None:
    """Takes a group out of the project; those of its people who are members by themselves stay.

    Raises:
        Forbidden: only owners decide who belongs.
        NotFound: it does not belong to the project.
    """
    access.require(GOVERN)
    await store.lock(db, access.project.id)
    leaving = await get(db, access, name)
    await store.remove_group(db, access.project.id, name)
    record(db, access, Verb.GROUP_REMOVE, name, before=leaving.role)
    notify(db, topic(access.project.id))
