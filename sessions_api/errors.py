"""Which answer an error gets: a problem for programs, a page for people, the login for strangers."""

import logging
from http import HTTPStatus
from urllib.parse import quote, urlsplit

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.exc import DBAPIError, IntegrityError
from starlette.exceptions import HTTPException
from starlette.routing import Match

from sessions_api.kit.db import DatabaseAwayError, is_away, is_locked
from sessions_api.kit.errors import (
    Conflict,
    Invalid,
    NotFound,
    Problem,
    Unavailable,
    as_problem,
    problem_response,
)
from sessions_api.people.dependencies import SAFE, LoginNeeded
from sessions_api.web.errors import error_page

log = logging.getLogger(__name__)


FOR_PROGRAMS = ("/api/", "/internal/", "/healthz", "/readyz", "/metrics")
_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


_NO_TEXT = "22021"
"""PostgreSQL's code for text that it does not take (`character_not_in_repertoire`): a null character."""


class NotAllowed(Problem):
    """The address is there, but not for this method.

    Attributes:
        methods: those that it takes.
    """

    status = HTTPStatus.METHOD_NOT_ALLOWED
    code = "method_not_allowed"

    def __init__(self, path: str, method: str, methods: str) -> None:
        super().__init__(f"{path} cannot be asked with {method}.", hint=f"It takes {methods}.")
        self.methods = methods


async def _answer(request: Request, error: Exception) -> Response:
    if isinstance(error, LoginNeeded):
        return _to_login(request)
    problem = _problem(request, error)
    if problem.status == HTTPStatus.INTERNAL_SERVER_ERROR:
        log.error("%s %s", request.method, request.url.path, exc_info=error)
    if request.url.path.startswith(FOR_PROGRAMS):
        headers = dict(error.headers or {}) if isinstance(error, HTTPException) else {}
        if isinstance(problem, NotAllowed):
            headers["Allow"] = problem.methods
        return problem_response(problem, headers)
    return error_page(request, problem)


def _problem(request: Request, error: Exception) -> Problem:
    if is_locked(error) or is_away(error):
        log.warning("%s %s: the database does not answer: %s", request.method, request.url.path, error)
        return _locked() if is_locked(error) else _away()
    match error:
        case IntegrityError():
            return Conflict("Somebody else changed the same thing this moment.", hint="Reload and try again.")
        case DBAPIError() if getattr(error.orig, "sqlstate", None) == _NO_TEXT:
            if "\0" in request.url.path:
                return _nothing_at(request.url.path)
            return Invalid("A text of this request has a null character.", hint="Leave it out.")
        case HTTPException():
            return _of_http(request, error)
    return as_problem(error)


def _away() -> Unavailable:
    return Unavailable(
        "The database does not answer.",
        code="database_away",
        hint="Try again in a few seconds. Sessions that run go on.",
    )


def _locked() -> Unavailable:
    return Unavailable(
        "The database is locked by others that write, so nothing was changed.",
        code="database_locked",
        hint="If another program has sojourn.db open, end it. Then try again.",
    )


def _nothing_at(path: str) -> NotFound:
    return NotFound(f"There is nothing at {path}.")


def _of_http(request: Request, error: HTTPException) -> Problem:
    """What FastAPI itself refuses, in words that name it."""
    path = request.url.path
    if error.status_code == HTTPStatus.NOT_FOUND:
        return _nothing_at(path)
    if error.status_code == HTTPStatus.BAD_REQUEST:
        return Invalid("The body of this request cannot be read.", hint="Send JSON in UTF-8.")
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        return NotAllowed(path, request.method, _allowed(request))
    return as_problem(error)


def _allowed(request: Request) -> str:
    """All methods that an address takes: the framework names those of its first route only."""
    routes = request.app.routes
    return ", ".join(
        method
        for method in _METHODS
        if any(route.matches({**request.scope, "method": method})[0] is Match.FULL for route in routes)
    )


def _to_login(request: Request) -> Response:
    wanted = request.url
    if request.method not in SAFE:
        wanted = wanted.replace(path=urlsplit(request.headers.get("Referer", "/")).path or "/", query="")
    following = wanted.path + (f"?{wanted.query}" if wanted.query else "")
    return RedirectResponse(f"/login?next={quote(following, safe='')}", HTTPStatus.SEE_OTHER)


def install(app: FastAPI) -> None:
    """Makes every error of the application one of these answers."""
    for kind in (Problem, RequestValidationError, HTTPException, DBAPIError, DatabaseAwayError, Exception):
        app.add_exception_handler(kind, _answer)
