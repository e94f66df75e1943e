"""The API as a process of its own, with a stand-in for the hub: pages, forms and reports over HTTP."""

from __future__ import annotations

import asyncio
import itertools
import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

import httpx
import pytest
from playwright.sync_api import Browser, Page, sync_playwright
from pydantic import SecretStr

from sessions_api.hub.client import Hub
from sessions_api.kit.db import Database
from sessions_api.kit.events import Bus
from sessions_api.people.service import Logins
from sessions_api.people.viewer import Viewer
from tests.pages.hub import StandInHub
from tests.registry_server import RegistryServer
from tests.served import REPOSITORY, until

TOKEN = "a-token-of-the-spawner"


def _free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


class Person(httpx.Client):
    """A browser without a script: follows redirects when told, sends forms with their token."""

    def __init__(self, url: str, name: str, cookie: str) -> None:
        super().__init__(base_url=url, cookies={"sojourn-login": cookie}, headers={"Accept": "text/html"})
        self.name = name
        self.cookie = cookie
        self._token = ""

    def submit(self, path: str, **fields: str | list[str]) -> httpx.Response:
        """Sends the form at `path`."""
        return self.post(path, data=self.filled(**fields))

    def filled(self, **fields: str | list[str]) -> dict[str, str | list[str]]:
        """What a form sends: its fields and its token."""
        if not self._token:
            found = re.search(r'name="csrf_token" value="([^"]+)"', self.get("/projects/new").text)
            assert found is not None
            self._token = found[1]
        return {"csrf_token": self._token, **fields}

    def project(self, name: str) -> str:
        """Makes a project; its address."""
        answer = self.submit("/projects/new", name=name)
        assert answer.status_code == 303, answer.text
        return answer.headers["Location"]

    def session(self, project: str, environment: str = "minimal") -> str:
        """Adds a session; what its addresses begin with."""
        answer = self.submit(f"{project}/sessions/add", environment=environment, then="stay")
        assert answer.status_code == 303, answer.text
        slug = answer.headers["Location"].partition("#session-")[2]
        return f"{project}/sessions/{slug}"

    def started(self, session: str) -> str:
        """Starts a session and waits until it would be launched; the run's id."""
        answer = self.submit(f"{session}/start")
        assert answer.status_code == 303, answer.text
        run = answer.headers["Location"].removeprefix("/runs/")
        until(lambda: self.phase(run) == "launching" or None, "the launch begins")
        return run

    def paused(self, session: str, run: str) -> None:
        """Pauses a session and waits until it is."""
        assert self.submit(f"{session}/pause").status_code == 303
        until(lambda: self.phase(run) == "paused" or None, "the pause is done")

    def phase(self, run: str) -> str:
        """The phase of a run, as programs read it."""
        return str(self.get(f"/api/v1/runs/{run}").json()["phase"])


