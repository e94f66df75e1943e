"""Values that make no sense are refused with a sentence, and every value says what it is for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.chart.helm import DIGEST, SERIOUS, TRIAL, Helm, defaults, schema
from tests.cluster.installation import Values, merged

SMALL = {"slug": "small", "name": "Small", "cpus": 1, "memoryGib": 1}
POOL = {"slug": "one", "name": "One", "classes": ["small"]}
ELSEWHERE = {"url": "http://hub.jupyter.svc:8081", "namespace": "jupyter", "serviceAccount": "hub"}

REFUSED: list[tuple[str, Values, Values, str]] = [
    ("no address", TRIAL, {"url": ""}, "url is empty: say at which address people reach Sojourn"),
    ("an address with a path", TRIAL, {"url": "https://x.test/sojourn"}, "url"),
    ("no image", TRIAL, {"images": {"sojourn": ""}}, "images.sojourn is empty"),
    ("no environment", TRIAL, {"environments": None}, "environments is empty: offer at least one"),
    (
        "an environment by tag",
        TRIAL,
        {"environments": {"minimal": {"image": "registry.test/minimal:1"}}},
        "registry.test/minimal:1 can change; pin it as NAME@sha256:DIGEST",
    ),
    (
        "an environment without a name",
        TRIAL,
        {"environments": {"other": {"description": "x", "image": f"x@{DIGEST}"}}},
        "at '/environments/other': missing properties 'name', 'run'",
    ),
    (
        "a slug with capitals",
        TRIAL,
        {"environments": {"Minimal 2": TRIAL["environments"]["minimal"]}},
        "Minimal 2 is no slug",
    ),
    ("a misspelt value", TRIAL, {"sesions": {"diskGib": 5}}, "sesions"),
    ("a misspelt value further down", TRIAL, {"sessions": {"diskGB": 5}}, "diskGB"),
    ("no memory", TRIAL, {"resourceClasses": [SMALL | {"memoryGib": 0}]}, "memoryGib"),
    ("memory in another unit", TRIAL, {"resourceClasses": [SMALL | {"memoryGib": "4Gi"}]}, "memoryGib"),
    ("two classes of a name", TRIAL, {"resourceClasses": [SMALL, SMALL]}, "there are two classes small"),
    (
        "two defaults",
        TRIAL,
        {"resourceClasses": [SMALL | {"default": True}, SMALL | {"slug": "big", "default": True}]},
        "small and big are both the default",
    ),
    (
        "GPUs of no kind",
        TRIAL,
        {"resourceClasses": [SMALL | {"gpus": 1}]},
        "small has gpus without gpuResource",
    ),
    *(
        (name, TRIAL, {"resourceClasses": [SMALL], "resourcePools": pools}, sentence)
        for name, pools, sentence in (
            ("a pool of a class that is not there", [POOL | {"classes": ["big"]}], "has the class big, and"),
            ("a pool of no class", [POOL | {"classes": []}], "classes"),
            ("a class in two pools", [POOL, POOL | {"slug": "two"}], "the class small is in one and in two"),
            ("two pools of a slug", [POOL, POOL], "there are two pools one"),
            (
                "a person's limit that is smaller than a class",
                [POOL | {"perPerson": {"cpus": 0.5}}],
                "one.perPerson.cpus is 0.5, and a session of the class small takes 1: nobody could start one",
            ),
            (
                "a quota in another unit",
                [POOL | {"quota": {"memoryGb": 8}}],
                "memoryGb",
            ),
        )
    ),
    (
        "a default class for some only",
        TRIAL,
        {
            "resourceClasses": [SMALL | {"default": True}],
            "resourcePools": [POOL | {"audience": {"groups": ["vision"]}}],
        },
        "one is for some groups only, and new sessions are of its class small",
    ),
    ("no replica", TRIAL, {"api": {"replicas": 0}}, "replicas"),
    (
        "no database outside a trial",
        SERIOUS,
        {"database": {"apiUrl": "", "hubUrl": ""}},
        "No database is named: set database.apiUrl and database.hubUrl",
    ),
    ("no database for the hub", SERIOUS, {"database": {"hubUrl": ""}}, "database.hubUrl is empty"),
    (
        "a database for the hub only",
        TRIAL,
        {"database": {"hubUrl": "postgresql+psycopg://x/y"}},
        "without database.apiUrl",
    ),
    (
        "one database for both",
        SERIOUS,
        {
            "database": {
                "apiUrl": "postgresql+asyncpg://u:p@h/one",
                "hubUrl": "postgresql+psycopg://u:p@h/one",
            }
        },
        "name the same database",
    ),
    (
        "a database in two places",
        SERIOUS,
        {"database": {"existingSecret": "urls"}},
        "database.apiUrl and database.existingSecret are both set",
    ),
    (
        "a database without its driver",
        SERIOUS,
        {"database": {"apiUrl": "postgresql://u:p@h/one"}},
        "has to begin with postgresql+asyncpg://",
    ),
    ("no way to log in", SERIOUS, {"authentication": {"class": ""}}, "authentication.class is empty"),
    (
        "a shared password outside a trial",
        SERIOUS,
        {"authentication": {"class": "shared-password"}},
        "everybody can log in as anybody",
    ),
    (
        "two ways in",
        SERIOUS,
        {"gateway": {"enabled": True, "parentRefs": [{"name": "public"}]}},
        "ingress.enabled and gateway.enabled are both true",
    ),
    (
        "an ingress for a number",
        TRIAL,
        {"url": "http://192.0.2.7:8000", "ingress": {"enabled": True}},
        "url is http://192.0.2.7:8000: ingress and gateway tell hosts apart by their names",
    ),
    (
        "a route of no gateway",
        TRIAL,
        {"gateway": {"enabled": True}},
        "gateway.parentRefs is empty",
    ),
    (
        "a certificate for an address without TLS",
        TRIAL,
        {"ingress": {"enabled": True, "tlsSecret": "certificate"}},
        "with TLS, people's address begins with https://",
    ),
    (
        "a namespace without a name",
        TRIAL,
        {"sessions": {"createNamespace": True}},
        "sessions.namespace is empty",
    ),
    (
        "a namespace that is there",
        TRIAL,
        {"sessions": {"createNamespace": True, "namespace": "home"}},
        "where Sojourn itself is installed",
    ),
    (
        "a setting that is the chart's own",
        TRIAL,
        {"sessions": {"config": {"namespace": "elsewhere"}}},
        "sessions.config.namespace is what the chart sets itself",
    ),
    (
        "half of an existing hub",
        TRIAL,
        {"hub": {"existing": ELSEWHERE}},
        "hub.existing.hubLabels is empty",
    ),
    ("what is no network", TRIAL, {"sessions": {"egress": {"allowedCidrs": ["git.test"]}}}, "allowedCidrs"),
]


# Helm comes with the cluster that tests run on.
@pytest.mark.cluster
@pytest.mark.parametrize(
    ("base", "change", "sentence"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED]
)
def test_what_makes_no_sense_is_refused(helm: Helm, base: Values, change: Values, sentence: str) -> None:
    assert sentence in helm.refusal(merged(base, change))


@pytest.mark.cluster
@pytest.mark.parametrize("values", [TRIAL, SERIOUS], ids=["trial", "serious"])
def test_the_linter_has_nothing_to_say(helm: Helm, values: Values) -> None:
    assert "1 chart(s) linted, 0 chart(s) failed" in helm.lint(values)


def _described(name: str, part: Any) -> Iterator[tuple[str, Any]]:
    yield name, part
    for key, value in part.get("properties", {}).items():
        yield from _described(f"{name}.{key}", value)
    for inner in (part.get("items"), part.get("additionalProperties")):
        if isinstance(inner, dict) and "properties" in inner:
            for key, value in inner["properties"].items():
                yield from _described(f"{name}[].{key}", value)


def test_every_value_says_in_a_sentence_what_it_is_for() -> None:
    silent = [
        name for name, part in _described("values", schema()) if not part.get("description", "").endswith(".")
    ]

    assert not silent


def test_nothing_unknown_is_taken_where_the_names_are_known() -> None:
    open_ones = [
        name
        for name, part in _described("values", schema())
        if "properties" in part and part.get("additionalProperties") is not False
    ]

    assert not open_ones


def test_the_schema_knows_exactly_the_values_that_there_are() -> None:
    def names(values: Any, part: Any, prefix: str = "") -> Iterator[tuple[str, bool]]:
        for key in {*values, *part["properties"]} - {"global"}:
            yield f"{prefix}{key}", key in values and key in part["properties"]
            if values.get(key) and "properties" in part["properties"].get(key, {}):
                yield from names(values[key], part["properties"][key], f"{prefix}{key}.")

    assert [name for name, is_in_both in names(defaults(), schema()) if not is_in_both] == []
