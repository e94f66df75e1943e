"""Which answer an error gets: a problem for programs, a page for people, the login for strangers."""

import logging
from http import HTTPStatus
from urllib.parse import quote, urlsplit

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.exc import IntegrityError
from starlette.exceptions import HTTPException

from sessions_api.kit.errors import Conflict, Invalid, NotFound, Problem, as_problem, problem_response
from sessions_api.people.dependencies import SAFE, LoginNeeded
from sessions_api.web.errors import error_page

log = logging.getLogger(__name__)


FOR_PROGRAMS = ("/api/", "/internal/", "/healthz", "/readyz", "/metrics")


class NotAllowed(Problem):
    """The address is there, but not for this method."""

    status = HTTPStatus.METHOD_NOT_ALLOWED
    code = "method_not_allowed"


async def _answer(request: Request, error: Exception) -> Response:
    if isinstance(error, LoginNeeded):
        return _to_login(request)
    if isinstance(error, IntegrityError):
        error = Conflict("Somebody else changed the same thing this moment.", hint="Reload and try again.")
    problem = _of_http(request, error) if isinstance(error, HTTPException) else as_problem(error)
    if problem.status == HTTPStatus.INTERNAL_SERVER_ERROR:
        log.error("%s %s", request.method, request.url.path, exc_info=error)
    if request.url.path.startswith(FOR_PROGRAMS):
        headers = dict(error.headers or {}) if isinstance(error, HTTPException) else None
        return problem_response(problem, headers)
    return error_page(request, problem)


def _of_http(request: Request, error: HTTPException) -> Problem:
    """What FastAPI itself refuses, in words that name it."""
    path = request.url.path
    if error.status_code == HTTPStatus.NOT_FOUND:
        return NotFound(f"There is nothing at {path}.")
    if error.status_code == HTTPStatus.BAD_REQUEST:
        return Invalid("The body of this request cannot be read.", hint="Send JSON in UTF-8.")
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        allowed = (error.headers or {}).get("Allow", "another method")
        return NotAllowed(f"{path} cannot be asked with {request.method}.", hint=f"It takes {allowed}.")
    return as_problem(error)


def _to_login(request: Request) -> Response:
    wanted = request.url
    if request.method not in SAFE:
        wanted = wanted.replace(path=urlsplit(request.headers.get("Referer", "/")).path or "/", query="")
    following = wanted.path + (f"?{wanted.query}" if wanted.query else "")
    return RedirectResponse(f"/login?next={quote(following, safe='')}", HTTPStatus.SEE_OTHER)


def install(app: FastAPI) -> None:
    """Makes every error of the application one of these answers."""
    for kind in (Problem, RequestValidationError, HTTPException, IntegrityError, Exception):
        app.add_exception_handler(kind, _answer)
