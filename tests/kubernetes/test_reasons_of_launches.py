"""Why launches fail, each for real on a cluster: code, sentence, remedy, and how soon it is told."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from spawner.reports import StageReport
from spawner.spec import CsiStorage, LaunchSpec, RepositorySpec, ResourcesSpec
from tests.data.why.recorder.registry import for_other_processors, private_registry
from tests.kube import Kubectl, host, image
from tests.kubernetes.conftest import MakeSession
from tests.kubernetes.faults import HOOK, Trial, claim, labels, more_than_half
from tests.kubernetes.hub import KubeHub
from tests.kubernetes.witness import Witness
from tests.spawner.stand_in_api import StandInApi

pytestmark = [pytest.mark.cluster, pytest.mark.slow, pytest.mark.timeout(240)]


PATIENCE = 8


@pytest.fixture(scope="module")
def hub(api: StandInApi, kubectl: Kubectl, tmp_path_factory: pytest.TempPathFactory) -> Iterator[KubeHub]:
    """A hub whose administrator has a hook that changes pods, and little patience."""
    config = f"{HOOK}\nc.KubeSessionSpawner.schedule_patience = {PATIENCE}"
    hub = KubeHub(tmp_path_factory.mktemp("hub"), api, kubectl, config)
    try:
        hub.start()
        yield hub
    finally:
        hub.close()


@pytest.fixture(scope="module")
def witness(kubectl: Kubectl) -> Iterator[Witness]:
    with Witness(kubectl, schedule=PATIENCE) as witness:
        yield witness


@pytest.fixture
def trial(hub: KubeHub, api: StandInApi, kubectl: Kubectl, make_session: MakeSession) -> Trial:
    return Trial(hub, api, kubectl, make_session)


@dataclass(frozen=True)
class Fault:
    """One way to fail.

    Attributes:
        change: Python that the administrator's hook runs on the pod.
        stage: which the launch page shows as failed.
        sentence: with `IMAGE` for the image's repository.
        remedies: labels of the buttons.
        waiting: what the stage says before it fails.
    """

    code: str
    stage: str
    sentence: str
    remedies: tuple[str, ...] = ("Retry",)
    change: str = ""
    environment: dict[str, Any] = field(default_factory=dict)
    resources: dict[str, Any] = field(default_factory=dict)
    spec: dict[str, Any] = field(default_factory=dict)
    behaviour: str = "serve"
    detail: str = ""
    waiting: str = ""


CHOOSE = ("Choose another environment", "Retry")
LAST_LINES = ("Show the last lines", "Retry")
DATA = ("Retry", "Start without data")
SECRET_KEY = """
from kubernetes_asyncio import client as k
source = k.V1EnvVarSource({source}_key_ref=k.V1{kind}KeySelector(name="no-such", key="a"))
session.env.append(k.V1EnvVar(name="A", value_from=source))
"""
PROBE = """
from kubernetes_asyncio import client as k
get = k.V1HTTPGetAction(path="/", port=8888)
session.{kind}_probe = k.V1Probe(http_get=get, period_seconds=1, failure_threshold=2)
"""
ROOM = """
session.resources.requests = {{**(session.resources.requests or {{}}), "ephemeral-storage": "{}"}}
"""
INIT = """
import copy
step = copy.deepcopy(session)
step.name, step.command = "fetch-models", ["sh", "-c", "echo no models; exit 2"]
step.args = step.ports = step.lifecycle = None
pod.spec.init_containers = [*(pod.spec.init_containers or []), step]
"""


FAULTS = {
    "image-missing": Fault(
        "image_not_found", "pull", "Registry HOST has no REST@sha256:000000000000….", CHOOSE,
        environment={"image": f"REPOSITORY@sha256:{'0' * 64}"},
    ),
    "image-denied": Fault(
        "image_denied", "pull",
        "Registry PRIVATE does not hand out models/private:1 without a login.",
        ("Add a registry login", *CHOOSE),
        environment={"image": "PRIVATE/models/private:1"},
    ),
    "image-for-others": Fault(
        "image_platform", "pull",
        "REPOSITORY:other-processors is not made for the processors of this cluster's nodes.", CHOOSE,
        environment={"image": "OTHER"},
    ),
    "image-name": Fault(
        "image_name_invalid", "pull", "Not/An:::Image is not a name of an image.", CHOOSE[:1],
        environment={"image": "Not/An:::Image"},
    ),
    "registry-away": Fault(
        "registry_unreachable", "pull",
        "127.0.0.1:1/x:1 could not be pulled: registry 127.0.0.1:1 does not answer.",
        ("Retry", "Choose another environment"), environment={"image": "127.0.0.1:1/x:1"},
        waiting="Registry 127.0.0.1:1 does not answer: it refuses connections.",
    ),
    "program-missing": Fault(
        "program_missing", "start", "JupyterLab did not start: IMAGE has no program no-such.", CHOOSE,
        environment={"command": ("no-such",)},
    ),
    "program-not-executable": Fault(
        "program_not_executable", "start",
        "JupyterLab did not start: /etc/passwd of IMAGE may not be run by the session's user.", CHOOSE,
        environment={"command": ("/etc/passwd",)},
    ),
    "folder": Fault(
        "working_folder_unusable", "start",
        "JupyterLab did not start: its folder /etc/passwd cannot be entered (not a directory).", CHOOSE,
        environment={"working_folder": "/etc/passwd"},
    ),
    "crash": Fault(
        "session_crashed", "start", "JupyterLab ended with exit code 3, ", LAST_LINES,
        behaviour="crash", detail="no module named jupyterlab",
    ),
    "restarting": Fault(
        "session_crashed", "start", "JupyterLab ended with exit code 3, ", LAST_LINES,
        behaviour="crash", change='pod.spec.restart_policy = "Always"', detail="no module named jupyterlab",
    ),
    "disk-full": Fault(
        "disk_full", "start", "JupyterLab ended with exit code 1: no space was left on its disk.",
        ("Retry", "Configure the session"), behaviour="full", detail="No space left on device",
    ),
    "memory": Fault(
        "out_of_memory", "start",
        "JupyterLab was ended: it had used all of its 64 MiB of memory and wanted more.",
        ("Configure the session", "Retry"), resources={"memory_gib": 0.0625},
        environment={"command": ("python3", "-c", "x = 'x' * 10**9")},
    ),
    "too-large": Fault(
        "larger_than_nodes", "schedule", "No node is large enough for 1000 CPUs.",
        ("Configure the session", "Retry"), resources={"cpus": 1000},
        waiting="Waiting for a node:",
    ),
    "no-node": Fault(
        "no_node_matches", "schedule", "No node takes the session:", ("Configure the session", "Retry"),
        resources={"node_selector": {"example.org/pool": "none"}}, waiting="Waiting for a node:",
    ),
    "no-gpu": Fault(
        "larger_than_nodes", "schedule", "No node is large enough for 2 example.org/gpu.",
        ("Configure the session", "Retry"), resources={"gpus": 2, "gpu_resource": "example.org/gpu"},
    ),
    "secret": Fault(
        "secret_missing", "start", "Secret no-such does not exist.",
        change=SECRET_KEY.format(source="secret", kind="Secret"),
    ),
    "config-map": Fault(
        "config_missing", "start", "ConfigMap no-such does not exist.",
        change=SECRET_KEY.format(source="config_map", kind="ConfigMap"),
    ),
    "claim": Fault(
        "claim_missing", "mount:data", "Storage data did not mount: claim no-such does not exist.", DATA,
        spec={"storages": (claim("no-such", None, size_gib=None),)},
    ),
    "storage-class": Fault(
        "storage_class_missing", "mount:data",
        "Storage data has no volume: there is no storage class no-such.", DATA,
        spec={"storages": (claim("of-no-class", "no-such"),)},
    ),
    "no-volume": Fault(
        "volume_not_bound", "mount:data",
        "Storage data has no volume: none is free that fits, and no storage class makes one.", DATA,
        spec={"storages": (claim("of-nothing", ""),)},
    ),
    "csi-driver": Fault(
        "volume_not_mounted", "mount:data",
        "Storage data did not mount: its node has no CSI driver no.such.driver.",
        DATA,
        spec={"storages": (CsiStorage(
            kind="csi", name="data", folder="data", driver="no.such.driver", attributes={}, secret=None
        ),)},
    ),
    "clone": Fault(
        "clone_unreachable", "clone:code", "code could not be cloned: NODE does not answer.",
        ("Retry", "Start without code"),
        spec={"repositories": (RepositorySpec(
            url="http://NODE:1/code.git", ref="main", commit="a" * 40, branch="main", folder="code"
        ),)},
    ),
    "init": Fault(
        "init_failed", "pull",
        "The step fetch-models before the session failed with exit code 2, ",
        LAST_LINES, change=INIT, detail="no models",
    ),
    "startup-probe": Fault(
        "probe_failed", "start",
        "The node ended JupyterLab because its startup probe did not pass: nothing listens on its port.",
        ("Retry", "Show the last lines"), behaviour="silent", change=PROBE.format(kind="startup"),
    ),
    "never-ready": Fault(
        "probe_failed", "start",
        "JupyterLab was not ready within 20 s after it started: nothing listens on its port.",
        ("Retry", "Show the last lines"), behaviour="silent", change=PROBE.format(kind="readiness"),
        detail="the program begins",
    ),
}  # fmt: skip


def meaning(word: str) -> str:
    """What a word in capitals stands for, in what a fault says or asks for."""
    whole = image("sojourn")
    repository, _at, digest = whole.partition("@")
    registry, _slash, rest = repository.partition("/")
    match word:
        case "PRIVATE":
            return private()
        case "OTHER":
            return for_other_processors(whole)
    return {
        "REPOSITORY": repository,
        "REST": rest,
        "HOST": registry,
        "IMAGE": f"{repository}@{digest[:19]}…",
        "NODE": host(),
    }[word]


@functools.cache
def private() -> str:
    """A registry on this machine that wants a login; nodes speak plain HTTP only to themselves."""
    nodes = Kubectl("default").list("node")
    if all(host() != address["address"] for node in nodes for address in node["status"]["addresses"]):
        pytest.skip("This machine is no node of the cluster: nodes will not ask a registry on it.")
    return private_registry()


def told(text: str) -> str:
    return re.sub(
        r"\b(PRIVATE|OTHER|REPOSITORY|REST|HOST|IMAGE|NODE)\b", lambda found: meaning(found[0]), text
    )


def changes(fault: Fault) -> dict[str, Any]:
    """What makes a spec one that fails this way."""
    environment = {
        key: told(value) if isinstance(value, str) else value for key, value in fault.environment.items()
    }
    repositories = tuple(
        one.model_copy(update={"url": told(one.url)}) for one in fault.spec.get("repositories", ())
    )
    return fault.spec | {
        "environment": environment,
        "resources": ResourcesSpec(**({"cpus": None, "memory_gib": None} | fault.resources)),
        "variables": {"BEHAVIOUR": fault.behaviour, "TEST_CHANGE": fault.change},
        "repositories": repositories,
    }


@pytest.mark.parametrize("name", FAULTS)
def test_a_launch_that_fails_says_why_and_what_to_do(name: str, trial: Trial, witness: Witness) -> None:
    fault = FAULTS[name]
    spec = trial.launch(**changes(fault))

    if fault.code == "probe_failed" and "within" in fault.sentence:
        reason = trial.failed(spec, fault.stage)  # after a time that the hub alone knows
    else:
        reason = trial.failed_in_time(spec, fault.stage, witness)

    assert reason.code == fault.code
    assert reason.sentence.startswith(told(fault.sentence))
    assert labels(reason) == fault.remedies
    assert fault.detail in reason.detail
    assert any(detail.startswith(fault.waiting) for detail in details(trial.api, spec, fault.stage))


def details(api: StandInApi, spec: LaunchSpec, stage: str) -> list[str]:
    """All that a stage said while it was under way."""
    stages = (event for event in api.events(spec.run) if isinstance(event, StageReport))
    return [event.detail for event in stages if (event.stage, event.state) == (stage, "now")] or [""]


def test_a_launch_that_finds_no_room_says_how_long_it_waited(
    trial: Trial, witness: Witness, kubectl: Kubectl
) -> None:
    most = more_than_half(kubectl)
    room = ROOM.format(most)
    _other, pod = trial.run(variables={"TEST_CHANGE": room})

    spec = trial.launch(variables={"TEST_CHANGE": room})

    reason = trial.failed_in_time(spec, "schedule", witness)
    assert reason.code == "no_node_free"
    assert f"GiB of disk free within {PATIENCE} s" in reason.sentence
    assert labels(reason) == ("Retry", "Configure the session")
    kubectl("delete", "pod", pod["metadata"]["name"], "--wait=false")
