"""How environments and versions are written, whoever makes them, with the words that find them."""

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from sessions_api.environments import store
from sessions_api.environments.content import Content
from sessions_api.environments.installed import store as installed
from sessions_api.environments.search import terms
from sessions_api.environments.search.terms import Kind
from sessions_api.environments.tables import Environment, EnvironmentVersion
from sessions_api.kit import clock
from sessions_api.kit.ids import free_name, new_id

RESERVED = frozenset({"new", "add", "check", "read"})
"""Slugs that are pages or operations of their own."""

_ATTEMPTS = 5
_OF_WORDS = frozenset(Kind) - {Kind.PACKAGE}


async def add(db: AsyncSession, environment: Environment) -> bool:
    """Writes a new environment; its slug gets a number where it is taken.

    Returns:
        False: another process wrote an environment of the same recipe this moment.
    """
    wanted = environment.slug
    for attempt in range(_ATTEMPTS):
        environment.slug = free_name(wanted, await store.slugs_like(db, wanted) | RESERVED)
        try:
            async with db.begin_nested():
                db.add(environment)
        except IntegrityError:
            # Another transaction took the slug or the recipe this moment.
            if environment.recipe is not None and await store.of_recipe(db, environment.recipe):
                return False
            if attempt == _ATTEMPTS - 1:
                raise
        else:
            break
    return True


async def add_version(
    db: AsyncSession, environment: Environment, content: Content, *, by: str
) -> EnvironmentVersion:
    """Writes the next version of an environment whose row is held; it is what finds the environment now."""
    newest = (await store.latest(db, [environment.id])).get(environment.id)
    version = EnvironmentVersion(
        id=new_id(),
        environment_id=environment.id,
        number=1 if newest is None else newest.number + 1,
        created_by=by,
        created_at=clock.now(),
        **content.columns(),
    )
    db.add(version)
    await db.flush()
    packages = content.packages
    if not packages and content.image is not None:
        packages = await installed.of_image(db, content.digest)
    await installed.add(db, version.id, packages)
    found = terms.of_packages(packages)
    await store.rewrite_terms(db, environment, {Kind.PACKAGE}, found)
    return version


async def describe(db: AsyncSession, environment: Environment) -> None:
    """Writes the words of an environment's own that find it, after they changed."""
    await db.flush()
    await store.rewrite_terms(db, environment, _OF_WORDS, terms.of_environment(environment))
