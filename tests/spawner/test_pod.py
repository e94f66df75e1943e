from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest
from kubespawner import KubeSpawner

from spawner.cloning.program import Task
from spawner.failures import LaunchFailedError
from spawner.gate.settings import Settings as GateSettings
from spawner.pod import names, placement, resources
from spawner.pod.builder import Objects, build
from spawner.pod.frame import Frame, as_plain, empty_frame
from spawner.spec import (
    ClaimStorage,
    FilesStorage,
    FolderStorage,
    GitLogin,
    LaunchSpec,
    NfsStorage,
    ResourcesSpec,
    RunSecrets,
    SecretSpec,
)
from tests.spawner.pod_frames import HUB_TOKEN, hub_variables, kubespawner_frame
from tests.spawner.pod_launches import (
    NO_SECRETS,
    SETTINGS,
    code_server,
    environment,
    launch_spec,
    repository,
)


def built(
    spec: LaunchSpec, frame: Frame | None = None, secrets: RunSecrets = NO_SECRETS, **settings: Any
) -> Objects:
    frame = frame or empty_frame("pod", "sessions", "claim")
    return build(spec, secrets, frame, SETTINGS.model_copy(update=settings))


def container(objects: Objects, name: str) -> dict[str, Any]:
    spec = as_plain(objects.pod)["spec"]
    every = (*spec["containers"], *spec.get("initContainers", ()))
    return next(one for one in every if one["name"] == name)


def session(objects: Objects) -> dict[str, Any]:
    return container(objects, "notebook")


def variables(container: dict[str, Any]) -> dict[str, Any]:
    return {one["name"]: one.get("value") for one in container["env"]}


@pytest.mark.parametrize(
    ("size", "quantity"),
    [(4, "4Gi"), (1.5, "1536Mi"), (0.5, "512Mi"), (0.1, "107374182"), (1024, "1024Gi"), (1 / 2**30, "1")],
)
def test_gib_become_exactly_as_many_bytes(size: float, quantity: str) -> None:
    assert resources.gib(size) == quantity


@pytest.mark.parametrize(("count", "quantity"), [(2, "2"), (2.0, "2"), (0.5, "500m"), (0.0001, "1m")])
def test_cpus_become_thousandths(count: float, quantity: str) -> None:
    assert resources.cpus(count) == quantity


def test_a_session_asks_for_as_much_as_its_limit() -> None:
    asked = session(built(launch_spec(resources=ResourcesSpec(cpus=2, memory_gib=4))))["resources"]
    assert asked == {"limits": {"cpu": "2", "memory": "4Gi"}, "requests": {"cpu": "2", "memory": "4Gi"}}


def test_what_a_session_does_not_limit_stays_as_the_administrator_set_it() -> None:
    frame = kubespawner_frame(mem_limit=2**31, mem_guarantee=2**30, cpu_limit=4.0, cpu_guarantee=0.5)
    asked = session(built(launch_spec(), frame))["resources"]
    assert asked == {"limits": {"cpu": 4.0, "memory": 2**31}, "requests": {"cpu": 0.5, "memory": 2**30}}


@pytest.mark.parametrize(("guarantee", "request_"), [(0.5, 0.5), ("500m", "500m"), (8.0, "2")])
def test_an_administrator_may_let_sessions_ask_for_less_cpu_but_not_for_more(
    guarantee: float | str, request_: float | str
) -> None:
    spec = launch_spec(resources=ResourcesSpec(cpus=2, memory_gib=None))
    asked = session(built(spec, kubespawner_frame(cpu_guarantee=guarantee)))["resources"]
    assert asked["requests"]["cpu"] == request_


def test_with_its_gate_a_session_asks_for_no_more_than_its_class() -> None:
    objects = built(launch_spec(environment=code_server(), resources=ResourcesSpec(cpus=1, memory_gib=2)))
    gate = container(objects, "gate")
    assert session(objects)["resources"]["limits"] == {"cpu": "1", "memory": "2Gi"}
    assert session(objects)["resources"]["requests"] == {"cpu": "990m", "memory": "1984Mi"}
    assert gate["resources"]["requests"] == {"cpu": "10m", "memory": "64Mi"}


def test_cloning_may_use_what_the_session_may_except_its_gpus() -> None:
    wanted = ResourcesSpec(cpus=2, memory_gib=4, gpus=1, gpu_resource="nvidia.com/gpu")
    clone = container(
        built(launch_spec(resources=wanted, repositories=(repository("a", "https://g/a"),))), "clone"
    )
    assert clone["resources"] == {
        "limits": {"cpu": "2", "memory": "4Gi"},
        "requests": {"cpu": "2", "memory": "4Gi"},
    }


