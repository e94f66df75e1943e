"""The chart on a real cluster."""

from __future__ import annotations

import json
import subprocess
from contextlib import closing

import pytest

from tests.chart.helm import KUBERNETES
from tests.cluster.conftest import free_node_port
from tests.cluster.installation import CHART, Installation, merged, trial_values
from tests.e2e.projects import Project

pytestmark = [pytest.mark.cluster, pytest.mark.slow, pytest.mark.timeout(400)]

LARGE = {
    "url": "http://large.test",
    "api": {"replicas": 3},
    "hub": {"claim": {"enabled": True}, "extraConfig": {"banner": "c.JupyterHub.template_vars = {}"}},
    "ingress": {"enabled": True, "tlsSecret": ""},
    "sessions": {"egress": {"exceptCidrs": ["203.0.113.7/32"]}},
    "networkPolicies": {"dnsCidrs": ["10.96.0.10/32"]},
}


def test_the_cluster_takes_every_object_of_a_large_installation(installation: Installation) -> None:
    values = merged(trial_values(free_node_port()), LARGE)
    rendered = installation.helm(
        *("template", "large", str(CHART), "--kube-version", KUBERNETES),
        *(f"--set-json={key}={json.dumps(value)}" for key, value in values.items()),
    ).stdout
    said = installation.kubectl("apply", "--dry-run=server", "-f", "-", text=rendered)

    assert "deployment.apps/large-sojourn-api created (server dry run)" in said


def test_a_person_logs_in_and_sees_the_projects(installation: Installation) -> None:
    with closing(installation.browser("ann")) as browser:
        page = browser.get("/")

        assert page.status_code == 200
        assert page.url.path == "/projects"
        assert "<title>Projects" in page.text


def test_helms_own_test_passes(installation: Installation) -> None:
    said = installation.helm("test", installation.name, "--timeout", "90s").stdout

    assert "Succeeded" in said


def test_what_is_internal_is_not_behind_the_proxy(installation: Installation) -> None:
    with closing(installation.browser("ann")) as browser:
        headers = {"Authorization": f"token {installation.secret('spawner-token')}"}

        assert browser.get("/internal/runs/x/launch-spec", headers=headers).status_code == 404
        assert browser.get("/metrics").status_code == 404
        assert browser.get("/hub/metrics").status_code == 403


def test_a_resource_class_that_no_node_can_run_is_warned_of(installation: Installation) -> None:
    small = {"slug": "small", "name": "Small", "cpus": 0.5, "memoryGib": 0.5, "diskGib": 1}
    huge = small | {"slug": "huge", "name": "Huge", "cpus": 0.5, "memoryGib": 60_000}
    gpu = small | {"slug": "gpu", "name": "GPU", "gpus": 1, "gpuResource": "example.org/gpu"}
    values = json.dumps([small, huge, gpu])
    said = installation.helm(
        *("upgrade", installation.name, str(CHART), "--reuse-values", "--dry-run=server"),
        *("--set-json", f"resourceClasses={values}"),
    ).stdout

    assert "the resource class huge (0.5 CPUs, 60000 GiB) is larger than any node" in said
    assert "the resource class gpu (0.5 CPUs, 0.5 GiB, 1 GPU) is larger than any node" in said
    assert "the resource class small" not in said


def test_who_may_not_see_nodes_installs_without_comparing(installation: Installation) -> None:
    installation.kubectl("create", "rolebinding", "owner", "--clusterrole=admin", "--user=owner")

    def tried(*more: str) -> subprocess.CompletedProcess[str]:
        command = ("upgrade", installation.name, str(CHART), "--reuse-values", "--dry-run=server")
        return installation.helm(*command, "--kube-as-user=owner", *more, check=False)

    refused, taken = tried(), tried("--set", "checkNodes=false")
    installation.kubectl("delete", "rolebinding", "owner")

    assert 'cannot list resource "nodes"' in refused.stderr
    assert taken.returncode == 0, taken.stderr


def test_prometheus_reads_the_hubs_metrics_with_a_token_that_is_good_for_nothing_else(
    installation: Installation,
) -> None:
    headers = {"Authorization": f"Bearer {installation.secret('metrics-token')}"}
    with installation.client(headers=headers) as prometheus:
        assert "jupyterhub_total_users" in prometheus.get("/hub/metrics").text
        assert prometheus.get("/hub/api/users").status_code == 403


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("nothing", "secrets.existingSecret: there is no Secret nothing in the namespace"),
        ("half", "secrets.existingSecret: the Secret half has no key secrets-key."),
    ],
)
def test_a_secret_that_lacks_something_is_refused(
    installation: Installation, name: str, sentence: str
) -> None:
    keys = ("hub-token", "spawner-token", "cookie-secret")
    installation.kubectl.apply(
        {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": "half"},
            "stringData": dict.fromkeys(keys, "x"),
        }
    )
    refused = installation.helm(
        *("upgrade", installation.name, str(CHART), "--reuse-values", "--dry-run=server"),
        *("--set", f"secrets.existingSecret={name}"),
        check=False,
    )
    installation.kubectl("delete", "secret", "half")

    assert refused.returncode != 0
    assert sentence in " ".join(refused.stderr.split())


def test_uninstalling_pauses_sessions_and_installing_again_brings_everything_back(
    installation: Installation,
) -> None:
    project = Project.with_session(installation)
    run = project.running()["id"]

    said = installation.helm("uninstall", installation.name, "--wait", "--timeout=120s").stdout

    assert "[Secret] sojourn" in said
    installation.kubectl("wait", "--for=delete", "pods", "--all", "--timeout=60s")
    kinds = "deployments,statefulsets,jobs,services,configmaps,secrets,serviceaccounts,roles,"
    kinds += "rolebindings,networkpolicies,poddisruptionbudgets,persistentvolumeclaims"
    left = installation.kubectl("get", kinds, "-o", "name").split()
    assert sorted(name.partition("--")[0] for name in left) == [
        "configmap/kube-root-ca.crt",
        "persistentvolumeclaim/claim-ann",
        "persistentvolumeclaim/data-sojourn-database-0",
        "secret/sojourn",
        "serviceaccount/default",
    ]

    installation.install()

    assert project.run(run)["phase"] == "paused"
    assert project.running()["id"] == run
