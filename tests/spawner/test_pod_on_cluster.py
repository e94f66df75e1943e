"""The objects of launches, asked of a real cluster in a namespace that enforces Pod Security *restricted*."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from spawner.git_logins import host_of
from spawner.pod.builder import Objects, build
from spawner.pod.frame import as_plain, empty_frame
from spawner.spec import (
    ClaimStorage,
    FilesStorage,
    GitLogin,
    NfsStorage,
    RepositorySpec,
    ResourcesSpec,
    RunSecrets,
    SecretSpec,
)
from tests.git_server import GitServer
from tests.kube import Kubectl, host, image, kubernetes, namespace
from tests.spawner.pod_launches import (
    FILES,
    LAUNCHES,
    NO_SECRETS,
    PRIORITY_CLASS,
    SETTINGS,
    code_server,
    environment,
    launch_spec,
    repository,
)

__all__ = ["kubernetes", "namespace"]

pytestmark = pytest.mark.cluster

PROGRAM = Path(__file__).with_name("session_facts.py").read_text()
DRY_RUN = ("create", "--dry-run=server", "--validate=strict", "-f", "-")


@pytest.fixture(scope="module")
def priority_class(kubernetes: str) -> Iterator[None]:
    """The one that pods name: a cluster takes no pod of a class that it does not have."""
    cluster = Kubectl("default")
    kind = {"apiVersion": "scheduling.k8s.io/v1", "kind": "PriorityClass"}
    cluster.apply(kind | {"metadata": {"name": PRIORITY_CLASS}, "value": 0})
    yield
    cluster("delete", "priorityclass", PRIORITY_CLASS)


@pytest.mark.parametrize("name", sorted(LAUNCHES))
def test_a_restricted_namespace_takes_every_object(
    name: str, namespace: Kubectl, priority_class: None
) -> None:
    for document in yaml.safe_load_all((FILES / f"{name}.yaml").read_text()):
        document["metadata"].pop("namespace", None)
        namespace(*DRY_RUN, text=json.dumps(document))


def test_a_restricted_namespace_takes_nfs_from_a_driver_only(namespace: Kubectl) -> None:
    storage = NfsStorage(kind="nfs", name="Archive", folder="archive", server="nfs", path="/")

    def asked(driver: str | None) -> str:
        settings = SETTINGS.model_copy(update={"nfs_driver": driver})
        frame = empty_frame("pod", namespace.namespace, "claim")
        objects = build(launch_spec(storages=(storage,)), NO_SECRETS, frame, settings)
        return namespace.run(*DRY_RUN, text=json.dumps(as_plain(objects.pod))).stderr

    assert asked("nfs.csi.k8s.io") == ""
    assert 'uses restricted volume type "nfs"' in asked(None)


@pytest.mark.parametrize("name", ["gate", "single_user_server"])
def test_a_quota_that_equals_a_class_lets_one_session_in(name: str, namespace: Kubectl) -> None:
    namespace("create", "quota", "class", "--hard=requests.cpu=1,requests.memory=2Gi")
    namespace("wait", "quota/class", "--for=jsonpath={.status.hard}", "--timeout=30s")

    def asked(memory_gib: float) -> str:
        spec = launch_spec(
            environment=code_server() if name == "gate" else environment(),
            resources=ResourcesSpec(cpus=1, memory_gib=memory_gib),
            repositories=(repository("bar", "https://git.example.org/bar"),),
        )
        objects = build(spec, NO_SECRETS, empty_frame("pod", namespace.namespace, "claim"), SETTINGS)
        return namespace.run(*DRY_RUN, text=json.dumps(as_plain(objects.pod))).stderr

    assert asked(2) == ""
    assert "exceeded quota" in asked(2.001)


def test_a_session_finds_what_its_pod_mounts_and_clones(namespace: Kubectl, private: RepositorySpec) -> None:
    objects = _session(namespace, private, attempt=1, with_storages=True)
    namespace.apply(*(as_plain(claim) for claim in (objects.work, *objects.claims)))
    facts = _run(namespace, objects)
    assert facts["user"] == [12345, 23456]
    assert (facts["folder"], facts["home"]) == ("/work", "/work")
    assert (facts["work"], facts["tmp"], facts["root"]) == (True, True, False)
    assert facts["found"] == ["bar", "rules", "scratch"]
    assert facts["replaced"] == []
    assert facts["writable"] == ["bar", "scratch"]
    assert facts["files"] == {"README.md": "# Rules\n"}
    assert facts["secrets"] == {"api": "s3cr3t-api"}
    assert facts["in_memory"] == "tmpfs"
    assert facts["variables"] == {"API_TOKEN": "s3cr3t-api", "TEXT": "$(HOME) $$ {username}"}
    assert facts["clone"]["owner"] == 12345
    assert (facts["clone"]["branch"], facts["clone"]["fetched"]) == ("main", "")
    assert "s3cr3t" not in facts["clone"]["config"]
    assert facts["kubernetes"] is False

    facts = _run(namespace, _session(namespace, private, attempt=2, with_storages=False))
    assert facts["found"] == ["bar", "rules", "scratch", "written"], "/work is what the last session left"
    assert facts["replaced"] == ["rules", "scratch"], (
        "the folders that storages left are the person's to replace"
    )
    assert facts["writable"] == ["bar", "rules", "scratch"]


@pytest.fixture
def private(tmp_path: Path) -> Iterator[RepositorySpec]:
    """A repository that only one login opens."""
    with GitServer(tmp_path, address=host()) as server:
        commit = server.create("bar", {"a.txt": "1"})
        server.make_private("bar", "ann", "s3cr3t-git")
        yield repository("bar", server.url("bar"), commit=commit, credential="private")


def _session(namespace: Kubectl, private: RepositorySpec, *, attempt: int, with_storages: bool) -> Objects:
    """A session that says what it finds, as somebody whom no image knows."""
    storages = (
        FilesStorage(kind="files", name="Rules", folder="rules", files={"README.md": "# Rules\n"}),
        ClaimStorage(
            kind="claim",
            name="Scratch",
            folder="scratch",
            claim="scratch",
            size_gib=0.1,
            storage_class=None,
            access="ReadWriteOnce",
        ),
    )
    spec = launch_spec(
        attempt=attempt,
        environment=environment(
            image=image("sojourn"),
            command=("python3", "-c", PROGRAM.replace("$(", "$$(")),
            uid=12345,
            gid=23456,
            read_only_root=True,
        ),
        repositories=(private,),
        storages=storages if with_storages else (),
        variables={"TEXT": "$(HOME) $$ {username}"},
        secrets=(SecretSpec(name="api", variable="API_TOKEN"),),
    )
    login = GitLogin(host=host_of(private.url) or "", username="ann", token="s3cr3t-git")
    secrets = RunSecrets(values={"api": "s3cr3t-api"}, git={"private": login})
    settings = SETTINGS.model_copy(update={"sojourn_image": image("sojourn")})
    return build(spec, secrets, empty_frame("session", namespace.namespace, "work"), settings)


def _run(namespace: Kubectl, objects: Objects) -> dict[str, Any]:
    """What a session prints. Its Secret comes after its pod, and goes with it."""
    pod = json.loads(namespace("create", "-o", "json", "-f", "-", text=json.dumps(as_plain(objects.pod))))
    secret = as_plain(objects.secret)
    owner = {"apiVersion": "v1", "kind": "Pod", "name": "session", "uid": pod["metadata"]["uid"]}
    secret["metadata"]["ownerReferences"] = [owner]
    namespace.apply(secret)
    ended = "jsonpath={.status.containerStatuses[0].state.terminated.exitCode}"
    namespace("wait", "pod/session", f"--for={ended}", "--timeout=45s")
    log = namespace.logs("session", "notebook")
    namespace("delete", "pod", "session", "--now")
    namespace("wait", f"secret/{secret['metadata']['name']}", "--for=delete", "--timeout=45s")
    facts: dict[str, Any] = json.loads(log)
    return facts
