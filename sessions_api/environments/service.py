"""Rules of environments: which there are, their versions, and how recipes become them."""

from collections.abc import Collection, Iterable, Sequence

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from sessions_api.environments import packages, store
from sessions_api.environments.packages import Package
from sessions_api.environments.tables import Environment, EnvironmentVersion
from sessions_api.kit import clock
from sessions_api.kit.errors import NotFound
from sessions_api.kit.ids import new_id
from sessions_api.kit.paging import Paging
from spawner.recipes import Recipe

MAKER = "sojourn"
"""Who made the environments that come with Sojourn."""


async def seed(db: AsyncSession, recipes: Iterable[Recipe]) -> None:
    """Brings the default environments up to their recipes.

    A recipe whose digest is not that of the newest version becomes the next version. Seeding again changes
    nothing, and several processes may seed at once. An environment whose recipe is gone stays.
    """
    for recipe in recipes:
        environment = await store.locked(db, recipe.slug) or await _new(db, recipe)
        _describe(environment, recipe)
        newest = (await store.latest(db, [environment.id])).get(environment.id)
        if newest is None or newest.digest != recipe.digest:
            db.add(_version(environment, recipe, 1 if newest is None else newest.number + 1))
        await db.flush()


async def listing(db: AsyncSession, paging: Paging, search: str = "") -> Sequence[Environment]:
    """Environments with every word of `search`, default ones first, one more than asked for if there is."""
    return await store.listing(db, paging, search.split())


def sort_key(environment: Environment) -> str:
    """What `listing` sorts by, for cursors."""
    return store.sort_key(environment)


async def get(db: AsyncSession, slug_or_id: str) -> Environment:
    """One environment.

    Raises:
        NotFound: there is none of that slug or id.
    """
    found = await store.get(db, slug_or_id)
    if found is None:
        raise NotFound(f"There is no environment {slug_or_id}.", hint="All are listed at /environments.")
    return found


async def versions(db: AsyncSession, environment_id: str) -> Sequence[EnvironmentVersion]:
    """All versions of an environment, newest first."""
    return await store.versions(db, environment_id)


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
    """Environments by id, in one statement."""
    return await store.by_ids(db, ids)


async def versions_by_ids(db: AsyncSession, ids: Collection[str]) -> dict[str, EnvironmentVersion]:
    """Versions by id, in one statement."""
    return await store.versions_by_ids(db, ids)


async def latest_of(db: AsyncSession, environment_ids: Collection[str]) -> dict[str, EnvironmentVersion]:
    """The newest version of each environment, by the environment's id, in one statement."""
    return await store.latest(db, environment_ids)


def installed(version: EnvironmentVersion) -> tuple[Package, ...]:
    """What is installed in a version, by name."""
    return packages.installed(version.requirements)


async def _new(db: AsyncSession, recipe: Recipe) -> Environment:
    now = clock.now()
    environment = Environment(
        id=new_id(),
        slug=recipe.slug,
        name=recipe.name,
        description=recipe.description,
        keywords=list(recipe.keywords),
        default=True,
        created_by=MAKER,
        created_at=now,
        updated_at=now,
        revision=1,
    )
    try:
        async with db.begin_nested():
            db.add(environment)
    except IntegrityError:
        # Another process seeded the same slug first; once its transaction is over there is a row to hold.
        present = await store.locked(db, recipe.slug)
        if present is None:
            raise
        return present
    return environment


def _describe(environment: Environment, recipe: Recipe) -> None:
    told = (recipe.name, recipe.description, list(recipe.keywords), True)
    if (environment.name, environment.description, environment.keywords, environment.default) == told:
        return
    environment.name, environment.description, environment.keywords, environment.default = told
    environment.updated_at = clock.now()
    environment.revision += 1


def _version(environment: Environment, recipe: Recipe, number: int) -> EnvironmentVersion:
    return EnvironmentVersion(
        id=new_id(),
        environment_id=environment.id,
        number=number,
        digest=recipe.digest,
        requirements=recipe.requirements,
        front_end=recipe.run.front_end,
        command=list(recipe.run.command),
        default_url=recipe.run.default_url,
        created_by=MAKER,
        created_at=clock.now(),
    )
