"""Rules of projects: who sees and may do what, names, members, folders."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from sessions_api.audit import service as audit
from sessions_api.audit.verbs import Verb
from sessions_api.kit import clock
from sessions_api.kit.db import notify
from sessions_api.kit.errors import Conflict, FieldError, Forbidden, Invalid, NotFound
from sessions_api.kit.ids import free_name, new_id, slugify
from sessions_api.kit.paging import Paging
from sessions_api.people.viewer import Role, Viewer
from sessions_api.projects import store
from sessions_api.projects.tables import Member, Project, ProjectFolder
from sessions_api.rights import policy
from sessions_api.rights.policy import CONFIGURE, GOVERN

RESERVED = frozenset({"new"})
"""Slugs that are pages of their own."""


@dataclass(frozen=True)
class Access:
    """A project that the viewer sees, and what they may do in it."""

    project: Project
    role: Role
    viewer: Viewer

    def may(self, role: Role) -> bool:
        """Whether the viewer has `role` or more (see `rights.policy`)."""
        return self.role >= role

    def require(self, role: Role) -> None:
        """Lets those through who have `role` or more.

        Raises:
            Forbidden: the viewer has less.
        """
        if not self.may(role):
            raise Forbidden(
                f"This needs the role {role.word}; you are {self.role.word} of {self.project.name}.",
                hint="Ask an owner of the project for it.",
            )


def record(
    db: AsyncSession, access: Access, verb: Verb, name: str, *, thing: str | None = None, **details: Any
) -> None:
    """Writes into the audit log what the viewer did in the project; see `audit.service.record`."""
    audit.record(db, access.viewer, verb, name, thing=thing, project=access.project, **details)


def topic(project_id: str) -> str:
    """What is notified when the project or a part of it changes."""
    return f"project:{project_id}"


async def access(db: AsyncSession, viewer: Viewer, slug: str) -> Access:
    """The project called `slug`.

    Raises:
        NotFound: there is none, or the viewer may not see it.
    """
    found = await store.get(db, viewer, slug)
    if found is None:
        raise _missing(slug)
    project, roles = found
    return Access(project, policy.role(filter(None, roles)), viewer)


def _missing(slug: str) -> NotFound:
    return NotFound(f"There is no project {slug}.", hint="Your projects are listed at /projects.")


async def governed(db: AsyncSession, viewer: Viewer, slug: str) -> Project:
    """The project called `slug`, of which the viewer may know what was done in it.

    Raises:
        NotFound: there is none, or the viewer may not see it; platform administrators know of all.
        Forbidden: only its owners know, and platform administrators.
    """
    if not policy.administers(viewer):
        seen = await access(db, viewer, slug)
        seen.require(GOVERN)
        return seen.project
    found = await store.present(db, slug)
    if found is None:
        raise _missing(slug)
    return found


async def listing(db: AsyncSession, viewer: Viewer, paging: Paging, search: str = "") -> list[Access]:
    """The projects that the viewer sees, newest first, one more than asked for if there is."""
    rows = await store.listing(db, viewer, paging, search)
    return [Access(project, policy.role(filter(None, roles)), viewer) for project, roles in rows]


async def by_ids(db: AsyncSession, project_ids: Sequence[str]) -> dict[str, Project]:
    """Projects by id, removed ones too, for the history of runs."""
    return await store.by_ids(db, project_ids)


async def count_members(db: AsyncSession, project_ids: Sequence[str]) -> dict[str, int]:
    """How many members each project has."""
    return await store.count_members(db, project_ids)


async def first_members(db: AsyncSession, project_ids: Sequence[str], most: int) -> Sequence[Member]:
    """Some members of each project, who came first."""
    return await store.first_members(db, project_ids, most)


async def create(db: AsyncSession, viewer: Viewer, *, name: str, description: str, visibility: str) -> Access:
    """A new project; its slug derives from its name, and who creates it owns it."""
    slug = slugify(name, otherwise="project")
    now = clock.now()
    project = Project(
        id=new_id(),
        slug=free_name(slug, await store.slugs_like(db, slug) | RESERVED),
        name=name,
        description=description,
        visibility=visibility,
        created_by=viewer.name,
        created_at=now,
        updated_at=now,
        revision=1,
    )
    db.add(project)
    await db.flush()
    db.add(Member(project_id=project.id, person=viewer.name, role="owner", created_at=now))
    audit.record(
        db, viewer, Verb.PROJECT_CREATE, name, thing=project.id, project=project, visibility=visibility
    )
    await db.flush()
    return Access(project, GOVERN, viewer)


async def change(
    db: AsyncSession,
    access: Access,
    *,
    name: str | None = None,
    description: str | None = None,
    visibility: str | None = None,
) -> Access:
    """Changes what is given. The slug stays: addresses are kept.

    Raises:
        Forbidden: only editors change a project, only owners who sees it.
    """
    access.require(CONFIGURE if visibility is None else GOVERN)
    project = access.project
    before = audit.state(project)
    project.name = project.name if name is None else name
    project.description = project.description if description is None else description
    project.visibility = project.visibility if visibility is None else visibility
    project.updated_at = clock.now()
    project.revision += 1
    record(
        db,
        access,
        Verb.PROJECT_CHANGE,
        project.name,
        thing=project.id,
        fields=audit.changed(project, before),
        visibility=project.visibility,
    )
    await db.flush()
    notify(db, topic(project.id))
    return access


async def remove(db: AsyncSession, access: Access, *, stopped: int) -> None:
    """Removes the project; so many runs of it have been stopped by the caller.

    Raises:
        Forbidden: only owners remove a project.
    """
    access.require(GOVERN)
    await store.remove(db, access.project.id, clock.now())
    project = access.project
    record(db, access, Verb.PROJECT_REMOVE, project.name, thing=project.id, stopped_runs=stopped)
    notify(db, topic(access.project.id))


async def members(db: AsyncSession, access: Access, paging: Paging) -> Sequence[Member]:
    """The members by name, one more than asked for if there is."""
    return await store.members(db, access.project.id, paging)


async def member(db: AsyncSession, access: Access, person: str) -> Member:
    """One member.

    Raises:
        NotFound: the person is none.
    """
    found = await store.member(db, access.project.id, person)
    if found is None:
        raise NotFound(f"{person} is not a member of {access.project.name}.")
    return found


async def add_member(db: AsyncSession, access: Access, *, person: str, role: str) -> Member:
    """Makes a person a member.

    Raises:
        Forbidden: only owners decide who belongs.
        Conflict: the person is a member already.
    """
    access.require(GOVERN)
    await store.lock(db, access.project.id)
    if await store.member(db, access.project.id, person) is not None:
        raise Conflict(
            f"{person} is a member already.", code="member_exists", hint="Change their role instead."
        )
    added = Member(project_id=access.project.id, person=person, role=role, created_at=clock.now())
    db.add(added)
    record(db, access, Verb.MEMBER_ADD, person, role=role)
    await db.flush()
    notify(db, topic(access.project.id))
    return added


async def change_member(db: AsyncSession, access: Access, person: str, *, role: str) -> Member:
    """Gives a member another role.

    Raises:
        Forbidden: only owners decide that.
        Conflict: it would leave the project without an owner.
        NotFound: the person is no member.
    """
    access.require(GOVERN)
    await store.lock(db, access.project.id)
    changed = await member(db, access, person)
    if changed.role == "owner" and role != "owner":
        await _keep_an_owner(db, access)
    record(db, access, Verb.MEMBER_CHANGE, person, role=role, before=changed.role)
    changed.role = role
    await db.flush()
    notify(db, topic(access.project.id))
    return changed


async def remove_member(db: AsyncSession, access: Access, person: str) -> None:
    """Takes a person out; owners anybody, everybody themselves.

    Raises:
        Forbidden: somebody else is taken out by a person who does not own the project.
        Conflict: it would leave the project without an owner.
        NotFound: the person is no member.
    """
    if person != access.viewer.name:
        access.require(GOVERN)
    await store.lock(db, access.project.id)
    leaving = await member(db, access, person)
    if leaving.role == "owner":
        await _keep_an_owner(db, access)
    await store.remove_member(db, access.project.id, person)
    record(db, access, Verb.MEMBER_REMOVE, person, before=leaving.role)
    notify(db, topic(access.project.id))


async def own_role(db: AsyncSession, project_id: str, person: str) -> str | None:
    """The role that a person has in a project by themselves; None: they are no member."""
    found = await store.member(db, project_id, person)
    return None if found is None else found.role


async def admit(db: AsyncSession, project_id: str, person: str, role: str) -> None:
    """Makes a person a member, or gives them another role: the caller has found that they may have it.

    The caller holds the project (`lock_id`) and records it.
    """
    found = await store.member(db, project_id, person)
    if found is None:
        db.add(Member(project_id=project_id, person=person, role=role, created_at=clock.now()))
    else:
        found.role = role


async def _keep_an_owner(db: AsyncSession, access: Access) -> None:
    if await store.count_owners(db, access.project.id) == 1:
        raise Conflict(
            f"{access.project.name} would have no owner.",
            code="last_owner",
            hint="Make somebody else an owner first.",
        )


async def is_member(db: AsyncSession, project_id: str, person: str, groups: Collection[str] = ()) -> bool:
    """Whether a person, who is in some groups of the hub's, belongs to a project; else they pass by."""
    return await store.is_member(db, project_id, person, groups)


