"""One world for all tests here: each leaves it as it was."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.api.rights.world import World
from tests.pages.hub import StandInHub


@pytest_asyncio.fixture(scope="package", loop_scope="package")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    with StandInHub() as hub:
        async with World.made(tmp_path_factory.mktemp("world"), hub) as made:
            yield made
