"""Every operation of the published document, asked with what it allows and what it does not.

A program that has read the document (Schemathesis) makes the requests up: of each operation alone, and of
several in any order that links between them suggest. What it holds the answers against is the document, and
that none is an error of the service's own.
"""

from __future__ import annotations

from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance

from tests.pages.conftest import Site, chromium, site

__all__ = ["chromium", "site"]

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

STREAMS = r"/(events|log)$"
"""They do not end by themselves; tests of their own read them."""
NOT_HELD_AGAINST = [
    # A document cannot say all that is refused in words, such as a branch that cannot be one.
    positive_data_acceptance
]
FEW = settings(
    max_examples=12, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)
HEADERS = {"Authorization": "Bearer token-of-ann"}
ADMIN = {"Authorization": "Bearer token-of-root"}
OFFERS = "/admin/resource-"
"""Operations that all but administrators are refused; asked as one of them."""
KNOWN = {"slug": "tides", "session": "minimal", "environment": "minimal", "folder": "books", "name": "KEY"}


def _headers(path: str) -> dict[str, str]:
    return ADMIN if OFFERS in path else HEADERS


@pytest.fixture(scope="session")
def document(site: Site) -> Any:
    """The document of a service in which there is something of most kinds."""
    with httpx.Client(base_url=f"{site.url}/api/v1", headers=HEADERS) as ann:
        ann.post("/projects", json={"name": "Tides"}).raise_for_status()
        for path, body in {
            "sessions": {"environment": "minimal"},
            "secrets": {"name": "KEY", "value": "v"},
        }.items():
            ann.post(f"/projects/tides/{path}", json=body).raise_for_status()
        of_class = {"name": "Wide", "slug": "wide", "cpus": 1, "memory_gib": 1}
        for path, body in {
            "classes": of_class,
            "pools": {"name": "Halls", "slug": "halls", "classes": ["wide"]},
        }.items():
            ann.post(f"/admin/resource-{path}", json=body, headers=ADMIN).raise_for_status()
    return schemathesis.openapi.from_url(f"{site.url}/api/v1/openapi.json").exclude(path_regex=STREAMS)


def _known(parameters: dict[str, Any]) -> dict[str, Any]:
    """Every other of those that can be found names something that is there."""
    return {
        name: KNOWN[name] if name in KNOWN and len(str(value)) % 2 else value
        for name, value in parameters.items()
    }


@pytest.mark.parametrize("mode", GenerationMode)
def test_every_operation_answers_as_the_document_says(document: Any, mode: GenerationMode) -> None:
    wrong = []
    for found in document.get_all_operations():
        operation = found.ok()

        @FEW
        @given(operation.as_strategy(generation_mode=mode))
        def answers(case: Any) -> None:
            if mode is GenerationMode.POSITIVE:
                case.path_parameters = _known(case.path_parameters)
            case.call_and_validate(headers=_headers(case.path), timeout=30, excluded_checks=NOT_HELD_AGAINST)

        try:
            answers()
        except BaseExceptionGroup as error:  # all that is wrong is told at once
            wrong.append(f"{operation.label}: {error.message}")
    assert not wrong, "\n\n".join(wrong)


def test_operations_in_any_order_answer_as_the_document_says(document: Any) -> None:
    class Walk(document.as_state_machine()):
        def get_call_kwargs(self, case: Any) -> dict[str, Any]:
            return {"headers": _headers(case.path), "timeout": 30}

        def validate_response(self, response: Any, case: Any, **_: Any) -> None:
            case.validate_response(response, excluded_checks=NOT_HELD_AGAINST, recorder=self.recorder)

    Walk.run(settings=settings(FEW, max_examples=25, stateful_step_count=12))
