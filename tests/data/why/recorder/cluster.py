"""Talks to the cluster and keeps what it says."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[1]
NAMESPACE = "why-recorded"
Json = dict[str, Any]


def say(text: str) -> None:
    sys.stderr.write(f"{text}\n")


def kubectl(*arguments: str, given: object = None, check: bool = True) -> str:
    done = subprocess.run(
        ["kubectl", *arguments],
        input=None if given is None else json.dumps(given),
        capture_output=True,
        text=True,
        check=False,
    )
    if check and done.returncode:
        raise SystemExit(f"kubectl {' '.join(arguments)}: {done.stderr}")
    return done.stdout if done.returncode == 0 else done.stderr


def get(kind: str, name: str) -> Json:
    found: Json = json.loads(kubectl("-n", NAMESPACE, "get", kind, name, "-o", "json"))
    return found


def record(name: str, spec: Json, until: Callable[[Json], bool], seconds: float) -> None:
    if not create(name, spec):
        return
    wait(name, until, seconds)
    keep(name, get("pod", name))
    remove(name)


def create(name: str, spec: Json) -> bool:
    made = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": spec}
    answer = kubectl("-n", NAMESPACE, "create", "-f", "-", given=made, check=False)
    if "created" not in answer:
        say(f"{name}: {answer}")
    return "created" in answer


def wait(name: str, until: Callable[[Json], bool], seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and not until(get("pod", name)):
        time.sleep(0.3)
    time.sleep(1.5)  # events come after the state


def remove(name: str) -> None:
    kubectl(
        "-n", NAMESPACE, "delete", "pod", name, "--force", "--grace-period=0", "--wait=false", check=False
    )


def keep(name: str, found: Json) -> None:
    events = json.loads(kubectl("-n", NAMESPACE, "get", "events", "-o", "json"))["items"]
    claims = [
        volume["persistentVolumeClaim"]["claimName"]
        for volume in found["spec"].get("volumes", ())
        if "persistentVolumeClaim" in volume
    ]
    about = [event for event in events if event["involvedObject"]["name"] in {name, *claims}]
    for thing in (found, *about):
        thing["metadata"] = {
            key: value
            for key, value in thing["metadata"].items()
            if key in {"name", "uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds"}
        }
    path = FOLDER / f"{name}.json"
    path.write_text(json.dumps({"pod": found, "events": about}, indent=1) + "\n")
    say(f"{name}: {found['status'].get('phase')}")


def has_trouble(found: Json) -> bool:
    status = found["status"]
    statuses = [*status.get("containerStatuses", ()), *status.get("initContainerStatuses", ())]
    waits = (one.get("state", {}).get("waiting", {}).get("reason", "") for one in statuses)
    return (
        status.get("phase") in {"Failed", "Succeeded"}
        or any("Err" in reason or "Back" in reason or "Invalid" in reason for reason in waits)
        or any(one.get("reason") == "Unschedulable" for one in status.get("conditions", ()))
    )
