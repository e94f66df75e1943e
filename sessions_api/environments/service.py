"""Rules of environments: which there are, who sees them, and their versions.

A session works for all who see its project, whoever sees its environment: the project's pages name the
environment and its version, which `by_ids` and `versions_by_ids` read without asking who looks.
"""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from sessions_api.environments import cursors, differences, store
from sessions_api.environments.differences import FieldChange, PackageChange
from sessions_api.environments.filters import Filters
from sessions_api.environments.installed import store as installed
from sessions_api.environments.kinds import Kinds
from sessions_api.environments.packages import Package
from sessions_api.environments.search import store as searches
from sessions_api.environments.search import terms
from sessions_api.environments.tables import Environment, EnvironmentVersion
from sessions_api.environments.uses import store as uses
from sessions_api.environments.uses.store import Used
from sessions_api.environments.watching import service as watching
from sessions_api.environments.watching.tags import Upstream
from sessions_api.kit.errors import Conflict, Forbidden, NotFound
from sessions_api.kit.paging import Paging
from sessions_api.people.viewer import Viewer
from sessions_api.projects.tables import Project
from sessions_api.rights.policy import may_change

ALL = Filters()


@dataclass(frozen=True, slots=True)
class Found:
    """An environment in a list; `key` is its place there, for cursors."""

    environment: Environment
    key: str


@dataclass(frozen=True)
class Around:
    """What lists say of environments besides themselves, by the environment's id.

    Attributes:
        latest: the newest version.
        used: in how many projects; not there where in none.
        favourites: those that are the viewer's.
        successors: of the archived ones that have one which the viewer sees, by its own id.
        upstreams: what the tags of `latest` mean by now, by the version's id.
    """

    latest: dict[str, EnvironmentVersion]
    used: dict[str, Used]
    favourites: set[str]
    successors: dict[str, Environment]
    upstreams: dict[str, Upstream]

    def successor(self, environment: Environment) -> Environment | None:
        """What to use in the place of an archived environment."""
        return self.successors.get(environment.successor_id) if environment.successor_id else None

    def used_of(self, environment: Environment) -> Used:
        """In how many projects an environment has sessions."""
        return self.used.get(environment.id, Used())


@dataclass(frozen=True)
class Difference:
    """What differs between two versions.

    Attributes:
        run: fields of how it is run.
        new_bytes: what who has `before` downloads for `after`; None where the layers are not known.
    """

    before: EnvironmentVersion
    after: EnvironmentVersion
    packages: tuple[PackageChange, ...]
    run: tuple[FieldChange, ...]
    new_bytes: int | None


async def listing(
    db: AsyncSession, viewer: Viewer, paging: Paging, search: str = "", filters: Filters = ALL
) -> Sequence[Found]:
    """Environments that the viewer sees, one more than asked for if there is.

    Without words, default ones first, then by slug. With words, those that have them all, best finds first:
    what is called so, what begins so, keywords, words of name and description, installed packages, who made
    it; among equals default ones, the viewer's favourites and what `filters.project` uses, and what more
    projects use. A search shows the best of what it finds (`search.store.MOST` of each kind), however many
    there are.

    Raises:
        Invalid: the cursor is of another list.
    """
    words = terms.wanted(search)
    if not words:
        rows = await store.listing(db, viewer, cursors.listed(paging.after), paging.limit + 1, filters)
        return [Found(row, store.sort_key(row)) for row in rows]
    found = await searches.search(
        db,
        viewer,
        words,
        filters,
        phrase=terms.fold(search),
        after=cursors.found(paging.after),
        limit=paging.limit + 1,
    )
    return [Found(environment, json.dumps(place)) for environment, place in found]


