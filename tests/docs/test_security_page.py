from __future__ import annotations

import re

import pytest

from tests.chart.helm import SERIOUS, Helm
from tests.docs.pages import page

NOUNS = {
    "pods": "pods",
    "pods/resize": "sizes",
    "volumesnapshots": "snapshots",
    "pods/log": "logs",
    "events": "events",
    "persistentvolumeclaims": "claims",
    "secrets": "Secrets",
}
pytestmark = pytest.mark.cluster  # where a cluster is to test on, Helm is too

VERBS = {"get", "list", "watch", "create", "patch", "update", "delete"}


@pytest.mark.parametrize("account", ["sojourn-api", "sojourn-hub"])
def test_the_page_tells_the_rights_that_the_chart_gives(helm: Helm, account: str) -> None:
    made = helm.render(SERIOUS)
    roles = {each["metadata"]["name"]: each for each in made if each["kind"] == "Role"}
    [role] = [
        roles[each["roleRef"]["name"]]
        for each in made
        if each["kind"] == "RoleBinding" and each["subjects"][0]["name"] == account
    ]
    row = re.search(rf"^\| `{account}` \| (.*) \|$", page("security.md"), re.MULTILINE)
    assert row is not None
    may, _, may_not = row[1].partition("No right to")
    granted = {NOUNS[resource] for rule in role["rules"] for resource in rule["resources"]}
    assert {noun for noun in NOUNS.values() if noun in may} == granted
    assert not any(noun in may_not for noun in granted)
    verbs = {verb for rule in role["rules"] for verb in rule["verbs"]}
    assert {verb for verb in VERBS if re.search(rf"\b{verb}\b", may)} == verbs


def test_no_right_is_for_the_whole_cluster(helm: Helm) -> None:
    kinds = {each["kind"] for each in helm.render(SERIOUS)}
    assert not kinds & {"ClusterRole", "ClusterRoleBinding"}