def test_cloning_is_limited_where_the_session_is_not() -> None:
    clone = container(built(launch_spec(repositories=(repository("a", "https://g/a"),))), "clone")
    assert clone["resources"] == {"limits": {"memory": "1Gi"}, "requests": {"cpu": "100m", "memory": "128Mi"}}


def test_without_repositories_nothing_is_cloned() -> None:
    assert built(launch_spec()).pod.spec.init_containers is None


def test_required_nodes_are_those_that_both_sides_require() -> None:
    def required(key: str, *values: str) -> dict[str, Any]:
        terms = [
            {"matchExpressions": [{"key": key, "operator": "In", "values": [value]}]} for value in values
        ]
        return {
            "nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": terms}}
        }

    joined = placement.both(required("disk", "ssd", "nvme"), required("zone", "a"))
    terms = joined["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]["nodeSelectorTerms"]
    assert [[one["values"] for one in term["matchExpressions"]] for term in terms] == [
        [["ssd"], ["a"]],
        [["nvme"], ["a"]],
    ]


def test_other_affinities_add_up() -> None:
    near = {"topologyKey": "zone", "labelSelector": {"matchLabels": {"app": "cache"}}}
    far = {"topologyKey": "kubernetes.io/hostname", "labelSelector": {"matchLabels": {"app": "noisy"}}}
    required = "requiredDuringSchedulingIgnoredDuringExecution"
    preferred = "preferredDuringSchedulingIgnoredDuringExecution"
    joined = placement.both(
        {
            "podAffinity": {required: [near]},
            "podAntiAffinity": {preferred: [{"weight": 1, "podAffinityTerm": far}]},
        },
        {"podAffinity": {required: [far]}, "nodeAffinity": {preferred: [{"weight": 2, "preference": {}}]}},
    )
    assert joined["podAffinity"] == {required: [near, far]}
    assert joined["podAntiAffinity"] == {preferred: [{"weight": 1, "podAffinityTerm": far}]}
    assert joined["nodeAffinity"] == {preferred: [{"weight": 2, "preference": {}}]}


@pytest.mark.parametrize("value", ["$(HOME)", "$$(HOME)", "$$$(HOME)", "a$$b", "$x", "{username}", "$", ""])
def test_a_text_of_a_person_reaches_the_program_unchanged(value: str) -> None:
    shown = variables(session(built(launch_spec(variables={"TEXT": value}))))["TEXT"]
    assert expanded_by_kubernetes(shown, {"HOME": "/work"}) == value


def test_what_an_environment_says_of_its_command_may_refer_to_variables() -> None:
    program = session(built(launch_spec(environment=code_server())))
    assert program["args"][-1] == "--bind-addr=127.0.0.1:$(SOJOURN_PORT)"
    assert variables(program)["SOJOURN_PORT"] == "8080"


def test_variables_that_sojourn_sets_are_left_out_and_named() -> None:
    spec = launch_spec(
        variables={"HOME": "/root", "JUPYTERHUB_USER": "bob", "SOJOURN_X": "1", "LANG": "C", "MINE": "1"},
        secrets=(SecretSpec(name="key", variable="JPY_API_TOKEN"),),
    )
    secrets = RunSecrets(values={"key": "value"}, git={})
    objects = built(spec, kubespawner_frame(env=hub_variables(LANG="C.UTF-8")), secrets)
    assert objects.notes == (
        (
            "Variables that Sojourn sets itself are left out: "
            "HOME, JPY_API_TOKEN, JUPYTERHUB_USER, LANG, SOJOURN_X."
        ),
    )
    shown = variables(session(objects))
    assert (shown["HOME"], shown["LANG"], shown["MINE"]) == ("/work", "C.UTF-8", "1")


def test_a_secret_that_is_gone_is_left_out_and_named() -> None:
    spec = launch_spec(secrets=(SecretSpec(name="key", variable="KEY"),))
    objects = built(spec)
    assert objects.notes == ("Secrets that the project no longer has are left out: key.",)
    assert "KEY" not in variables(session(objects))


def test_a_variable_of_the_administrator_that_looks_secret_is_shown_in_no_pod() -> None:
    frame = kubespawner_frame(env=hub_variables(DB_PASSWORD="hunter2", DB_PASSWORD_FILE="$(HOME)/password"))
    objects = built(launch_spec(), frame)
    shown = variables(session(objects))
    assert shown["DB_PASSWORD"] is None
    assert objects.secret.string_data["env.DB_PASSWORD"] == "hunter2"
    assert shown["DB_PASSWORD_FILE"] == "$(HOME)/password"


def test_a_program_behind_the_gate_knows_nothing_of_the_hub() -> None:
    objects = built(launch_spec(environment=code_server()), kubespawner_frame())
    gate = container(objects, "gate")
    shown = variables(session(objects))
    assert not [name for name in shown if name.startswith(("JUPYTERHUB_", "JPY_"))]
    assert shown["SOJOURN_PREFIX"] == "/user/ann/demo-lab-1a2b3c4d/"
    assert {"JUPYTERHUB_API_TOKEN", "JPY_API_TOKEN", "JUPYTERHUB_SERVICE_PREFIX"} <= variables(gate).keys()


@pytest.mark.parametrize(("program", "port"), [(8080, 8888), (8888, 8889)])
def test_the_gate_listens_beside_its_program(program: int, port: int) -> None:
    objects = built(launch_spec(environment=code_server(port=program)), kubespawner_frame())
    gate = container(objects, "gate")
    assert session(objects)["ports"] == [{"name": "program", "containerPort": program}]
    assert gate["ports"] == [{"name": "notebook-port", "containerPort": port}]
    assert variables(gate)["SOJOURN_GATE_PORT"] == str(port)
    assert variables(gate)["JUPYTERHUB_SERVICE_URL"].startswith(f"http://0.0.0.0:{port}/user/")


def test_a_single_user_server_is_told_the_port_of_its_image() -> None:
    program = session(built(launch_spec(environment=environment(port=9999)), kubespawner_frame()))
    assert program["ports"] == [{"name": "notebook-port", "containerPort": 9999}]
    assert variables(program)["JUPYTERHUB_SERVICE_URL"].startswith("http://0.0.0.0:9999/user/")


def test_the_volume_of_work_is_as_large_as_configured() -> None:
    def size(spec: LaunchSpec, frame: Frame) -> str:
        size: str = built(spec, frame, disk_gib=10).work.spec.resources.requests["storage"]
        return size

    frame = kubespawner_frame()
    assert size(launch_spec(), frame) == "10Gi"
    frame.claim.spec.resources.requests["storage"] = "3G"
    assert size(launch_spec(), frame) == "3G"
    assert (
        size(launch_spec(resources=ResourcesSpec(cpus=None, memory_gib=None, disk_gib=2.5)), frame)
        == "2560Mi"
    )


def test_the_administrators_storage_class_comes_before_the_installations() -> None:
    frame = kubespawner_frame()
    assert built(launch_spec(), frame, storage_class="slow").work.spec.storage_class_name == "slow"
    frame.claim.spec.storage_class_name = "fast"
    assert built(launch_spec(), frame, storage_class="slow").work.spec.storage_class_name == "fast"


def test_a_claim_that_two_storages_show_is_made_once() -> None:
    one = ClaimStorage(
        kind="claim", name="A", folder="a", claim="c", size_gib=1, storage_class=None, access="ReadWriteMany"
    )
    objects = built(launch_spec(storages=(one, one.model_copy(update={"folder": "b"}))))
    assert [claim.metadata.name for claim in objects.claims] == ["c"]
    assert "sojourn/session" not in objects.claims[0].metadata.labels


def test_nfs_can_be_mounted_by_the_kubelet_itself() -> None:
    storage = NfsStorage(kind="nfs", name="A", folder="a", server="s", path="/p", read_only=True)
    volumes = as_plain(built(launch_spec(storages=(storage,)), nfs_driver=None).pod)["spec"]["volumes"]
    assert volumes[-1] == {
        "name": "sojourn-storage-1",
        "nfs": {"server": "s", "path": "/p", "readOnly": True},
    }


def test_a_folder_of_a_computer_is_refused() -> None:
    folder = FolderStorage(kind="folder", name="Data", folder="data", path="/data")
    with pytest.raises(LaunchFailedError) as failure:
        built(launch_spec(storages=(folder,)))
    reason = failure.value.reason
    assert reason.code == "storage_unsupported"
    assert [remedy.folder for remedy in reason.remedies] == ["data", None]


@pytest.mark.parametrize(
    ("change", "code", "sentence"),
    [
        (
            {"image": None},
            "environment_without_image",
            "Python version 3 has no image, and a cluster runs images only.",
        ),
        ({"uid": 0}, "environment_runs_as_root", "Python version 3 runs as root, which no session may."),
    ],
)
def test_an_environment_that_no_cluster_can_run_is_refused(
    change: dict[str, Any], code: str, sentence: str
) -> None:
    with pytest.raises(LaunchFailedError) as failure:
        built(launch_spec(environment=environment(**change)))
    assert (failure.value.reason.code, failure.value.reason.sentence) == (code, sentence)


def test_more_than_a_secret_holds_is_refused() -> None:
    files = FilesStorage(kind="files", name="A", folder="a", files={"big": "x" * 2**20})
    with pytest.raises(LaunchFailedError, match="secret_too_large"):
        built(launch_spec(storages=(files,)))


def test_the_next_launch_has_a_secret_of_its_own() -> None:
    first, second, other = (
        built(launch_spec(**change)).secret.metadata.name
        for change in ({}, {"attempt": 2}, {"run": "01K9RVN0000000000000000002"})
    )
    assert len({first, second, other}) == 3


@pytest.mark.parametrize("text", ["ann", "ann@example.org", "x" * 64, "Ünïcode", "数据", "", "-a-", "a b"])
def test_any_text_can_be_made_a_label(text: str) -> None:
    label = names.label(text)
    assert len(label) <= 63
    assert label.replace(".", "").replace("-", "").replace("_", "").isascii()
    assert label[0].isalnum()
    assert label[-1].isalnum()


def test_labels_of_different_texts_differ() -> None:
    assert len({names.label(text) for text in ("a b", "a/b", "a-b", "x" * 64, "x" * 65)}) == 5


def test_kubespawner_finds_the_port_of_the_gate_and_the_program_first() -> None:
    beside = [{"name": "admins-beside", "image": "admin"}]
    frame = kubespawner_frame(extra_containers=beside)
    containers = as_plain(built(launch_spec(environment=code_server()), frame).pod)["spec"]["containers"]
    assert [one["name"] for one in containers] == ["notebook", "gate", "admins-beside"]
    assert KubeSpawner._get_pod_port(None, {"spec": {"containers": containers}}) == 8888


def test_the_gate_understands_what_it_is_told() -> None:
    frame = kubespawner_frame(env=hub_variables(SOJOURN_GATE_LOG="requests"))
    objects = built(launch_spec(environment=code_server()), frame)
    told = {
        one["name"]: expanded_by_kubernetes(one["value"], {})
        if "value" in one
        else objects.secret.string_data[one["valueFrom"]["secretKeyRef"]["key"]]
        for one in container(objects, "gate")["env"]
    }
    settings = GateSettings.of(told)
    assert (settings.port, settings.app_port, settings.strips_prefix) == (8888, 8080, True)
    assert (settings.default_url, settings.ready_path) == ("?folder=/work", "healthz")
    assert settings.prefix == variables(session(objects))["SOJOURN_PREFIX"]
    assert settings.token == HUB_TOKEN
    assert settings.logs_requests


def test_what_clones_understands_what_it_is_given(tmp_path: Path) -> None:
    login = GitLogin(host="git.example.org", username="ann", token="t0ken")
    repositories = (repository("a", "https://git.example.org/a", credential="git.example.org"),)
    secrets = RunSecrets(values={}, git={"git.example.org": login})
    objects = built(launch_spec(repositories=repositories), secrets=secrets)
    file = tmp_path / "clone.json"
    file.write_text(objects.secret.string_data["clone.json"])
    task = Task.read(file)
    assert [vars(one) for one in task.repositories] == [one.model_dump() for one in repositories]
    given = task.logins["git.example.org"]
    assert (given.host, given.username, given.token.get_secret_value()) == ("git.example.org", "ann", "t0ken")
    assert task.work == Path("/work")
    assert container(objects, "clone")["args"] == ["/run/sojourn/clone/spec.json"]


def test_git_in_the_session_logs_in_with_what_is_mounted() -> None:
    login = GitLogin(host="git.example.org", username="ann", token="t0ken")
    spec = launch_spec(
        repositories=(repository("a", "https://git.example.org/a", credential="git.example.org"),)
    )
    objects = built(spec, secrets=RunSecrets(values={}, git={"git.example.org": login}))
    shown = variables(session(objects))
    assert shown["GIT_CONFIG_KEY_0"] == "credential.https://git.example.org.helper"
    helper = expanded_by_kubernetes(shown["GIT_CONFIG_VALUE_0"], {})
    assert "/run/sojourn/git/git.example.org" in helper
    subprocess.run(["sh", "-n", "-c", helper.removeprefix("!")], check=True)


def expanded_by_kubernetes(text: str, known: dict[str, str]) -> str:
    """As the kubelet does (k8s.io/kubernetes/third_party/forked/golang/expansion/expand.go)."""
    out, at = "", 0
    while at < len(text):
        if text[at] == "$" and at + 1 < len(text):
            following = text[at + 1]
            if following == "$":
                out, at = out + "$", at + 2
                continue
            if following == "(" and (end := text.find(")", at)) > 0:
                name = text[at + 2 : end]
                out, at = out + known.get(name, f"$({name})"), end + 1
                continue
        out, at = out + text[at], at + 1
    return out
