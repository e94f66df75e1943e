"""How recipes become environments."""

from collections.abc import Iterable

from sqlalchemy.ext.asyncio import AsyncSession

from sessions_api.audit import service as audit
from sessions_api.audit.service import By
from sessions_api.audit.verbs import Verb
from sessions_api.environments import making, store
from sessions_api.environments.content import RECIPE, Content
from sessions_api.environments.tables import Environment
from sessions_api.kit import clock
from sessions_api.kit.ids import new_id
from spawner.recipes import Recipe

MAKER = "sojourn"
"""Who made the environments that come with Sojourn."""


async def seed(db: AsyncSession, recipes: Iterable[Recipe]) -> None:
    """Brings the environments of recipes up to them.

    A recipe that is not what the newest version made from it is becomes the next version. Seeding again
    changes nothing, and several processes may seed at once. Name, description and keywords are the recipe's.
    What administrators decide stays: that an environment is archived or none of the default ones, who sees
    it, and versions that they added. An environment whose recipe is gone stays too.
    """
    for recipe in recipes:
        environment = await store.of_recipe(db, recipe.slug) or await _new(db, recipe)
        if _take_words(environment, recipe):
            await making.describe(db, environment)
        newest = (await store.latest(db, [environment.id], made_from=RECIPE)).get(environment.id)
        content = Content.of_recipe(recipe)
        if newest is None or not content.is_same(newest):
            version = await making.add_version(db, environment, content, by=MAKER)
            audit.record(
                db,
                By.SYSTEM,
                Verb.ENVIRONMENT_PUBLISH,
                environment.name,
                thing=environment.id,
                version=version.number,
                made_from=version.made_from,
            )


async def _new(db: AsyncSession, recipe: Recipe) -> Environment:
    now = clock.now()
    environment = Environment(
        id=new_id(),
        slug=recipe.slug,
        name="",
        description="",
        keywords=[],
        recipe=recipe.slug,
        default=True,
        visibility="everyone",
        archived_at=None,
        successor_id=None,
        created_by=MAKER,
        created_at=now,
        updated_at=now,
        revision=0,
    )
    if await making.add(db, environment):
        return environment
    present = await store.of_recipe(db, recipe.slug)
    assert present is not None  # noqa: S101 - that it is there is why ours was not added
    return present


def _take_words(environment: Environment, recipe: Recipe) -> bool:
    told = (recipe.name, recipe.description, list(recipe.keywords))
    if (environment.name, environment.description, environment.keywords) == told:
        return False
    environment.name, environment.description, environment.keywords = told
    environment.updated_at = clock.now()
    environment.revision += 1
    return True
