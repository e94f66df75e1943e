"""Pods that fail, by the name of what they fail of."""

from __future__ import annotations

from typing import Any

from tests.data.why.recorder.cluster import Json
from tests.data.why.recorder.registry import for_other_processors, private_registry


def pod(image: str, *command: str, **changes: Any) -> Json:
    """A pod such as a session's: `notebook` in it, restricted; keys of `changes` belong to its container."""
    container = {
        "name": "notebook",
        "image": image,
        "terminationMessagePolicy": "FallbackToLogsOnError",
        "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
        **({"command": list(command)} if command else {}),
        **changes,
    }
    return {
        "restartPolicy": "Never",
        "automountServiceAccountToken": False,
        "terminationGracePeriodSeconds": 1,
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": 1000,
            "runAsGroup": 100,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "containers": [container],
    }


def shell(image: str, line: str, **changes: Any) -> Json:
    return pod(image, "sh", "-c", line, **changes)


def with_init(image: str, name: str, line: str) -> Json:
    spec = shell(image, "sleep 60")
    step = shell(image, line)["containers"][0] | {"name": name}
    return spec | {"initContainers": [step]}


def with_volume(image: str, volume: Json, path: str = "/work/data") -> Json:
    spec = shell(image, "sleep 60", volumeMounts=[{"name": "data", "mountPath": path}])
    return spec | {"volumes": [{"name": "data", **volume}]}


def resources(**amounts: str) -> Json:
    return {"resources": {"requests": {key.replace("_", "-"): amount for key, amount in amounts.items()}}}


def claim(name: str, **spec: Any) -> Json:
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": name},
        "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}, **spec},
    }


def of_claim(image: str, name: str) -> Json:
    return with_volume(image, {"persistentVolumeClaim": {"claimName": name}})


def images(image: str) -> dict[str, Json]:
    local = private_registry()
    repository = image.rpartition(":")[0]
    return {
        "image-no-tag": pod(f"{repository}:no-such-tag"),
        "image-no-digest": pod(f"{repository}@sha256:{'0' * 64}"),
        "image-no-repository": pod(f"{image.partition('/')[0]}/no/such:1"),
        "image-denied": pod(f"{local}/private:1"),
        "registry-broken": pod(f"{local}/broken:1"),
        "registry-refuses": pod("127.0.0.1:1/x:1"),
        "registry-unknown": pod("no.such.registry.test/x:1"),
        "registry-untrusted": pod("10.89.0.1:6443/x:1"),
        "image-platform": pod(for_other_processors(image)),
        "image-name": pod("Not/An:::Image"),
        "image-never": pod(f"{repository}:never-pulled", imagePullPolicy="Never"),
    }


def starts(image: str) -> dict[str, Json]:
    as_root = shell(image, "sleep 60")
    del as_root["securityContext"]["runAsUser"], as_root["securityContext"]["runAsGroup"]
    binary = "printf 'not a program' > /t/x; chmod +x /t/x"
    foreign = with_init(image, "copy", binary) | {"volumes": [{"name": "t", "emptyDir": {}}]}
    mounts = [{"name": "t", "mountPath": "/t"}]
    foreign["initContainers"][0]["volumeMounts"] = mounts
    foreign["containers"][0] |= {"command": ["/t/x"], "volumeMounts": mounts}
    again = shell(image, "echo boom; exit 3") | {"restartPolicy": "Always"}
    return {
        "program-missing": pod(image, "no-such-program"),
        "program-missing-path": pod(image, "/opt/no-such-program"),
        "program-not-executable": pod(image, "/etc/passwd"),
        "program-folder": pod(image, "/etc"),
        "exec-format": foreign,
        "folder-a-file": shell(image, "sleep 60", workingDir="/etc/passwd"),
        "runs-as-root": as_root,
        "crash": shell(image, "echo one; echo 'ValueError: boom' >&2; exit 3"),
        "killed": pod(image, "python3", "-c", "import os, time; time.sleep(1.2); os.abort()"),
        "ended": shell(image, "sleep 2; echo bye"),
        "restarting": again,
        "no-space": shell(image, "echo 'OSError: [Errno 28] No space left on device'; exit 1"),
        "out-of-memory": pod(
            image, "python3", "-c", "x = 'x' * 10**9", resources={"limits": {"memory": "64Mi", "cpu": "1"}}
        ),
        "too-old": shell(image, "sleep 60") | {"activeDeadlineSeconds": 2},
        "clone-reason": with_init(
            image,
            "clone",
            """printf '%s' '{"code":"clone_not_found","sentence":"There is no repository at https://git.test/a.",'"""
            """'"remedies":[{"action":"retry","label":"Retry"},{"action":"start_without",'"""
            """'"label":"Start without a","folder":"a"}]}' > /dev/termination-log; exit 1""",
        ),
        "clone-broken": with_init(image, "clone", "echo Traceback; exit 1"),
        "init-failed": with_init(image, "fetch-models", "echo 'no models'; exit 2"),
        "secret-variable": shell(
            image,
            "sleep 60",
            env=[{"name": "A", "valueFrom": {"secretKeyRef": {"name": "no-such", "key": "a"}}}],
        ),
        "secret-key": shell(
            image,
            "sleep 60",
            env=[{"name": "A", "valueFrom": {"secretKeyRef": {"name": "some", "key": "nope"}}}],
        ),
        "config-variables": shell(image, "sleep 60", envFrom=[{"configMapRef": {"name": "no-such"}}]),
    }


