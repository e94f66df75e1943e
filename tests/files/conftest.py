"""The route that reads files, spoken to over HTTP; nothing else of Sojourn runs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated, Any

import httpx
import pytest
from fastapi import FastAPI, Header

from sessions_api import errors
from sessions_api.environments.files import routes
from sessions_api.people.dependencies import current_viewer
from sessions_api.people.viewer import Viewer
from sessions_api.settings import Settings

FRONT_END = "jupyterhub==6.1.1\njupyterlab==4.5.0\n"


def app(**changed: str) -> FastAPI:
    app = FastAPI()
    errors.install(app)
    app.include_router(routes.router, prefix="/api/v1")
    tokens = dict.fromkeys(("hub_token", "spawner_token", "cookie_secret"), "t")
    addresses = {"database_url": "", "public_url": "http://sojourn.test", "hub_api_url": "http://hub.test"}
    app.state.settings = Settings.model_validate({**tokens, **addresses, **changed})

    def viewer(x_viewer: Annotated[str, Header()]) -> Viewer:
        return Viewer(x_viewer, admin=False)

    app.dependency_overrides[current_viewer] = viewer
    return app


class Reader(httpx.AsyncClient):
    """Sends files as somebody who is logged in."""

    def __init__(self, **settings: str) -> None:
        super().__init__(
            transport=httpx.ASGITransport(app(**settings)),
            base_url="http://sojourn.test/api/v1",
            headers={"X-Viewer": "ada"},
        )

    async def answered(self, text: str, **more: Any) -> httpx.Response:
        """The answer to a file."""
        return await self.post("/environments/read", json={"text": text, **more})

    async def read(self, text: str, **more: Any) -> dict[str, Any]:
        """What a file comes to."""
        answer = await self.answered(text, **more)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def refused(self, text: str, **more: Any) -> tuple[str, str]:
        """Field and sentence of the refusal of a file."""
        answer = await self.answered(text, **more)
        assert answer.status_code == 422, answer.text
        [error] = answer.json()["errors"]
        return error["field"], error["detail"]


@pytest.fixture
async def reader() -> AsyncIterator[Reader]:
    async with Reader() as client:
        yield client


def pins(found: dict[str, Any]) -> list[str]:
    """The pinned lines of what was read."""
    begin, *lines = found["requirements"].splitlines()
    assert begin == "--only-binary :all:"
    return lines
