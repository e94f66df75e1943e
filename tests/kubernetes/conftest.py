from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from spawner.spec import LaunchSpec
from tests.git_server import GitServer
from tests.kube import Kubectl, fresh_namespace, host, image, kubernetes, namespace
from tests.kubernetes.hub import KubeHub
from tests.spawner.conftest import api, git, make_spec
from tests.spawner.stand_in_api import StandInApi

__all__ = ["api", "git", "kubernetes", "make_spec", "namespace"]

PROGRAM = Path(__file__).parents[1] / "spawner" / "session_program.py"

MakeSession = Callable[..., LaunchSpec]
MakeHub = Callable[..., KubeHub]


@pytest.fixture(scope="module")
def kubectl(kubernetes: str) -> Iterator[Kubectl]:
    """A namespace that the tests of a module share."""
    with fresh_namespace() as made:
        yield made


@pytest.fixture(scope="module")
def hub(api: StandInApi, kubectl: Kubectl, tmp_path_factory: pytest.TempPathFactory) -> Iterator[KubeHub]:
    """A hub that the tests of a module share."""
    hub = KubeHub(tmp_path_factory.mktemp("hub"), api, kubectl)
    try:
        hub.start()
        yield hub
    finally:
        hub.close()


@pytest.fixture
def pod_git(kubernetes: str, tmp_path: Path) -> Iterator[GitServer]:
    """A git server that pods reach."""
    folder = tmp_path / "pod-git"
    folder.mkdir()
    with GitServer(folder, address=host()) as server:
        yield server


@pytest.fixture
def make_hub(api: StandInApi, kubectl: Kubectl, tmp_path: Path) -> Iterator[MakeHub]:
    """Makes hubs that one test may kill, or configures as an administrator would."""
    made: list[KubeHub] = []

    def make(config: str = "", kubeconfig: Path | None = None) -> KubeHub:
        folder = tmp_path / f"hub-{len(made)}"
        folder.mkdir()
        made.append(KubeHub(folder, api, kubectl, config, kubeconfig))
        made[-1].start()
        return made[-1]

    yield make
    for hub in made:
        hub.close()


@pytest.fixture
def make_session(make_spec: Callable[..., LaunchSpec]) -> MakeSession:
    """Specs of runs that start the stand-in for JupyterLab as a pod."""

    def make(*, environment: dict[str, Any] | None = None, **changes: Any) -> LaunchSpec:
        spec = make_spec(**changes)
        update = {
            "image": image("sojourn"),
            "command": ("python3", "-u", "-c", PROGRAM.read_text()),
        } | (environment or {})
        return spec.model_copy(update={"environment": spec.environment.model_copy(update=update)})

    return make


def launch(hub: KubeHub, api: StandInApi, spec: LaunchSpec) -> LaunchSpec:
    """Asks for a run as the API would."""
    api.launch(spec)
    answer = hub.spawn(spec.person, spec.server, {"run": spec.run})
    assert answer.status_code in (201, 202), answer.text
    return spec


def ask(pod: dict[str, Any], spec: LaunchSpec, path: str = "environment") -> httpx.Response:
    """Asks the session in a pod."""
    address = f"http://{pod['status']['podIP']}:8888/user/{spec.person}/{spec.server}/{path}"
    return httpx.get(address, trust_env=False, timeout=10)


def running(hub: KubeHub, api: StandInApi, kubectl: Kubectl, spec: LaunchSpec) -> dict[str, Any]:
    """Launches a run and returns its pod once it is ready."""
    launch(hub, api, spec)
    api.wait_ready(spec.run)
    pod = pod_of(kubectl, spec)
    assert pod is not None
    return pod


def pod_of(kubectl: Kubectl, spec: LaunchSpec) -> dict[str, Any] | None:
    """The pod of a run, if there is one."""
    return next(iter(kubectl.list("pod", sojourn__run=spec.run)), None)