async def around(db: AsyncSession, viewer: Viewer, environments: Collection[Environment]) -> Around:
    """What lists say besides, in a fixed number of statements."""
    ids = [environment.id for environment in environments]
    successors = {each.successor_id for each in environments if each.successor_id is not None}
    latest = await store.latest(db, ids)
    return Around(
        latest=latest,
        used=await uses.counts(db, viewer, ids),
        favourites=await store.favourites(db, viewer.name, ids),
        successors=await store.visible_by_ids(db, viewer, successors),
        upstreams=await watching.upstreams(db, latest.values()),
    )


async def get(db: AsyncSession, viewer: Viewer, slug_or_id: str) -> Environment:
    """One environment; an archived one too.

    Raises:
        NotFound: there is none of that slug or id, or the viewer may not see it.
    """
    found = await store.get(db, viewer, slug_or_id)
    if found is None:
        raise NotFound(f"There is no environment {slug_or_id}.", hint="All are listed at /environments.")
    return found


def require_editor(viewer: Viewer, environment: Environment) -> None:
    """Lets those through who may change an environment: who made it, and platform admins.

    Raises:
        Forbidden: the viewer is neither.
    """
    if not may_change(viewer, environment):
        raise Forbidden(
            f"Only {environment.created_by} and platform administrators change {environment.name}.",
            hint="Duplicate it to have one of your own.",
        )


async def require_open(db: AsyncSession, viewer: Viewer, environment: Environment) -> None:
    """Lets environments through that sessions can be added from; they stay so until the transaction ends.

    Raises:
        Conflict: it is archived (`environment_archived`; links to its successor if the viewer sees one).
        NotFound: it was deleted a moment ago.
    """
    held = await store.share(db, environment.id)
    if held is None:
        raise NotFound(f"There is no environment {environment.slug}.")
    if held.archived_at is None:
        return
    following = [held.successor_id] if held.successor_id else []
    successor = next(iter((await store.visible_by_ids(db, viewer, following)).values()), None)
    raise Conflict(
        f"{held.name} is archived: its sessions go on, and nothing new is made from it.",
        code="environment_archived",
        hint="Choose another environment." if successor is None else f"Use {successor.name} instead.",
        links={} if successor is None else {"successor": f"/environments/{successor.slug}"},
    )


async def require_visible(db: AsyncSession, viewer: Viewer, environment: Environment) -> None:
    """Lets environments through that the viewer sees, of those that they know by a session.

    Raises:
        Conflict: the viewer does not see it (`environment_not_shared`).
    """
    if not await store.visible_by_ids(db, viewer, [environment.id]):
        raise Conflict(
            f"{environment.name} is not shared with you; its session goes on with the version it has.",
            code="environment_not_shared",
            hint=f"Ask {environment.created_by} to share it with the project.",
        )


async def versions(db: AsyncSession, environment_id: str) -> Sequence[EnvironmentVersion]:
    """All versions of an environment, newest first."""
    return await store.versions(db, environment_id)


async def versions_page(
    db: AsyncSession, environment: Environment, paging: Paging
) -> Sequence[EnvironmentVersion]:
    """Versions of an environment, newest first, one more than asked for if there is; cursors are numbers.

    Raises:
        Invalid: the cursor is of another list.
    """
    return await store.versions(db, environment.id, paging.limit + 1, paging.number)


async def version(db: AsyncSession, version_id: str) -> EnvironmentVersion:
    """One version.

    Raises:
        NotFound: there is none of that id.
    """
    found = (await store.versions_by_ids(db, [version_id])).get(version_id)
    if found is None:
        raise NotFound(f"There is no version {version_id} of an environment.")
    return found


async def numbered(db: AsyncSession, environment: Environment, number: int) -> EnvironmentVersion:
    """The version of that number.

    Raises:
        NotFound: the environment has none.
    """
    found = await store.numbered(db, environment.id, number)
    if found is None:
        raise NotFound(f"{environment.name} has no version {number}.")
    return found


