"""A Sojourn on this computer whose images run with podman; without it these tests are skipped, and say so.

Images come from the file that `$SOJOURN_TEST_IMAGES` names, as on a cluster. Their registry speaks http, as
podman is told in a file of the tests' own; what else this computer's podman needs is in `$CONTAINERS_CONF`.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest

from tests.e2e.projects import API, Project
from tests.kube import image
from tests.stack import Stack


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What a Sojourn is told of this computer's podman."""
    if shutil.which("podman") is None:
        pytest.skip(
            "podman is not on this computer (Debian: apt install podman runc containernetworking-plugins)"
        )
    if "SOJOURN_TEST_IMAGES" not in os.environ:
        pytest.skip("$SOJOURN_TEST_IMAGES names no images (source .ci/cluster)")
    host = image("minimal").partition("/")[0]
    registries = tmp_path_factory.mktemp("podman") / "registries.conf"
    registries.write_text(f'[[registry]]\nlocation = "{host}"\ninsecure = true\n')
    return {"SOJOURN_ENGINE": "podman", "CONTAINERS_REGISTRIES_CONF": str(registries)}


@pytest.fixture(scope="session")
def sojourn(engine: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A running Sojourn that the tests share: each makes projects and environments of its own."""
    shared = Stack(tmp_path_factory.mktemp("sojourn"), variables=engine)
    with shared:
        yield shared
        assert shared.end() == 0
        assert not shared.everything(), "Ctrl-C left processes behind"
    assert containers(shared) == []
    assert not shared.complaints(), "the logs tell of something broken"


@pytest.fixture(scope="module")
def killed_sojourn(engine: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A Sojourn that the tests of a module kill, and start again."""
    with Stack(tmp_path_factory.mktemp("killed"), variables=engine) as made:
        yield made
    assert containers(made) == []


def containers(sojourn: Stack) -> list[str]:
    """Names of all containers of a Sojourn, whatever it knows of them."""
    ours = f"label=sojourn/installation={sojourn.data.installation}"
    return podman("ps", "--all", "--filter", ours, "--format", "{{.Names}}").split()


def podman(*arguments: str) -> str:
    """What podman says, asked by the test itself."""
    done = subprocess.run(["podman", *arguments], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def environment(sojourn: Stack, name: str, reference: str, **version: Any) -> str:
    """A new environment of an image; its slug."""
    told = {
        "image": reference,
        "front_end": name,
        "command": [],
        "default_url": "/",
        "port": 8888,
        **version,
    }
    answer = sojourn.http().post(f"{API}/environments", json={"name": name, "version": told})
    assert answer.status_code == 201, answer.text
    slug: str = answer.json()["slug"]
    return slug


def jupyterlab(sojourn: Stack) -> str:
    """JupyterLab from the image of the minimal environment."""
    command = ["jupyterhub-singleuser"]
    return environment(sojourn, "JupyterLab", image("minimal"), command=command, default_url="/lab")


def web_app(sojourn: Stack, name: str, port: int, **version: Any) -> str:
    """A web app that knows nothing of JupyterHub, from one of the images that were built for the tests."""
    gate = {"prefix": "strip", "ready_path": "/"}
    return environment(sojourn, name, image(name), port=port, gate=gate, **version)


def added(sojourn: Stack, slug: str, **fields: Any) -> tuple[Project, str]:
    """A new project with a session in an environment; the session's slug."""
    project = Project.create(sojourn)
    session = project.post("/sessions", {"environment": slug, **fields})
    return project, session["slug"]
