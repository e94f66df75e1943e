from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from spawner.spec import EnvironmentSpec, LaunchSpec, Named, RepositorySpec, ResourcesSpec
from tests.git_server import GitServer
from tests.spawner.clones import Repository
from tests.spawner.hub import Hub
from tests.spawner.stand_in_api import StandInApi

PROGRAM = Path(__file__).with_name("session_program.py")

MakeSpec = Callable[..., LaunchSpec]


@pytest.fixture
def git(tmp_path: Path) -> Iterator[GitServer]:
    folder = tmp_path / "git"
    folder.mkdir()
    with GitServer(folder) as server:
        yield server


@pytest.fixture
def work(tmp_path: Path) -> Path:
    folder = tmp_path / "work"
    folder.mkdir()
    return folder


@pytest.fixture
def bar(git: GitServer) -> Repository:
    """The repository `bar` with one commit of some tens of kilobytes."""
    git.create("bar", {"a.txt": "one", **{f"{n}.bin": os.urandom(20_000) for n in range(4)}})

    def spec(**changes: Any) -> RepositorySpec:
        commit = git.head("bar") or ""
        given = RepositorySpec(url=git.url("bar"), ref="main", commit=commit, branch="main", folder="bar")
        return given.model_copy(update=changes)

    return spec


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def api() -> Iterator[StandInApi]:
    with StandInApi() as api:
        yield api


@pytest.fixture(scope="module")
def hub(api: StandInApi, cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """A hub that the tests of a module share: it takes seconds to start."""
    hub = Hub(tmp_path_factory.mktemp("hub"), api, cache)
    try:
        hub.start()
        yield hub
    finally:
        hub.close()


@pytest.fixture
def make_spec() -> MakeSpec:
    """Specs of runs, each of a person of its own, that start the stand-in for JupyterLab."""

    def make(**changes: Any) -> LaunchSpec:
        unique = uuid4().hex[:8]
        named = Named(id=f"id-{unique}", slug="demo", name="Demo")
        environment = EnvironmentSpec(
            id="environment",
            slug="minimal",
            name="Minimal",
            version=1,
            digest="sha256:0",
            requirements="",
            front_end="JupyterLab",
            command=("python", str(PROGRAM)),
            default_url="/lab",
        )
        spec = LaunchSpec(
            run=f"run-{unique}",
            attempt=1,
            person=f"ann-{unique}",
            server=f"demo-{unique}",
            work=f"session-{unique}/ann",
            project=named,
            session=named,
            environment=environment,
            resources=ResourcesSpec(cpus=None, memory_gib=None),
            repositories=(),
            storages=(),
            variables={},
        )
        return spec.model_copy(update=changes)

    return make
