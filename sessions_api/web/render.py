"""Turns a template and its data into a page."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse

from sessions_api.kit.ids import new_id
from sessions_api.settings import Settings
from sessions_api.web import filters, words
from sessions_api.web.assets import asset
from sessions_api.web.forms import Form

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"
    ),
    "Cache-Control": "private, no-cache",
    "Referrer-Policy": "same-origin",
    "Vary": "Cookie",
    "X-Content-Type-Options": "nosniff",
}
"""Of every page. Everything comes from files of our own: no inline script, no inline style."""


@cache
def environment() -> Environment:
    """The Jinja2 environment: everything is escaped, and a name that is not there is an error."""
    made = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(
        breakable=filters.breakable,
        count=words.count,
        duration=words.duration,
        initials=filters.initials,
        mark=filters.mark,
        number=words.number,
        precise=words.precise,
        sentence=filters.sentence,
        short=filters.short,
    )
    made.globals.update(asset=asset, no_form=Form(), once=new_id)
    return made


def render(request: Request, template: str, **context: object) -> str:
    """The HTML of a template, with what every page needs: viewer, CSRF token, live runs, the time."""
    state = request.state
    return (
        environment()
        .get_template(template)
        .render(
            viewer=getattr(state, "viewer", None),
            csrf=getattr(state, "csrf", ""),
            live=getattr(state, "live", ()),
            now=datetime.now(UTC),
            path=request.url.path,
            **context,
        )
    )


def page(request: Request, template: str, *, status: int = 200, **context: object) -> HTMLResponse:
    """A whole page, or a part of one for the script to put in its place."""
    return HTMLResponse(
        render(request, template, **context), status_code=status, headers=_headers(request.app.state.settings)
    )


def _headers(settings: Settings) -> dict[str, str]:
    """A form that opens a session leads to the session's host, where it has one of its own."""
    if not settings.own_hosts:
        return HEADERS
    main = urlsplit(settings.public_url)
    policy = HEADERS["Content-Security-Policy"].replace(
        "form-action 'self'", f"form-action 'self' {main.scheme}://*.{main.netloc}"
    )
    return {**HEADERS, "Content-Security-Policy": policy}


def see_other(url: str) -> RedirectResponse:
    """After a form was accepted: the page to look at next, so that a reload repeats nothing."""
    return RedirectResponse(url, status_code=303)
