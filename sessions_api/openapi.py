"""The OpenAPI document: what FastAPI reads from the routes, and what is true of every one of them."""

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI

from sessions_api.kit.errors import Conflict, Forbidden, Invalid, Problem, Unavailable
from sessions_api.people.dependencies import COOKIE, CSRF_HEADER, SAFE

PROBLEM = {"$ref": "#/components/schemas/ProblemBody"}
PROBLEM_TYPE = "application/problem+json"
STREAM_TYPE = "text/event-stream"

_EVENT = {
    "type": "object",
    "description": "One event of the stream.",
    "properties": {name: {"type": "string"} for name in ("id", "event", "data")},
}

_ANYWHERE = (Unavailable, Invalid)
_WHEN_CHANGING = (Forbidden, Conflict)
_OF_FASTAPI = ("HTTPValidationError", "ValidationError")

_SCHEMES = {
    "token": {
        "type": "http",
        "scheme": "bearer",
        "description": "A token of JupyterHub.",
    },
    "login": {
        "type": "apiKey",
        "in": "cookie",
        "name": COOKIE,
        "description": f"The login of a browser; what changes something also needs `{CSRF_HEADER}`.",
    },
}


def install(app: FastAPI) -> None:
    """Makes the application publish the whole document."""
    derive = app.openapi

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            _complete(derive())
        return derive()

    app.openapi = document  # type: ignore[method-assign]  # as FastAPI documents it


def _complete(document: dict[str, Any]) -> None:
    components = document["components"]
    components["securitySchemes"] = _SCHEMES
    document["security"] = [{name: []} for name in _SCHEMES]
    for name in _OF_FASTAPI:
        components["schemas"].pop(name, None)
    for method, operation in _operations(document):
        problems = _ANYWHERE if method in SAFE else _ANYWHERE + _WHEN_CHANGING
        responses = operation["responses"]
        for problem in problems:
            responses.setdefault(str(int(problem.status)), _response(problem))
        for status, response in responses.items():
            if int(status) >= 400:  # noqa: PLR2004 - where errors begin
                response["content"] = {PROBLEM_TYPE: {"schema": PROBLEM}}
            elif int(status) == 200 and not response.get("content"):  # noqa: PLR2004
                response["content"] = {STREAM_TYPE: {"schema": _EVENT}}


def _operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for methods in document["paths"].values():
        for method, operation in methods.items():
            yield method.upper(), operation


def _response(problem: type[Problem]) -> dict[str, Any]:
    return {"description": (problem.__doc__ or "").splitlines()[0]}
