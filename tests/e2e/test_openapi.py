from __future__ import annotations

import httpx
from jsonschema import Draft202012Validator

from tests.stack import Stack

PROBLEM = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/ProblemBody"}}}


def test_every_operation_has_a_name_and_says_which_problems_it_answers(sojourn: Stack) -> None:
    operations = sojourn.contract.operations
    names = [operation.described["operationId"] for operation in operations]
    assert len(names) == len(set(names)) > 30

    for operation in operations:
        answers = operation.described["responses"]
        problems = {status: stated for status, stated in answers.items() if int(status) >= 400}
        assert {"401", "422", "503"} <= problems.keys(), operation.path
        for status, stated in problems.items():
            assert stated["content"] == PROBLEM, (operation.path, status)
        if operation.method in {"POST", "PATCH", "DELETE"}:
            assert {"403", "409"} <= problems.keys(), operation.path
        if "{" in operation.path:
            assert "404" in problems, operation.path
        if any(parameter["name"] == "If-Match" for parameter in operation.described.get("parameters", [])):
            assert "412" in problems, operation.path


def test_the_schemas_are_schemas_and_forbid_what_they_do_not_name(sojourn: Stack) -> None:
    document = sojourn.contract.document
    assert document["openapi"].startswith("3.1")
    assert document["security"]
    for name, schema in document["components"]["schemas"].items():
        Draft202012Validator.check_schema(schema)
        if name.endswith(("Create", "Change", "Overrides")):
            assert schema["additionalProperties"] is False, name


def test_probes_and_metrics_are_there_and_no_part_of_the_api(sojourn: Stack) -> None:
    paths = [operation.path for operation in sojourn.contract.operations]
    assert all(path.startswith("/api/v1/") for path in paths)
    for path in ("/healthz", "/readyz", "/metrics"):
        assert httpx.get(sojourn.url + path, trust_env=False).is_success, path
