"""The whole application with people of every role, and things that some of them do not see.

Names of what is hidden have the word HUSH in them: no answer to who does not see it may.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI
from pydantic import SecretStr

from sessions_api.environments import seeding
from sessions_api.hub.client import Hub
from sessions_api.kit.db import Base, Database
from sessions_api.kit.events import Bus
from sessions_api.kit.ids import server_name
from sessions_api.main import create_app
from sessions_api.people.service import Logins
from sessions_api.people.viewer import Viewer
from sessions_api.runs.kept import service as kept
from sessions_api.runs.kept.service import Keeping
from sessions_api.runs.tables import Run
from sessions_api.settings import Settings
from tests.api.conftest import SECRETS_KEY, recipe
from tests.pages.hub import StandInHub

HUSH = "hush"
HIDDEN, OPEN = f"{HUSH}-terrain", "terrain"
SPAWNER = "a-token-of-the-spawner"
ROLES = {"vera": "viewer", "edda": "editor", "gus": "viewer"}
"""Members of both projects, which are Olga's; Gus starts nothing. Stan is none. Root is a platform admin."""
EVERYBODY = ("stan", "vera", "edda", "gus", "olga", "root")
LAB = {
    "front_end": "JupyterLab",
    "default_url": "/lab",
    "port": 8888,
    "command": ["jupyterhub-singleuser"],
    "requirements": "jupyterlab==4.5.0\n",
}


@dataclass(frozen=True)
class Answer:
    """Status and body; of a stream of events its first piece."""

    status: int
    text: str
    headers: Mapping[str, str]