class Site:
    """An API, running within a `with` block; `settings` are `SOJOURN_…` variables unlike a laptop's.

    `kubeconfig` names the cluster that it asks; without one none answers.
    """

    def __init__(
        self, folder: Path, hub: StandInHub, *, kubeconfig: Path | None = None, **settings: str
    ) -> None:
        self._folder = folder
        self._kubeconfig = kubeconfig
        self._settings = settings
        self.hub = hub
        self._deliveries = itertools.count(1)
        self._port = _free_port()
        self.url = f"http://127.0.0.1:{self._port}"
        own = f"sqlite+aiosqlite:///{folder / 'sojourn.db'}"
        self.database = settings.get("DATABASE_URL", own)
        self._process: subprocess.Popen[bytes] | None = None
        self._spawner = httpx.Client(base_url=self.url, headers={"Authorization": f"token {TOKEN}"})

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Starts the process and waits until it answers."""
        settings = {
            "DATABASE_URL": self.database,
            "PUBLIC_URL": self.url,
            "PORT": str(self._port),
            "HUB_API_URL": self.hub.url,
            "HUB_TOKEN": "a-token-of-the-service",
            "SPAWNER_TOKEN": TOKEN,
            "COOKIE_SECRET": "a-secret-for-cookies",
            "SECRETS_KEY": "dGhlIGtleSB0aGF0IHRoZSB0ZXN0cyBlbmNyeXB0ISE=",
            "ENVIRONMENTS_DIR": str(REPOSITORY / "environments"),
            "STORAGE_ROOTS": str(self._folder),
            "LOCAL_REPOSITORIES": "true",
            "PRIVATE_ADDRESSES": "true",
            "LAPTOP": "true",
            **self._settings,
        }
        with (self._folder / "api.log").open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "sessions_api"],
                env=os.environ
                | {f"SOJOURN_{name}": value for name, value in settings.items()}
                | {"KUBECONFIG": str(self._kubeconfig or os.devnull)},
                cwd=REPOSITORY,
                stdout=log,
                stderr=log,
            )
        until(self._answers, "the API answers", seconds=180)

    @property
    def pid(self) -> int:
        """Of the process."""
        assert self._process is not None
        return self._process.pid

    def kill(self) -> None:
        """`kill -9` of the process, which may be started again."""
        assert self._process is not None
        self._process.kill()
        self._process.wait(20)

    def stop(self) -> None:
        """Ends the process."""
        assert self._process is not None
        self._process.terminate()
        self._process.wait(20)
        self._spawner.close()

    def _answers(self) -> bool | None:
        try:
            return self._spawner.get("/healthz").is_success or None
        except httpx.TransportError:
            return None

    def person(self, name: str) -> Person:
        """Logs a person in."""
        # In a thread of its own: the browser's driver has a loop running in this one.
        with ThreadPoolExecutor(1) as thread:
            return Person(self.url, name, thread.submit(asyncio.run, self._login(name)).result())

    async def _login(self, name: str) -> str:
        database = Database(self.database, Bus())
        hub = Hub(self.hub.url, SecretStr("unused"))
        try:
            return await Logins(database, hub, SecretStr("a-secret-for-cookies")).create(
                Viewer(name, admin=name == "root")
            )
        finally:
            await hub.close()
            await database.close()

    def address(self, run: str) -> str:
        """The address that a run's session has while it runs."""
        spec = self._spawner.get(f"/internal/runs/{run}/launch-spec").raise_for_status().json()
        return f"/user/{spec['person']}/{spec['server']}/"

    def report(self, run: str, *events: dict[str, Any], attempt: int = 1) -> None:
        """Reports as the spawner does."""
        now = datetime.now(UTC).isoformat()
        body = {
            "attempt": attempt,
            "reporter": "the tests",
            "seq": next(self._deliveries),
            "events": [{"at": now, **event} for event in events],
        }
        if any(event["kind"] == "ready" for event in events):
            self.hub.ready(run)
        self._spawner.post(f"/internal/runs/{run}/reports", json=body).raise_for_status()


def stage(key: str, state: str, detail: str = "") -> dict[str, Any]:
    return {"kind": "stage", "stage": key, "state": state, "detail": detail}


def log(text: str) -> dict[str, Any]:
    return {"kind": "log", "source": "build", "text": text}


def ready(url: str) -> dict[str, Any]:
    return {"kind": "ready", "url": url}


def ended(sentence: str | None = None, **remedy: str) -> dict[str, Any]:
    reason = {
        "code": "it_broke",
        "sentence": sentence,
        "hint": "",
        "detail": "",
        "remedies": [remedy or {"action": "retry", "label": "Retry"}],
    }
    return {"kind": "ended", "reason": reason if sentence else None}


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with StandInHub() as hub, Site(tmp_path_factory.mktemp("site"), hub) as running:
        yield running


CLASSES = """
- {slug: small, name: Small, cpus: 2, memoryGib: 8, default: true}
- {slug: gpu, name: GPU, cpus: 8, memoryGib: 64, diskGib: 100, gpus: 1, gpuResource: example.org/gpu}
"""
IMAGE = """
name: VS Code
description: An editor in the browser.
image: registry.test/code@sha256:%s
run:
  front_end: VS Code
  default_url: /
  port: 8443
  arguments: [--auth, none]
  gate: {prefix: strip, ready_path: /healthz}
  uid: 1001
""" % ("c" * 64)