def places(image: str) -> dict[str, Json]:
    scratch = with_volume(image, {"emptyDir": {"sizeLimit": "5Mi"}}, "/scratch")
    write = "open('/scratch/x', 'wb').write(b'x' * 80_000_000)"
    scratch["containers"][0]["command"] = ["sh", "-c", f'python3 -c "{write}"; sleep 60']
    tolerant = shell(image, "sleep 60", **resources(cpu="100"))
    return {
        "larger-cpu": shell(image, "sleep 60", **resources(cpu="100")),
        "larger-both": shell(image, "sleep 60", **resources(cpu="100", memory="900Gi")),
        "larger-gpu": shell(image, "sleep 60", resources={"limits": {"nvidia.com/gpu": "1"}}),
        "no-match": shell(image, "sleep 60") | {"nodeSelector": {"pool": "gpu"}},
        "gated": tolerant | {"schedulingGates": [{"name": "example.org/wait"}]},
        "disk-own": shell(
            image,
            "python3 -c \"open('/tmp/x','wb').write(b'x'*80_000_000)\"; sleep 60",
            resources={"limits": {"ephemeral-storage": "10Mi"}},
        ),
        "disk-volume": scratch,
        "secret-volume": with_volume(image, {"secret": {"secretName": "no-such"}}, "/run/sojourn"),
        "secret-volume-key": with_volume(
            image, {"secret": {"secretName": "some", "items": [{"key": "nope", "path": "a"}]}}, "/run/sojourn"
        ),
        "config-volume": with_volume(image, {"configMap": {"name": "no-such"}}, "/etc/sojourn"),
        "claim-missing": of_claim(image, "no-such"),
        "claim-no-class": of_claim(image, "no-class"),
        "claim-no-volume": of_claim(image, "no-volume"),
        "claim-slow": of_claim(image, "slow"),
        "claim-later": of_claim(image, "later"),
        "pulled": shell(image, "sleep 60", imagePullPolicy="Always"),
        "csi-driver": with_volume(image, {"csi": {"driver": "no.such.driver"}}),
    }


PROBES = ("probe-status", "probe-refused", "probe-words", "probe-startup")


def probes(image: str) -> dict[str, Json]:
    serve = "python3 -m http.server 8888 --directory /tmp"
    quick = {"periodSeconds": 1, "failureThreshold": 2}
    nobody = {"httpGet": {"path": "/", "port": 8888}, **quick}
    return {
        "probe-status": shell(
            image, serve, readinessProbe={"httpGet": {"path": "/nope", "port": 8888}, **quick}
        ),
        "probe-refused": shell(image, "sleep 60", readinessProbe=nobody),
        "probe-words": shell(
            image,
            "sleep 60",
            readinessProbe={"exec": {"command": ["sh", "-c", "echo still loading; exit 1"]}, **quick},
        ),
        "probe-startup": shell(image, "sleep 60", startupProbe=nobody),
    }