@dataclass
class World:
    """The application on a copy of a database that is made once.

    Attributes:
        ids: of runs, by who started them; the name of the server of those in the hidden project; the id of
            that project's invitation, and the link of the other's.
    """

    folder: Path
    app: FastAPI
    hub: StandInHub
    ids: dict[str, str] = field(default_factory=dict)
    people: dict[str, tuple[str, str]] = field(default_factory=dict)

    @classmethod
    @asynccontextmanager
    async def made(cls, folder: Path, hub: StandInHub) -> AsyncIterator[World]:
        """Makes it, and lets go of it."""
        (folder / "home" / "data").mkdir(parents=True)
        settings = Settings.model_validate(
            {
                "database_url": f"sqlite+aiosqlite:///{folder / 'live.db'}",
                "public_url": "http://sojourn.test",
                "hub_api_url": hub.url,
                "hub_token": "a-token-of-the-service",
                "spawner_token": SPAWNER,
                "cookie_secret": "a-secret-for-cookies",
                "secrets_key": SECRETS_KEY,
                "storage_roots": str(folder / "home"),
            }
        )
        world = cls(folder, create_app(settings), hub)
        state = world.app.state
        state.database = Database(settings.database_url, Bus())
        state.bus = state.database.bus
        state.hub = Hub(hub.url, SecretStr("unused"))
        state.logins = Logins(state.database, state.hub, settings.cookie_secret)
        try:
            await world._make()
            await state.database.close()
            shutil.copyfile(folder / "live.db", folder / "made.db")
            yield world
        finally:
            await state.hub.close()
            await state.database.close()

    async def again(self) -> None:
        """Makes the database what it was."""
        await self.app.state.database.close()
        for left in self.folder.glob("live.db*"):
            left.unlink()
        shutil.copyfile(self.folder / "made.db", self.folder / "live.db")

    async def ask(self, who: str | None, method: str, path: str, body: Any = None, *, form: bool) -> Answer:
        """Sends a request as one of the people, as a program with a cookie or as a form of a page does."""
        headers = {"Host": "sojourn.test"}
        if who is not None and who in self.people:
            cookie, token = self.people[who]
            headers |= {"Cookie": f"sojourn-login={cookie}", "X-CSRF-Token": token}
            body = {**(body or {}), "csrf_token": token} if form else body
        elif who is not None:
            headers |= {"Authorization": f"token {who}"}
        sent = {"data": body} if form else {"json": body}
        request = httpx.Request(
            method, f"http://sojourn.test{path}", headers=headers, **sent if method != "GET" else {}
        )
        return await _answered(self.app, request)

    async def done(self, who: str, method: str, path: str, /, **body: Any) -> dict[str, Any]:
        """What a request of a program that must succeed answers."""
        answer = await self.ask(who, method, f"/api/v1{path}", body or None, form=False)
        assert answer.status < 300, answer.text
        return dict(httpx.Response(200, text=answer.text or "{}").json())

    async def _make(self) -> None:
        database: Database = self.app.state.database
        async with database.engine.begin() as connection:
            await connection.run_sync(Base.metadata.create_all)
        async with database.write() as db:
            await seeding.seed(db, [recipe("minimal", "Minimal")])
        for name in EVERYBODY:
            cookie = await self.app.state.logins.create(Viewer(name, admin=name == "root"))
            viewer = await self.app.state.logins.by_cookie(cookie)
            self.people[name] = (cookie, viewer.csrf)
        for slug in (OPEN, HIDDEN):
            await self._project(slug)
        await self._own()
        await self._environments()
        for name in ("Halls", "Other"):
            await self.done("root", "POST", "/admin/resource-classes", name=name, cpus=2, memory_gib=1)
        # Withdrawn: where there are pools, every session has to be of a class.
        await self.done("root", "POST", "/admin/resource-pools", name="Halls", classes=["halls"])
        await self.done("root", "POST", "/admin/resource-pools/halls/withdraw")
        await self._kept(database)

    async def _kept(self, database: Database) -> None:
        """What was kept of Vera's session when she stopped it."""
        async with database.write() as db:
            run = await db.get(Run, self.ids["vera"])
            assert run is not None
            await kept.want(db, run, Keeping(timedelta(days=7)))
            made = await kept.of_run(db, run.id)
            assert made is not None
            made.state = "ready"
            self.ids["kept"] = made.id

    async def _project(self, slug: str) -> None:
        mark = HUSH if slug == HIDDEN else "plain"
        here = f"/projects/{slug}"
        name = slug.replace("-", " ").capitalize()
        visibility = "private" if slug == HIDDEN else "public"
        await self.done("olga", "POST", "/projects", name=name, visibility=visibility)
        for person, role in ROLES.items():
            await self.done("olga", "POST", f"{here}/members", person=person, role=role)
        await self.done("olga", "PUT", f"{here}/groups/mappers", role="editor")
        invitation = await self.done("olga", "POST", f"{here}/invitations", note=f"{mark} guests")
        self.ids |= {"link": invitation["link"]} if slug == OPEN else {"invitation": invitation["id"]}
        url = f"https://git.example.org/{mark}/notes.git"
        await self.done("olga", "POST", f"{here}/repositories", url=url)
        storage = {"kind": "folder", "name": f"{mark} data", "path": str(self.folder / "home" / "data")}
        await self.done("olga", "POST", f"{here}/storages", **storage, folder="data")
        await self.done("olga", "POST", f"{here}/secrets", name="key", value=f"{mark}-value")
        await self.done("olga", "POST", f"{here}/git-logins", host="git.example.org", token=f"{mark}-token")
        login = {"host": "quay.io", "username": f"{mark}-robot", "password": f"{mark}-password"}
        await self.done("olga", "POST", f"{here}/registry-logins", **login)
        await self.done("olga", "POST", f"{here}/sessions", environment="minimal", name="Chart")
        await self.done("olga", "POST", f"{here}/sessions", environment="minimal", name="Spare")
        for person in ("stan",) if slug == OPEN else ("vera", "edda", "olga"):
            run = await self.done(person, "POST", f"{here}/sessions/chart/start")
            self.ids[person] = run["id"]
        saturday = {"at": "09:00", "days": ["sat"]}
        await self.done("olga", "PUT", f"{here}/sessions/chart/timetable", zone="UTC", start=saturday)
        chart = await self.done("olga", "GET", f"{here}/sessions/chart")
        self.ids["server"] = server_name(slug, "chart", chart["id"])

    async def _own(self) -> None:
        for person in ("vera", "stan"):
            host = f"{person}.example.org"
            mark = HUSH if person == "vera" else "plain"
            await self.done(person, "POST", "/me/git-logins", host=host, token=f"{mark}-token")
            login = {"host": host, "username": mark, "password": mark}
            await self.done(person, "POST", "/me/registry-logins", **login)

    async def _environments(self) -> None:
        """Edda's: one that only she sees, one that the hidden project sees, one that everybody does."""
        made = {"private": (), "projects": (HIDDEN,), "everyone": ()}
        for visibility, shared in made.items():
            name = f"{HUSH if visibility != 'everyone' else 'plain'} for {visibility}"
            given = {"name": name, "visibility": visibility, "version": LAB}
            await self.done("edda", "POST", "/environments", **given, projects=list(shared))
            slug = name.replace(" ", "-")
            await self.done(
                "edda", "POST", f"/environments/{slug}/versions", **LAB | {"default_url": "/tree"}
            )


async def _answered(app: FastAPI, request: httpx.Request) -> Answer:
    """Speaks ASGI, because httpx waits for the end of an answer and some streams have none."""
    gone, came = asyncio.Event(), asyncio.Event()
    got: dict[str, Any] = {"status": 0, "headers": {}, "body": b""}
    sent = iter([{"type": "http.request", "body": request.content, "more_body": False}])

    async def receive() -> dict[str, Any]:
        if (message := next(sent, None)) is not None:
            return message
        await gone.wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            got["status"] = message["status"]
            got["headers"] = {name.decode(): value.decode() for name, value in message["headers"]}
            return
        got["body"] += message.get("body", b"")
        if not message.get("more_body") or got["headers"].get("content-type", "").startswith("text/event"):
            came.set()

    scope = {
        "type": "http",
        "method": request.method,
        "path": request.url.path,
        "raw_path": request.url.raw_path,
        "query_string": request.url.query,
        "headers": [(name.lower(), value) for name, value in request.headers.raw],
        "scheme": "http",
        "http_version": "1.1",
        "server": ("sojourn.test", 80),
        "client": ("127.0.0.1", 1),
    }
    asked = asyncio.create_task(app(scope, receive, send))  # type: ignore[arg-type]
    arrived = asyncio.create_task(came.wait())
    await asyncio.wait({asked, arrived}, return_when=asyncio.FIRST_COMPLETED)
    gone.set()
    arrived.cancel()
    await asked
    return Answer(got["status"], got["body"].decode(), got["headers"])
