"""What the chart makes of values, without a cluster."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from sojourn.cluster.values import HubValues
from spawner.recipes import load_all
from tests.chart.helm import DIGEST, SERIOUS, TRIAL, Helm, of_kind, pod_specs
from tests.cluster.installation import Values, merged

# Helm comes with the cluster that tests run on.
pytestmark = pytest.mark.cluster

GATED = {
    "name": "Files",
    "description": "A web server.",
    "keywords": ["files"],
    "image": f"registry.test/files@{DIGEST}",
    "run": {
        "frontEnd": "Files",
        "defaultUrl": "/",
        "port": 8080,
        "workingFolder": "/srv",
        "readOnlyRoot": True,
        "gate": {"prefix": "strip", "readyPath": "/up"},
        "frontEnds": [
            {
                "name": "Editor",
                "command": ["edit"],
                "defaultUrl": "/",
                "port": 9000,
                "gate": {"prefix": "keep", "readyPath": "/ok"},
            },
            {"name": "JupyterLab", "defaultUrl": "/lab", "port": 8888},
        ],
    },
}


@pytest.mark.parametrize("values", [TRIAL, SERIOUS], ids=["trial", "serious"])
def test_every_pod_is_restricted_and_says_what_it_needs(helm: Helm, values: Values) -> None:
    for spec in pod_specs(helm.render(values)):
        assert spec["securityContext"]["runAsNonRoot"] is True
        assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert spec["enableServiceLinks"] is False
        for container in (*spec["containers"], *spec.get("initContainers", ())):
            assert container["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            }
            assert {"cpu", "memory"} <= container["resources"]["requests"].keys()


def test_only_the_api_and_the_hub_have_an_account_to_ask_kubernetes_with(helm: Helm) -> None:
    with_account = [
        spec["containers"][0]["name"]
        for spec in pod_specs(helm.render(TRIAL))
        if spec.get("automountServiceAccountToken") is not False
    ]

    assert sorted(with_account) == ["api", "hub"]


def test_all_rights_are_in_the_namespace_of_the_sessions(helm: Helm) -> None:
    objects = helm.render(SERIOUS)

    assert not [each for each in objects if each["kind"].startswith("ClusterRole")]
    assert {each["metadata"]["namespace"] for each in objects if each["kind"] in {"Role", "RoleBinding"}} == {
        "people"
    }
    api = of_kind(objects, "Role", "home-sojourn-api")
    assert "secrets" not in {resource for rule in api["rules"] for resource in rule["resources"]}
    assert of_kind(objects, "Namespace")["metadata"]["annotations"]["helm.sh/resource-policy"] == "keep"


@pytest.mark.parametrize(
    ("change", "may_make_services"),
    [
        ({}, False),
        ({"sessions": {"config": {"services_enabled": True}}}, True),
        ({"hub": {"config": {"JupyterHub": {"internal_ssl": True}}}}, True),
    ],
    ids=["usual", "services", "TLS"],
)
def test_the_hub_may_make_services_only_where_it_has_to(
    helm: Helm, change: Values, *, may_make_services: bool
) -> None:
    role = of_kind(helm.render(merged(TRIAL, change)), "Role", "sojourn-hub")

    assert any("services" in rule["resources"] for rule in role["rules"]) is may_make_services


def test_no_secret_is_written_into_a_pod_or_a_config_map(helm: Helm) -> None:
    objects = helm.render(SERIOUS)
    secrets = [
        value
        for each in objects
        if each["kind"] == "Secret"
        for value in (*each.get("data", {}).values(), *each.get("stringData", {}).values())
    ]
    rest = yaml.safe_dump([each for each in objects if each["kind"] != "Secret"])

    assert secrets
    assert not [value for value in secrets if value in rest]


def test_budgets_never_keep_a_node_from_being_drained(helm: Helm) -> None:
    for values in (TRIAL, SERIOUS):
        budgets = [each for each in helm.render(values) if each["kind"] == "PodDisruptionBudget"]
        assert budgets
        assert all(each["spec"]["maxUnavailable"] == 1 for each in budgets)
        assert all("minAvailable" not in each["spec"] for each in budgets)
    alone = {each["metadata"]["name"] for each in helm.render(TRIAL) if each["kind"] == "PodDisruptionBudget"}
    assert "sojourn-api" not in alone


def test_the_hub_reads_the_values_that_are_made_for_it(helm: Helm, tmp_path: Any) -> None:
    change = {
        "authentication": {"config": {"GenericOAuthenticator": {"client_id": "sojourn"}}, "people": ["ada"]},
        "sessions": {"storageClass": "fast", "config": {"service_account": "people"}},
        "images": {"pullSecrets": ["registry"]},
    }
    made = of_kind(helm.render(merged(SERIOUS, change)), "ConfigMap", "sojourn-hub")
    file = tmp_path / "values.yaml"
    file.write_text(made["data"]["values.yaml"])
    values = HubValues.load(file)

    assert values.url == "https://sojourn.example.org"
    assert values.installation == "home.sojourn"
    assert values.authentication.authenticator == "generic-oauth"
    assert values.authentication.people == ("ada",)
    assert values.sessions.namespace == "people"
    assert values.sessions.config == {
        "disk_gib": 10,
        "storage_class": "fast",
        "image_pull_secrets": ["registry"],
        "extra_annotations": {"cluster-autoscaler.kubernetes.io/safe-to-evict": "false"},
        "service_account": "people",
    }


def test_the_api_reads_the_environments_that_are_made_for_it(helm: Helm, tmp_path: Any) -> None:
    objects = helm.render(merged(TRIAL, {"environments": {"files": GATED}}))
    made = of_kind(objects, "ConfigMap", "sojourn-environments")
    for key, content in made["data"].items():
        (tmp_path / key.removesuffix(".yaml")).mkdir()
        (tmp_path / key.removesuffix(".yaml") / "environment.yaml").write_text(content)
    files, minimal = load_all(tmp_path)

    assert (files.slug, minimal.slug) == ("files", "minimal")
    assert files.image == GATED["image"]
    assert files.run.gate is not None
    assert (files.run.gate.prefix, files.run.gate.ready_path) == ("strip", "/up")
    assert (files.run.working_folder, files.run.read_only_root) == ("/srv", True)
    editor, lab = files.run.front_ends
    assert editor.gate is not None
    assert (editor.name, editor.command, editor.port) == ("Editor", ("edit",), 9000)
    assert (editor.gate.prefix, editor.gate.ready_path) == ("keep", "/ok")
    assert (lab.name, lab.default_url, lab.gate) == ("JupyterLab", "/lab", None)


def test_two_installations_share_no_name_even_where_their_sessions_are_in_one_namespace(helm: Helm) -> None:
    values = merged(TRIAL, {"sessions": {"namespace": "people"}})

    def marks(release: str, namespace: str) -> set[tuple[str, str, str]]:
        return {
            (each["kind"], each["metadata"].get("namespace", namespace), each["metadata"]["name"])
            for each in helm.render(values, release=release, namespace=namespace)
        }

    assert not marks("one", "home") & marks("two", "home")
    assert not marks("one", "home") & marks("one", "garden")


def test_a_hub_that_is_there_already_is_given_the_rights_instead_of_one_of_our_own(helm: Helm) -> None:
    existing = {
        "url": "http://hub.jupyter.svc:8081",
        "namespace": "jupyter",
        "serviceAccount": "hub",
        "hubLabels": {"component": "hub"},
        "proxyLabels": {"component": "proxy"},
    }
    objects = helm.render(merged(TRIAL, {"hub": {"existing": existing}}))

    assert {each["metadata"]["name"] for each in objects if each["kind"] == "Deployment"} == {"sojourn-api"}
    bound = of_kind(objects, "RoleBinding", "sojourn-hub")
    assert bound["subjects"] == [{"kind": "ServiceAccount", "name": "hub", "namespace": "jupyter"}]


def test_an_ingress_leads_from_the_host_of_the_address_to_the_proxy(helm: Helm) -> None:
    ingress = of_kind(helm.render(SERIOUS), "Ingress")

    assert ingress["spec"]["rules"][0]["host"] == "sojourn.example.org"
    assert ingress["spec"]["tls"] == [{"hosts": ["sojourn.example.org"], "secretName": "certificate"}]


def test_a_route_leads_from_the_gateway_to_the_proxy(helm: Helm) -> None:
    change = {"gateway": {"enabled": True, "parentRefs": [{"name": "public"}]}}
    route = of_kind(helm.render(merged(TRIAL, change)), "HTTPRoute")

    assert route["spec"]["hostnames"] == ["sojourn.test"]
    assert route["spec"]["parentRefs"] == [{"name": "public"}]


def test_prometheus_is_let_in_and_told_where_to_look(helm: Helm) -> None:
    change = {
        "monitoring": {
            "namespaceLabels": {"kubernetes.io/metadata.name": "monitoring"},
            "serviceMonitor": {"enabled": True},
            "rules": {"enabled": True},
        }
    }
    objects = helm.render(merged(TRIAL, change))

    hub = of_kind(objects, "ServiceMonitor", "sojourn-hub")
    assert hub["spec"]["endpoints"][0]["authorization"]["credentials"]["key"] == "metrics-token"
    alerts = of_kind(objects, "PrometheusRule")["spec"]["groups"][0]["rules"]
    assert all(alert["expr"].count("{") == alert["expr"].count("}") for alert in alerts)
    policy = of_kind(objects, "NetworkPolicy", "sojourn-api")
    assert "monitoring" in yaml.safe_dump(policy)


def test_people_s_hosts_are_led_to_the_proxy_which_tells_them_apart(helm: Helm) -> None:
    made = helm.render(merged(SERIOUS, {"sessions": {"ownHosts": True}}))
    ingress = of_kind(made, "Ingress")
    hosts = ["sojourn.example.org", "*.sojourn.example.org"]

    assert [rule["host"] for rule in ingress["spec"]["rules"]] == hosts
    assert ingress["spec"]["tls"][0]["hosts"] == hosts
    proxy = of_kind(made, "Deployment", "sojourn-proxy")
    container = proxy["spec"]["template"]["spec"]["containers"][0]
    assert "--host-routing" in container["args"]
    assert container["startupProbe"]["httpGet"]["httpHeaders"] == [{"name": "Host", "value": hosts[0]}]
