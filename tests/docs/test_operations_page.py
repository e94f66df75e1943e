from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from scripts.reasons_page import PAGE as REASONS
from scripts.reasons_page import written
from tests.docs.pages import REPOSITORY, page
from tests.docs.reason_codes import written_codes
from tests.served import Served

CHART = REPOSITORY / "charts" / "sojourn"
RULES = CHART / "templates" / "monitoring" / "rules.yaml"
DASHBOARD = CHART / "dashboards" / "sojourn.json"

_LISTED_METRIC = re.compile(r"^\| `(sojourn_[a-z_]+)[`{]", re.MULTILINE)
_LISTED_ALERT = re.compile(r"^\| `(Sojourn[A-Za-z]+)` \|", re.MULTILINE)
_LISTED_CODE = re.compile(r"^\| `([a-z]+(?:_[a-z]+)+)` \|", re.MULTILINE)
_SELECTED = re.compile(r"\b([a-z_]+)\{")
_ENDINGS = {"histogram": ("_bucket", "_sum", "_count"), "counter": ("_total",)}


@pytest.fixture(scope="module")
def samples(documented: Served) -> dict[str, str]:
    """The names that Prometheus can ask for, each with what it belongs to."""
    with documented.client() as client:
        families = list(text_string_to_metric_families(client.get("/metrics").text))
    return {
        f"{family.name}{ending}": family.name
        for family in families
        for ending in _ENDINGS.get(family.type, ("",))
        if not family.name.endswith("_created")  # when a counter began, which nobody asks for
    }


def expressions(part: Any) -> Iterator[str]:
    """What a dashboard asks Prometheus."""
    if isinstance(part, dict):
        if "expr" in part:
            yield part["expr"]
        part = list(part.values())
    if isinstance(part, list):
        for each in part:
            yield from expressions(each)


def test_the_page_names_every_metric_and_no_other(samples: dict[str, str]) -> None:
    histograms = {family for sample, family in samples.items() if sample == f"{family}_bucket"}
    ours = {samples[name] if samples[name] in histograms else name for name in samples}
    assert set(_LISTED_METRIC.findall(page("operations.md"))) == {
        name for name in ours if name.startswith("sojourn_")
    }


def test_the_dashboard_asks_for_metrics_that_there_are(samples: dict[str, str]) -> None:
    asked = list(expressions(json.loads(DASHBOARD.read_text())))
    named = {name for expression in asked for name in _SELECTED.findall(expression)}
    assert len(asked) > 10
    assert named <= samples.keys()
    ours = {samples[name] for name in named}
    assert {family for family in samples.values() if family.startswith("sojourn_")} <= ours


def test_the_alerts_ask_for_metrics_that_there_are(samples: dict[str, str]) -> None:
    asked = {name for name in re.findall(r"\bsojourn_[a-z_]+", RULES.read_text()) if name != "sojourn_"}
    families = {*samples, *samples.values()}
    assert asked
    assert asked <= families


def test_the_page_lists_every_alert_and_no_other() -> None:
    alerts = re.findall(r"alert: (\w+)", RULES.read_text())
    assert sorted(_LISTED_ALERT.findall(page("operations.md"))) == sorted(alerts)


def test_the_codes_of_clusters_are_those_of_the_code() -> None:
    text = REASONS.read_text()
    assert text == written(text), "python scripts/reasons_page.py writes it anew"


def test_every_code_of_a_failure_is_explained_and_no_other() -> None:
    assert set(_LISTED_CODE.findall(page("reasons.md"))) == written_codes()
