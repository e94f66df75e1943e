from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from sessions_api.resources import offers, pools
from sojourn.cluster.values import HubValues
from spawner.recipes import DESCRIPTION, load_all
from tests.chart.helm import TRIAL, Helm, of_kind
from tests.cluster.installation import CHART, merged
from tests.docs.pages import fenced, page

PAGE = "install.md"
EXAMPLES = [yaml.safe_load(block) for block in fenced(page(PAGE), "yaml")]

_KEY = re.compile(r"^\| `([a-z-]+)` \|", re.MULTILINE)
_MADE = re.compile(r'^  "([a-z-]+)" \(rand', re.MULTILINE)


def whole(example: dict[str, Any]) -> dict[str, Any]:
    """An example with what `scripts/images` writes, and what the first example says."""
    images = {name: TRIAL[name] for name in ("images", "environments")}
    return merged(merged(images, EXAMPLES[0]), example)


@pytest.mark.parametrize("example", EXAMPLES)
def test_values_are_such_as_the_chart_has(example: dict[str, Any]) -> None:
    schema = json.loads((CHART / "values.schema.json").read_text())
    defaults = yaml.safe_load((CHART / "values.yaml").read_text())
    jsonschema.validate(merged(defaults, whole(example)), schema)


@pytest.mark.cluster  # Helm comes with it
@pytest.mark.parametrize("example", EXAMPLES)
def test_helm_takes_the_values(helm: Helm, example: dict[str, Any]) -> None:
    kinds = {made["kind"] for made in helm.render(whole(example))}
    assert {"Deployment", "Ingress", "NetworkPolicy", "ServiceMonitor", "PrometheusRule"} <= kinds


@pytest.mark.cluster  # Helm comes with it
@pytest.mark.parametrize("example", EXAMPLES)
def test_api_and_hub_understand_what_becomes_of_the_values(
    helm: Helm, example: dict[str, Any], tmp_path: Path
) -> None:
    maps = {
        made["metadata"]["name"]: made["data"]
        for made in helm.render(whole(example))
        if made["kind"] == "ConfigMap"
    }
    for file, text in maps["sojourn-environments"].items():
        folder = tmp_path / "environments" / file.removesuffix(".yaml")
        folder.mkdir(parents=True)
        (folder / DESCRIPTION).write_text(text)
    classes, values = tmp_path / "classes.yaml", tmp_path / "values.yaml"
    classes.write_text(maps["sojourn-resource-classes"]["resource-classes.yaml"])
    (tmp_path / "pools.yaml").write_text(maps["sojourn-resource-classes"]["resource-pools.yaml"])
    values.write_text(maps["sojourn-hub"]["values.yaml"])

    assert [recipe.slug for recipe in load_all(tmp_path / "environments")] == ["minimal", "vscode"]
    offered = offers.load(classes)
    assert [offer.slug for offer in offered] == ["small", "large", "gpu"]
    assert [pool.slug for pool in pools.load(tmp_path / "pools.yaml", offered)] == ["desks", "cards"]
    assert HubValues.load(values).authentication.admins == ("ada",)


@pytest.mark.cluster  # Helm comes with it
def test_names_for_hosts_of_people_are_those_of_the_page(helm: Helm) -> None:
    [example] = [each for each in EXAMPLES if each.get("sessions", {}).get("ownHosts")]
    ingress = of_kind(helm.render(whole(example)), "Ingress")

    hosts = [rule["host"] for rule in ingress["spec"]["rules"]]
    assert f"`{hosts[0]}` and `{hosts[1]}` both lead to the ingress" in page(PAGE)
    [tls] = ingress["spec"]["tls"]
    assert tls["hosts"] == hosts
    assert f"create secret tls {tls['secretName']} " in page(PAGE)


def test_the_page_lists_every_key_of_the_secret_and_no_other() -> None:
    made = _MADE.findall((CHART / "templates" / "secret.yaml").read_text())
    assert sorted(_KEY.findall(page(PAGE))) == sorted(made)


def test_the_page_asks_for_the_kubernetes_that_the_chart_does() -> None:
    wanted = yaml.safe_load((CHART / "Chart.yaml").read_text())["kubeVersion"]
    least = wanted.removeprefix(">=").rpartition(".")[0]
    assert f"| Kubernetes | {least} or newer" in page(PAGE)