async def latest(db: AsyncSession, environment_id: str) -> EnvironmentVersion:
    """The newest version of an environment.

    Raises:
        NotFound: there is no environment of that id.
    """
    found = (await store.latest(db, [environment_id])).get(environment_id)
    if found is None:
        raise NotFound(f"There is no environment {environment_id}.")
    return found


async def by_ids(db: AsyncSession, ids: Collection[str]) -> dict[str, Environment]:
    """Environments by id, in one statement, whoever may see them: sessions name theirs."""
    return await store.by_ids(db, ids)


async def seen(db: AsyncSession, viewer: Viewer, ids: Collection[str]) -> set[str]:
    """Those of the environments that the viewer sees, in one statement."""
    return set(await store.visible_by_ids(db, viewer, ids))


async def versions_by_ids(db: AsyncSession, ids: Collection[str]) -> dict[str, EnvironmentVersion]:
    """Versions by id, in one statement."""
    return await store.versions_by_ids(db, ids)


async def latest_of(db: AsyncSession, environment_ids: Collection[str]) -> dict[str, EnvironmentVersion]:
    """The newest version of each environment, by the environment's id, in one statement."""
    return await store.latest(db, environment_ids)


async def difference(db: AsyncSession, before: EnvironmentVersion, after: EnvironmentVersion) -> Difference:
    """What differs between two versions, in one statement."""
    known = await installed.of_versions(db, {before.id, after.id})
    return Difference(
        before=before,
        after=after,
        packages=differences.of_packages(known[before.id], known[after.id]),
        run=differences.of_runs(before, after),
        new_bytes=differences.new_bytes(before, after),
    )


async def installed_in(db: AsyncSession, version_ids: Collection[str]) -> dict[str, tuple[Package, ...]]:
    """What is known to be installed in versions, by name, by the version's id, in one statement."""
    return await installed.of_versions(db, version_ids)


async def packages_page(
    db: AsyncSession, version: EnvironmentVersion, paging: Paging, part: str, ecosystem: str | None
) -> Sequence[tuple[Package, str]]:
    """Packages of a version with `part` in their names, each with its cursor; one more if there is.

    Raises:
        Invalid: the cursor is of another list.
    """
    rows = await installed.listing(
        db,
        version.id,
        paging.limit + 1,
        after=cursors.package(paging.after),
        part=terms.printable(part),
        ecosystem=ecosystem,
    )
    return [(package, json.dumps(place)) for package, place in rows]


async def shared_with(
    db: AsyncSession, viewer: Viewer, environment: Environment
) -> tuple[list[Project], int]:
    """The projects whose members see an environment: those that the viewer sees, and how many others."""
    return await store.shared_with(db, viewer, environment.id)


async def set_favourite(
    db: AsyncSession, viewer: Viewer, environment: Environment, *, favourite: bool
) -> None:
    """Makes an environment a favourite of the viewer's, or none; it may be so already."""
    if favourite:
        await store.add_favourite(db, viewer.name, environment.id)
    else:
        await store.remove_favourite(db, viewer.name, environment.id)


def require_runs_here(environment: Environment, version: EnvironmentVersion, *, kinds: Kinds) -> None:
    """Lets those through that sessions can run in here.

    Raises:
        Conflict: it is of another kind (`environment_unsupported`).
    """
    if runs_here(version, kinds=kinds):
        return
    named = f"Version {version.number} of {environment.name}"
    if version.image is None:
        raise Conflict(
            f"{named} has no image, and sessions run as pods here.",
            code="environment_unsupported",
            hint="Choose an environment with an image, or ask an administrator to give this one an image.",
        )
    raise Conflict(
        f"{named} is an image, and this computer has neither podman nor docker that works.",
        code="environment_unsupported",
        hint="Install podman or docker and start Sojourn again, or choose an environment of packages.",
    )


def runs_here(version: EnvironmentVersion, *, kinds: Kinds) -> bool:
    """Whether sessions can run in a version here."""
    return kinds.run(version.image)