@pytest.fixture(scope="session")
def cluster_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """An API whose sessions would be pods, with environments of images, classes and storages of a cluster."""
    folder = tmp_path_factory.mktemp("cluster-site")
    (folder / "environments" / "code").mkdir(parents=True)
    (folder / "environments" / "code" / "environment.yaml").write_text(IMAGE)
    (folder / "classes.yaml").write_text(CLASSES)
    with (
        StandInHub() as hub,
        Site(
            folder,
            hub,
            LAPTOP="false",
            ENVIRONMENTS_DIR=str(folder / "environments"),
            RESOURCE_CLASSES_FILE=str(folder / "classes.yaml"),
            KUBERNETES_NAMESPACE="sessions",
            STORAGE_KINDS="claim,nfs,csi,files",
            STORAGE_NFS_SERVERS="nfs.example.org",
            STORAGE_CSI_DRIVERS="s3.example.org",
        ) as running,
    ):
        yield running


@contextmanager
def site_with_pools(folder: Path, classes: str, pools: str) -> Iterator[Site]:
    """An API whose files have these classes and pools."""
    files = {"RESOURCE_CLASSES_FILE": folder / "classes.yaml", "RESOURCE_POOLS_FILE": folder / "pools.yaml"}
    for file, text in zip(files.values(), (classes, pools), strict=True):
        file.write_text(text)
    with StandInHub() as hub, Site(folder, hub, **{name: str(file) for name, file in files.items()}) as site:
        yield site


@pytest.fixture
def root(cluster_site: Site) -> Iterator[Person]:
    """A platform admin of the cluster."""
    with cluster_site.person("root") as person:
        yield person


@pytest.fixture
def cleo(cluster_site: Site) -> Iterator[Person]:
    """Somebody on the cluster."""
    with cluster_site.person("cleo") as person:
        yield person


@pytest.fixture
def ann(site: Site) -> Iterator[Person]:
    with site.person("ann") as person:
        yield person


@pytest.fixture
def bob(site: Site) -> Iterator[Person]:
    with site.person("bob") as person:
        yield person


@pytest.fixture
def project(ann: Person, request: pytest.FixtureRequest) -> str:
    return ann.project(request.node.name[:60])


@contextmanager
def launched(*arguments: str) -> Iterator[Browser]:
    """Debian's Chromium, with further arguments; there is one at a time."""
    quiet = ("background-networking", "component-update", "sync", "gpu")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium",
            args=["--no-sandbox", "--no-first-run", *(f"--disable-{what}" for what in quiet), *arguments],
        )
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with launched() as browser:
        yield browser


@pytest.fixture
def page(chromium: Browser, site: Site, ann: Person) -> Iterator[Page]:
    """Ann's browser. What a page says on the console as an error fails the test."""
    context = chromium.new_context(base_url=site.url, viewport={"width": 1280, "height": 800})
    context.add_cookies([{"name": "sojourn-login", "value": ann.cookie, "url": site.url}])
    opened = context.new_page()
    errors: list[str] = []
    opened.on("pageerror", lambda error: errors.append(str(error)))
    yield opened
    context.close()
    assert not errors


@pytest.fixture(scope="session")
def registry() -> Iterator[RegistryServer]:
    """A registry that tests share: each pushes to repositories of its own."""
    with RegistryServer() as running:
        yield running


@pytest.fixture(scope="session")
def checking(tmp_path_factory: pytest.TempPathFactory, registry: RegistryServer) -> Iterator[Site]:
    """An API of a cluster whose administrator lets it ask the tests' registry."""
    folder = tmp_path_factory.mktemp("checking-site")
    with (
        StandInHub() as hub,
        Site(
            folder,
            hub,
            LAPTOP="false",
            KUBERNETES_NAMESPACE="sessions",
            REGISTRY_PRIVATE=registry.host,
            REGISTRY_INSECURE=registry.host,
            NODE_PLATFORMS="linux/amd64",
        ) as running,
    ):
        yield running


@pytest.fixture
def ines(checking: Site) -> Iterator[Person]:
    with checking.person("ines") as person:
        yield person


@pytest.fixture
def name(request: pytest.FixtureRequest) -> str:
    """A name of the test's own, for what it makes."""
    return str(request.node.name)[5:60].replace("_", " ").strip()
