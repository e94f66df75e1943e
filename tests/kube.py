"""The cluster that tests run on: whichever `$KUBECONFIG` names, each test in a namespace of its own.

Fixtures: `kubernetes` skips, and says why, where no cluster is named; `namespace` is a fresh one in which Pod
Security is *restricted*. Images come from the file that `$SOJOURN_TEST_IMAGES` names; `$SOJOURN_TEST_HOST` is
this machine's address as pods know it.
"""

from __future__ import annotations

import json
import os
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Self
from uuid import uuid4

import pytest

Raw = dict[str, Any]


class Kubectl:
    """Asks the cluster by `kubectl`, in one namespace."""

    def __init__(self, namespace: str) -> None:
        self.namespace = namespace

    def __call__(self, *arguments: str, text: str | None = None) -> str:
        """Runs one command; its output.

        Raises:
            AssertionError: it failed; with its words.
        """
        done = self.run(*arguments, text=text)
        assert done.returncode == 0, f"kubectl {' '.join(arguments)}: {done.stderr}"
        return done.stdout

    def run(self, *arguments: str, text: str | None = None) -> subprocess.CompletedProcess[str]:
        """Runs one command, whatever comes of it."""
        return subprocess.run(
            ["kubectl", "-n", self.namespace, *arguments],
            input=text,
            text=True,
            capture_output=True,
            check=False,
            timeout=60,
        )

    def apply(self, *resources: Raw) -> None:
        """Creates or changes resources."""
        content = {"apiVersion": "v1", "kind": "List", "items": list(resources)}
        self("apply", "-f", "-", text=json.dumps(content))

    def list(self, kind: str, **labels: str) -> list[Raw]:
        """All resources of a kind that carry the labels."""
        selector = ",".join(f"{key.replace('__', '/')}={value}" for key, value in labels.items())
        found = json.loads(self("get", kind, "-o", "json", f"--selector={selector}"))
        items: list[Raw] = found["items"]
        return items

    def get(self, kind: str, name: str) -> Raw | None:
        """One resource, if it is there."""
        found = self("get", kind, name, "-o", "json", "--ignore-not-found")
        return json.loads(found) if found else None

    def logs(self, pod: str, container: str) -> str:
        """What a container wrote."""
        return self("logs", pod, "-c", container)


class Watch:
    """Notes each state of the pods with certain labels, and when it was told.

    Attributes:
        seen: pairs of the time (`time.time()`) and the pod.
    """

    def __init__(self, kubectl: Kubectl, **labels: str) -> None:
        selector = ",".join(f"{key.replace('__', '/')}={value}" for key, value in labels.items())
        self.seen: list[tuple[float, Raw]] = []
        self._process = subprocess.Popen(
            [
                *("kubectl", "-n", kubectl.namespace, "get", "pods"),
                *("--watch", "--output-watch-events", "-o", "json", f"--selector={selector}"),
            ],
            stdout=subprocess.PIPE,
            text=True,
        )
        self._reading = threading.Thread(target=self._read)
        self._reading.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        self._reading.join()

    def _read(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as output:
            for line in output:
                self.seen.append((time.time(), json.loads(line)["object"]))

    def first(self, holds: Callable[[Raw], Any]) -> float:
        """When a pod was first told of that this holds for."""
        return next(at for at, pod in self.seen if holds(pod))


@pytest.fixture(scope="session")
def kubernetes() -> str:
    """The kubeconfig of the cluster to test on."""
    kubeconfig = os.environ.get("KUBECONFIG")
    if not kubeconfig:
        pytest.skip("KUBECONFIG names no Kubernetes cluster to test on.")
    return kubeconfig


@pytest.fixture
def namespace(kubernetes: str) -> Iterator[Kubectl]:
    """A namespace of a test's own."""
    with fresh_namespace() as made:
        yield made


class fresh_namespace:  # noqa: N801 - used like a function
    """Makes a namespace, and deletes it with all that is in it.

    Args:
        enforce: level of Pod Security.
        prefix: of its name.
    """

    def __init__(self, *, enforce: str = "restricted", prefix: str = "kube") -> None:
        self._kubectl = Kubectl(f"{prefix}-{uuid4().hex[:8]}")
        self._labels = {"pod-security.kubernetes.io/enforce": enforce}

    def __enter__(self) -> Kubectl:
        name = self._kubectl.namespace
        self._kubectl.apply(
            {
                "apiVersion": "v1",
                "kind": "Namespace",
                "metadata": {"name": name, "labels": self._labels},
            }
        )
        return self._kubectl

    def __exit__(self, *_: object) -> None:
        self._kubectl("delete", "namespace", self._kubectl.namespace, "--wait=false")


def image(name: str) -> str:
    """An image that was built for the tests, by its digest: `sojourn`, or the slug of an environment."""
    file = os.environ.get("SOJOURN_TEST_IMAGES")
    if not file:
        pytest.skip("SOJOURN_TEST_IMAGES names no file with the images to test with.")
    images: dict[str, str] = json.loads(Path(file).read_text())
    if name not in images:
        pytest.skip(f"{file} has no image {name}.")
    return images[name]


def host() -> str:
    """This machine's address as pods know it."""
    address = os.environ.get("SOJOURN_TEST_HOST")
    if not address:
        pytest.skip("SOJOURN_TEST_HOST does not say at which address pods reach this machine.")
    return address
