"""The news of a tag on pages: what they say, to whom they offer the next version, and what it costs."""

from __future__ import annotations

import html
import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

import httpx
import pytest
from fastapi import FastAPI

from sessions_api.environments.watching.watch import Watch
from sessions_api.kit.db import Database
from sessions_api.main import create_app
from sessions_api.people.dependencies import current_viewer, page_viewer
from sessions_api.people.viewer import Viewer
from tests.api.conftest import Client
from tests.api.test_statements import _asked
from tests.api.test_watched_tags import EAGER, asked, made
from tests.registry_server import RegistryServer

pytestmark = pytest.mark.usefixtures("on_cluster")

WEB_APP = {"Entrypoint": ["serve"], "ExposedPorts": {"8501/tcp": {}}, "User": "1000"}


@pytest.fixture
def server() -> Iterator[RegistryServer]:
    with RegistryServer() as server:
        yield server


@dataclass(frozen=True)
class Scene:
    """The whole service, in which nothing goes on in the background, and who looks at its pages."""

    service: FastAPI
    browser: httpx.AsyncClient
    watch: Watch

    def seen_by(self, person: str) -> httpx.AsyncClient:
        """The browser of a person."""
        viewer = Viewer(person, csrf="token")
        self.service.dependency_overrides[current_viewer] = lambda: viewer
        self.service.dependency_overrides[page_viewer] = lambda: viewer
        return self.browser


@pytest.fixture
async def scene(
    app: FastAPI, database: Database, server: RegistryServer, on_cluster: None
) -> AsyncIterator[Scene]:
    settings = app.state.settings.model_copy(
        update={
            "registry_private": server.host,
            "registry_insecure": server.host,
            "node_platforms": "linux/amd64",
        }
    )
    service = create_app(settings)
    service.state.database = database
    service.state.bus = database.bus
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(service), base_url="http://sojourn.test"
    ) as browser:
        yield Scene(service, browser, Watch(database, service.state.image_rules, EAGER))


def text_of(answer: httpx.Response) -> str:
    """A page as people read it."""
    assert answer.status_code == 200, answer.text
    return html.unescape(re.sub(r"<[^>]+>", "", answer.text.replace("<wbr>", "")))


def form_of(answer: httpx.Response, action: str) -> dict[str, str]:
    """The hidden fields of the form that is sent to `action`."""
    [form] = re.findall(rf'<form [^>]*action="{re.escape(action)}">(.*?)</form>', answer.text, re.DOTALL)
    return dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', form))


def inputs_of(answer: httpx.Response) -> dict[str, str]:
    """What the page's form would send, but for text areas."""
    sent = {}
    for tag in re.findall(r"<input [^>]*>", answer.text):
        named = {key: html.unescape(value) for key, value in re.findall(r'(\w+)="([^"]*)"', tag)}
        if named.get("type") not in {"radio", "checkbox"} or tag.endswith(" checked>"):
            sent[named.get("name", "")] = named.get("value", "")
    return sent


async def test_the_pages_tell_that_a_tag_moved_and_lead_to_the_next_version_and_the_update(
    ann: Client, project: str, server: RegistryServer, scene: Scene
) -> None:
    path = await made(ann, server)
    await ann.made(f"{project}/sessions", environment=path.rpartition("/")[2], name="Tide")
    digest = server.push("a/b", "1", layers=[b"two"], config=WEB_APP)
    await asked(scene.watch)
    browser = scene.seen_by("ann")

    environment, shown = await browser.get(path), await browser.get(project)
    configure = await browser.get(f"{project}/sessions/tide/configure")

    assert "The tag 1 moved" in text_of(environment)
    assert "Nothing changes by itself" in text_of(environment)
    said = f"The tag 1 moved at {server.host}: it means another image than version 1."
    assert said in text_of(shown)
    assert said in text_of(configure)
    checked = await browser.post(
        f"{path}/versions/add/check", data=form_of(shown, f"{path}/versions/add/check")
    )
    added = await browser.post(f"{path}/versions/add", data=inputs_of(checked))
    assert (added.status_code, added.headers["Location"]) == (303, f"{project}#session-tide")
    assert (await ann.get(f"{path}/versions/2")).json()["digest"] == digest
    after = await browser.get(project)
    assert "Version 2 is there." in text_of(after)
    assert "The tag 1 moved" not in text_of(after)
    assert (await ann.get(f"{project}/sessions/tide")).json()["environment"]["version"] == 1
    update = form_of(after, f"{project}/sessions/tide/version")
    await browser.post(f"{project}/sessions/tide/version", data=update)
    assert (await ann.get(f"{project}/sessions/tide")).json()["environment"]["digest"] == digest


async def test_who_may_not_change_the_environment_hears_of_it_without_a_button(
    ann: Client, project: str, server: RegistryServer, scene: Scene
) -> None:
    path = await made(ann, server)
    await ann.patch(path, json={"visibility": "everyone"})
    await ann.made(f"{project}/sessions", environment=path.rpartition("/")[2])
    server.push("a/b", "1", layers=[b"two"])
    await asked(scene.watch)
    browser = scene.seen_by("bob")

    for where in (path, project):
        answer = await browser.get(where)
        assert "The tag 1 moved" in text_of(answer)
        assert "Make version" not in text_of(answer)


async def test_the_pages_tell_that_a_tag_is_gone(
    ann: Client, project: str, server: RegistryServer, scene: Scene
) -> None:
    path = await made(ann, server)
    await ann.made(f"{project}/sessions", environment=path.rpartition("/")[2])
    await asked(scene.watch)
    del server.repository("a/b").tags["1"]
    await asked(scene.watch)
    browser = scene.seen_by("ann")

    for where in (path, project):
        answer = text_of(await browser.get(where))
        assert f"The tag 1 is gone from {server.host}; version 1 still runs while the registry" in answer
        assert "Make version" not in answer


async def test_the_next_version_leads_nowhere_but_to_projects_of_this_site(
    ann: Client, server: RegistryServer, scene: Scene
) -> None:
    path = await made(ann, server)
    server.push("a/b", "1", layers=[b"two"], config=WEB_APP)
    browser = scene.seen_by("ann")
    image = server.reference("a/b", "1")

    checked = await browser.post(
        f"{path}/versions/add/check", data={"image": image, "back": "//elsewhere.test/projects/"}
    )

    assert "elsewhere" not in checked.text


async def test_news_cost_the_same_however_many_there_are(
    ann: Client, project: str, server: RegistryServer, scene: Scene, database: Database
) -> None:
    places = (project, "/environments", "/api/v1/environments")
    browser = scene.seen_by("ann")
    await ann.made(f"{project}/sessions", environment="image")
    none = [len((await _asked(database, browser, where))[0]) for where in places]
    for number in range(3):
        path = await made(ann, server, f"a/{number}")
        await ann.made(f"{project}/sessions", environment=path.rpartition("/")[2])
        server.push(f"a/{number}", "1", layers=[b"two"])
    for _ in range(3):
        await asked(scene.watch)

    many = [(await _asked(database, browser, where))[0] for where in places]

    assert [sum("FROM watched_tags" in each for each in said) for said in many] == [1, 1, 1]
    assert [len(said) for said in many] == none
