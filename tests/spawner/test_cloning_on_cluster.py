"""The cloning container on a real cluster, as restricted as a session's pod has it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from spawner.pod.builder import build
from spawner.pod.frame import as_plain, empty_frame
from spawner.reasons import Reason
from spawner.spec import RepositorySpec
from tests.git_server import GitServer, Submodule, modules
from tests.kube import Kubectl, Raw, host, image, kubernetes, namespace
from tests.spawner.pod_launches import NO_SECRETS, SETTINGS, environment, launch_spec, repository

__all__ = ["kubernetes", "namespace"]

pytestmark = pytest.mark.cluster


@pytest.fixture
def server(tmp_path: Path) -> Iterator[GitServer]:
    """A git server that pods reach."""
    with GitServer(tmp_path, address=host()) as server:
        yield server


def pod(namespace: Kubectl, *repositories: RepositorySpec, work: Raw) -> None:
    """Starts a session of a user whom no image knows, on a volume in place of its claim."""
    version = environment(
        image=image("sojourn"), command=("ls", "-A"), arguments=("/work",), uid=12345, gid=23456
    )
    spec = launch_spec(environment=version, repositories=repositories)
    settings = SETTINGS.model_copy(update={"sojourn_image": image("sojourn")})
    objects = build(spec, NO_SECRETS, empty_frame("session", namespace.namespace, "work"), settings)
    manifest = as_plain(objects.pod)
    volumes = manifest["spec"]["volumes"]
    claimed = next(volume for volume in volumes if "persistentVolumeClaim" in volume)
    del claimed["persistentVolumeClaim"]
    claimed["emptyDir"] = work
    namespace.apply(as_plain(objects.secret), manifest)


def ended(namespace: Kubectl) -> Raw:
    """How the cloning container ended."""
    path = "jsonpath={.status.initContainerStatuses[0].state.terminated.exitCode}"
    namespace("wait", "pod/session", f"--for={path}", "--timeout=45s")
    found = namespace.get("pod", "session")
    assert found is not None
    state: Raw = found["status"]["initContainerStatuses"][0]["state"]["terminated"]
    return state


def test_what_a_repository_consists_of_is_in_the_session(namespace: Kubectl, server: GitServer) -> None:
    server.create("bar", {"a.txt": "1"})
    lib = server.create("lib", {"b.txt": "b"})
    large = {"big.bin": server.keep_large("bar", b"large"), ".gitattributes": "*.bin filter=lfs\n"}
    files = {".gitmodules": modules(lib="../lib.git"), "lib": Submodule(lib), **large}
    commit = server.commit("bar", files)

    pod(namespace, repository("bar", server.url("bar"), commit=commit), work={})

    assert ended(namespace)["exitCode"] == 0
    lines = [json.loads(line) for line in namespace.logs("session", "clone").splitlines()]
    assert lines[-1] == {"stage": "clone:bar", "state": "done", "detail": f"main at {commit[:12]}"}
    namespace("wait", "pod/session", "--for=jsonpath={.status.phase}=Succeeded", "--timeout=45s")
    assert namespace.logs("session", "notebook").split() == ["bar"]


def test_a_repository_that_does_not_fit_says_so_with_its_last_words(
    namespace: Kubectl, server: GitServer
) -> None:
    commit = server.create("large", {f"{number}.bin": os.urandom(3_000_000) for number in range(4)})

    large = repository("large", server.url("large"), commit=commit)
    pod(namespace, large, work={"medium": "Memory", "sizeLimit": "8Mi"})

    end = ended(namespace)
    assert end["exitCode"] == 1
    reason = Reason.model_validate_json(end["message"])
    assert reason.code == "disk_full"
    assert reason.sentence == "/work is full: large did not fit, 8.0 of 8 MiB were free."
    assert [remedy.label for remedy in reason.remedies] == [
        "Configure the session",
        "Retry",
        "Start without large",
    ]


def test_a_pod_that_is_deleted_ends_its_cloning_at_once(namespace: Kubectl, server: GitServer) -> None:
    commit = server.create("slow", {"a.txt": "1"})
    server.break_with("slow", "hang")
    pod(namespace, repository("slow", server.url("slow"), commit=commit), work={})
    running = "jsonpath={.status.initContainerStatuses[0].state.running.startedAt}"
    namespace("wait", "pod/session", f"--for={running}", "--timeout=45s")

    # Its grace period is half a minute, for a program that takes no notice.
    namespace("delete", "pod/session", "--timeout=10s")

    assert namespace.get("pod", "session") is None
