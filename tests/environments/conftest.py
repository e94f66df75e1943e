from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from spawner.environments import ensure
from spawner.recipes import Recipe
from spawner.spec import EnvironmentSpec

REPOSITORY = Path(__file__).parents[2]
RECIPES = REPOSITORY / "environments"

Describe = Callable[[str, str], EnvironmentSpec]


def described(name: str, requirements: str) -> EnvironmentSpec:
    return EnvironmentSpec(
        id=name.lower(),
        slug=name.lower(),
        name=name,
        version=1,
        digest="sha256:" + "0" * 64,
        requirements=requirements,
        front_end="JupyterLab",
        command=("jupyterhub-singleuser",),
        default_url="/lab",
    )


@pytest.fixture(scope="session")
def describe() -> Describe:
    return described


@pytest.fixture(scope="session")
def shared_cache() -> Path:
    """Kept between test runs: building is tested elsewhere, in caches of their own."""
    return REPOSITORY / ".cache" / "tests"


@pytest.fixture
async def minimal(shared_cache: Path) -> Path:
    recipe = Recipe.load(RECIPES / "minimal")
    return await ensure(described(recipe.name, recipe.requirements), shared_cache, lambda _: None)