async def lock(db: AsyncSession, access: Access) -> None:
    """Holds the project until the transaction ends: its parts change one after the other.

    Raises:
        NotFound: it was removed a moment ago.
    """
    if not await lock_id(db, access.project.id):
        raise NotFound(f"There is no project {access.project.slug}.")


async def lock_id(db: AsyncSession, project_id: str) -> bool:
    """Like `lock`, for a project that the viewer does not see yet; False when it was removed."""
    return await store.lock(db, project_id) is not None


async def claim_folder(db: AsyncSession, project_id: str, folder: str, *, field: str = "folder") -> None:
    """Takes a folder of /work for a repository or storage.

    Raises:
        Invalid: it is taken; the error proposes a free one.
    """
    await store.lock(db, project_id)
    taken = await store.folders(db, project_id)
    if folder.lower() in taken:
        free = free_name(folder.lower(), taken)
        detail = f"The folder {folder} of /work is taken by another repository or storage; {free} is free."
        raise Invalid(
            detail, code="folder_taken", errors=[FieldError(field=field, detail=detail, value=free)]
        )
    db.add(ProjectFolder(project_id=project_id, key=folder.lower()))
    await db.flush()


async def release_folder(db: AsyncSession, project_id: str, folder: str) -> None:
    """Frees a folder of /work."""
    await store.release_folder(db, project_id, folder.lower())
