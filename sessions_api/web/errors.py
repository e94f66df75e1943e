"""Errors as pages: what happened, and where to go from there."""

from __future__ import annotations

from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import HTMLResponse

from sessions_api.kit.errors import Holder, Problem
from sessions_api.web.parts import Action
from sessions_api.web.render import page

_TITLES = {
    HTTPStatus.NOT_FOUND: ("There is nothing here that you can see", "search"),
    HTTPStatus.FORBIDDEN: ("You may not do this", "lock"),
    HTTPStatus.METHOD_NOT_ALLOWED: ("This address is not for that", "alert"),
    HTTPStatus.CONFLICT: ("That does not go together", "alert"),
    HTTPStatus.GONE: ("This is over", "clock"),
    HTTPStatus.PRECONDITION_FAILED: ("Somebody was faster", "alert"),
    HTTPStatus.UNPROCESSABLE_ENTITY: ("That cannot be accepted", "alert"),
    HTTPStatus.SERVICE_UNAVAILABLE: ("Sojourn waits for a part of itself", "clock"),
}
_TITLES_OF_CODES = {
    "limit_reached": "A limit is reached",
    "from_file": "This is not changed here",
}
_LINKS = {
    "run": "Show that session",
    "session": "Show that session",
    "project": "Show the project",
    "successor": "Show its successor",
}


def _given_back(holder: Holder) -> Action:
    """*Pause Exploration*: what gives back what stands in the way."""
    if "pause" in holder.links:
        return Action(f"Pause {holder.session}", holder.links["pause"], "pause", post=True)
    return Action(f"Cancel {holder.session}", holder.links["cancel"], "cross", post=True)


def error_page(request: Request, problem: Problem) -> HTMLResponse:
    """The page of a problem. It needs neither a login nor the database."""
    title, icon = _TITLES.get(problem.status, ("Something went wrong inside Sojourn", "failed"))
    title = _TITLES_OF_CODES.get(problem.code, title)
    lines = [problem.detail, problem.hint or ""]
    if problem.status == HTTPStatus.INTERNAL_SERVER_ERROR:
        title, lines = problem.detail, ["What runs goes on.", problem.hint or ""]
    helpful = tuple(
        Action(_LINKS[name], href, "right") for name, href in problem.links.items() if name in _LINKS
    )
    held = tuple(_given_back(holder) for holder in problem.holders)
    return page(
        request,
        "error.html",
        status=problem.status,
        title=title,
        icon=icon,
        lines=lines,
        actions=(*held, *helpful, Action("All projects", "/projects")),
        number=int(problem.status),
        code=problem.code,
    )
