"""The objects of whole launches, as files in tests/data/pods.

After a change that is meant, write them anew and read what changed:

    .venv/bin/python -m tests.spawner.pod_launches --write
    git diff tests/data/pods
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import yaml

from tests.spawner.pod_frames import HUB_TOKEN
from tests.spawner.pod_launches import FILES, LAUNCHES, NO_SECRETS, SETTINGS

OURS = {"notebook", "clone", "gate"}
RESTRICTED_VOLUMES = {
    *("configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected"),
    "secret",
}

every_launch = pytest.mark.parametrize("name", sorted(LAUNCHES))


@every_launch
def test_a_launch_makes_exactly_the_objects_that_its_file_has(name: str) -> None:
    assert LAUNCHES[name]().as_yaml() == (FILES / f"{name}.yaml").read_text()


def test_every_file_belongs_to_a_launch() -> None:
    assert {file.stem for file in FILES.iterdir()} == set(LAUNCHES)


@every_launch
def test_nothing_secret_is_in_any_object_but_the_secret(name: str) -> None:
    launch = LAUNCHES[name]()
    secrets = [value.get_secret_value().strip() for value in launch.secrets.values.values()]
    secrets += [login.token.get_secret_value() for login in launch.secrets.git.values()]
    if (registry := launch.secrets.registry) is not None:
        secrets.append(registry.password.get_secret_value())
    for shown in (one for one in objects(name) if one["kind"] != "Secret"):
        for text in texts(shown):
            assert "s3cr3t" not in text
            assert HUB_TOKEN not in text
            assert not any(secret in text for secret in secrets)


def test_a_private_image_is_pulled_with_a_secret_of_its_own_that_no_container_sees() -> None:
    made, _run, pull, *_others = objects("private_image")
    logins = json.loads(pull["stringData"][".dockerconfigjson"])["auths"]

    assert made["spec"]["imagePullSecrets"] == [{"name": pull["metadata"]["name"]}]
    assert pull["type"] == "kubernetes.io/dockerconfigjson"
    assert logins["https://index.docker.io/v1/"]["username"] == "ann"
    assert pull["metadata"]["name"] not in json.dumps(made["spec"]["volumes"])


def test_a_login_that_is_gone_is_said_and_the_image_pulled_without() -> None:
    launch = replace(LAUNCHES["private_image"](), secrets=NO_SECRETS)

    assert launch.objects().pull_secret is None
    assert launch.objects().notes == (
        "The registry login for docker.io is gone; the image is pulled without one.",
    )


@every_launch
def test_objects_that_are_printed_show_no_secret(name: str) -> None:
    assert "s3cr3t" not in repr(LAUNCHES[name]().objects())


@every_launch
def test_a_pod_keeps_to_what_restricted_namespaces_ask(name: str) -> None:
    # https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted
    spec = pod(name)["spec"]
    assert not {"hostNetwork", "hostPID", "hostIPC"} & spec.keys()
    assert spec["securityContext"]["seccompProfile"]["type"] in {"RuntimeDefault", "Localhost"}
    assert spec["securityContext"].get("runAsUser") != 0
    for volume in spec["volumes"]:
        assert volume.keys() - {"name"} <= RESTRICTED_VOLUMES
    for container in [*spec["containers"], *spec.get("initContainers", [])]:
        context = container["securityContext"]
        assert context["runAsNonRoot"] is True
        assert context["runAsUser"] > 0
        assert context["allowPrivilegeEscalation"] is False
        assert context["capabilities"] == {"drop": ["ALL"]}
        assert not context.get("privileged")
        assert not any("hostPort" in port for port in container.get("ports", []))


@every_launch
def test_a_session_has_no_way_to_the_kubernetes_api(name: str) -> None:
    assert pod(name)["spec"]["automountServiceAccountToken"] is False
    assert pod(name)["spec"]["enableServiceLinks"] is False


@every_launch
def test_each_container_sees_only_its_own_part_of_the_secret(name: str) -> None:
    allowed = {
        "notebook": ("secret.", "git.", "env.", "run", "files.", "jupyter."),
        "clone": ("clone.json", "env."),
    }
    allowed["gate"] = ("env.JUPYTERHUB_API_TOKEN", "env.JPY_API_TOKEN")
    spec, secret = pod(name)["spec"], next(one for one in objects(name) if one["kind"] == "Secret")
    volumes = {volume["name"]: volume for volume in spec["volumes"]}
    for container in [*spec["containers"], *spec.get("initContainers", [])]:
        seen = {
            variable["valueFrom"]["secretKeyRef"]["key"]
            for variable in container.get("env", [])
            if "valueFrom" in variable
        }
        for mount in container.get("volumeMounts", []):
            source = volumes[mount["name"]].get("secret")
            if source is not None:
                assert source["secretName"] == secret["metadata"]["name"]
                assert source["items"], "without items a volume shows all keys"
                seen |= {item["key"] for item in source["items"]}
        assert seen <= secret["stringData"].keys()
        assert all(key.startswith(allowed.get(container["name"], ())) for key in seen)
        if container["name"] == "notebook" and any(one["name"] == "gate" for one in spec["containers"]):
            assert not {"env.JUPYTERHUB_API_TOKEN", "env.JPY_API_TOKEN"} & seen


@every_launch
def test_the_program_waits_for_the_secret_because_it_mounts_a_part_of_it(name: str) -> None:
    session = next(one for one in pod(name)["spec"]["containers"] if one["name"] == "notebook")
    assert {"name": "sojourn-run", "mountPath": "/run/sojourn", "readOnly": True} in session["volumeMounts"]


@every_launch
def test_a_frame_stays_as_it_is(name: str) -> None:
    launch = LAUNCHES[name]()
    if launch.frame is not None:
        before = repr(launch.frame)
        launch.objects()
        assert repr(launch.frame) == before


@every_launch
def test_labels_say_whose_every_object_is(name: str) -> None:
    for one in objects(name):
        labels = one["metadata"]["labels"]
        assert labels["sojourn/installation"] == SETTINGS.installation
        assert labels["sojourn/project"] == LAUNCHES[name]().spec.project.id
        assert all(len(value) <= 63 for value in labels.values())


def objects(name: str) -> list[dict[str, Any]]:
    return list(yaml.safe_load_all(LAUNCHES[name]().as_yaml()))


def pod(name: str) -> dict[str, Any]:
    return objects(name)[0]


def texts(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        for key, value in part.items():
            yield str(key)
            yield from texts(value)
    elif isinstance(part, list):
        for value in part:
            yield from texts(value)
    else:
        yield str(part)
