"""Helm and the chart, without a cluster."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from tests.cluster.installation import CHART, Values, merged

DIGEST = "sha256:" + "1" * 64
KUBERNETES = "1.33.0"

TRIAL: Values = {
    "url": "http://sojourn.test",
    "trial": True,
    "images": {"sojourn": f"registry.test/sojourn@{DIGEST}"},
    "environments": {
        "minimal": {
            "name": "Minimal",
            "description": "JupyterLab with a Python kernel.",
            "image": f"registry.test/minimal@{DIGEST}",
            "run": {"frontEnd": "JupyterLab", "defaultUrl": "/lab", "port": 8888},
        }
    },
}
"""The least that a trial needs."""

SERIOUS: Values = merged(
    TRIAL,
    {
        "url": "https://sojourn.example.org",
        "trial": False,
        "authentication": {"class": "generic-oauth", "admins": ["ada"]},
        "database": {
            "apiUrl": "postgresql+asyncpg://api:secret@postgres/sojourn",
            "hubUrl": "postgresql+psycopg://hub:secret@postgres/hub",
        },
        "api": {"replicas": 3},
        "sessions": {"namespace": "people", "createNamespace": True},
        "ingress": {"enabled": True, "tlsSecret": "certificate"},
    },
)
"""What an installation for people may look like."""


class Helm:
    """Renders the chart as it is."""

    def render(self, values: Values, *, release: str = "sojourn", namespace: str = "home") -> list[Any]:
        """All objects of the chart with these values.

        Raises:
            AssertionError: Helm refused; with its words.
        """
        done = self._template(values, release, namespace)
        assert done.returncode == 0, done.stderr
        return [each for each in yaml.safe_load_all(done.stdout) if each]

    def refusal(self, values: Values) -> str:
        """What Helm says to values that it refuses, on one line."""
        done = self._template(values, "sojourn", "home")
        assert done.returncode != 0, "Helm took these values"
        return " ".join(done.stderr.split())

    def lint(self, values: Values) -> str:
        """What `helm lint --strict` has to say."""
        done = self._run("lint", "--strict", str(CHART), values=values)
        return done.stdout + done.stderr

    def _template(self, values: Values, release: str, namespace: str) -> subprocess.CompletedProcess[str]:
        arguments = ("template", release, str(CHART), "--namespace", namespace, "--kube-version", KUBERNETES)
        return self._run(*arguments, values=values)

    def _run(self, *arguments: str, values: Values) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["helm", *arguments, "--values", "-"],
            input=json.dumps(values),
            text=True,
            capture_output=True,
            check=False,
            timeout=60,
        )


@pytest.fixture(scope="session")
def helm() -> Helm:
    """Helm, asked without a cluster."""
    if not shutil.which("helm"):
        pytest.skip("Helm is not installed.")
    return Helm()


def of_kind(objects: list[Any], kind: str, name: str | None = None) -> Any:
    """The one object of a kind, of a name if there are several."""
    found = [
        each
        for each in objects
        if each["kind"] == kind and (name is None or each["metadata"]["name"] == name)
    ]
    assert len(found) == 1, [each["metadata"]["name"] for each in found]
    return found[0]


def pod_specs(objects: list[Any]) -> Iterator[Any]:
    """The pods of everything that makes some."""
    for each in objects:
        if each["kind"] in {"Deployment", "StatefulSet", "Job"}:
            yield each["spec"]["template"]["spec"]
        elif each["kind"] == "Pod":
            yield each["spec"]


def schema() -> Any:
    """The schema of the values."""
    return json.loads((CHART / "values.schema.json").read_text())


def defaults() -> Any:
    """The values as the chart has them."""
    return yaml.safe_load((CHART / "values.yaml").read_text())
