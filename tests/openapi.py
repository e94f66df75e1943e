"""Holds answers of the HTTP API against the OpenAPI document that the API itself publishes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import httpx
from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

_NAME = "urn:openapi"


@dataclass(frozen=True)
class Operation:
    """One operation of the document."""

    method: str
    path: str
    described: dict[str, Any]

    def matches(self, method: str, path: str) -> bool:
        """Whether a request is one of this operation."""
        pattern = "[^/]+".join(map(re.escape, re.split(r"\{\w+\}", self.path)))
        return method == self.method and re.fullmatch(pattern, path) is not None


class Contract:
    """The document, and which of its operations have been seen to answer.

    Attributes:
        exercised: ids of the operations whose answers were checked.
    """

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document
        self.exercised: set[str] = set()
        self.operations = [
            Operation(method.upper(), path, described)
            for path, methods in document["paths"].items()
            for method, described in methods.items()
        ]
        resource = Resource(contents=document, specification=DRAFT202012)
        self._registry: Registry[Any] = Registry().with_resource(_NAME, resource)

    @classmethod
    def published(cls, url: str, host: str | None = None) -> Contract:
        """The document of a running Sojourn, which may know itself by another host than that of `url`."""
        headers = {"Host": host} if host else {}
        answer = httpx.get(f"{url}/api/v1/openapi.json", headers=headers, trust_env=False)
        return cls(answer.raise_for_status().json())

    def check(self, answer: httpx.Response) -> None:
        """Fails when the document does not say that this request can be answered so."""
        method, path = answer.request.method, answer.request.url.path
        operation = next((each for each in self.operations if each.matches(method, path)), None)
        if operation is None:
            assert not path.startswith("/api/v1/"), f"{method} {path} is in no operation"
            return
        name = operation.described["operationId"]
        stated = operation.described["responses"].get(str(answer.status_code))
        assert stated, f"{name} answers {answer.status_code}, which is not documented: {answer.text}"
        content = stated.get("content", {})
        kind = answer.headers.get("Content-Type", "").partition(";")[0] if answer.content else None
        assert kind in (content or {None}), f"{name} answers {kind}, not {list(content)}"
        if kind and kind.endswith("json"):
            schema = _absolute(content[kind]["schema"])
            validator = Draft202012Validator(schema, registry=self._registry)
            wrong = [f"{error.json_path}: {error.message}" for error in validator.iter_errors(answer.json())]
            assert not wrong, f"{name} answers {answer.status_code}: {wrong}"
        self.exercised.add(name)


def _absolute(schema: Any) -> Any:
    """The schema with its references to the document by the document's name."""
    if isinstance(schema, dict):
        return {
            key: f"{_NAME}{value}" if key == "$ref" else _absolute(value) for key, value in schema.items()
        }
    return [_absolute(each) for each in schema] if isinstance(schema, list) else schema
