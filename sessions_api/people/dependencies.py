"""The viewer of a request, for JSON routes and for pages."""

import asyncio
import contextlib
import hmac
from collections.abc import Awaitable, Callable, Coroutine
from typing import Annotated, Any

from fastapi import Depends, Request

from sessions_api.kit.errors import Forbidden, Problem, Unauthenticated
from sessions_api.people.service import Logins
from sessions_api.people.viewer import Viewer
from sessions_api.rights.policy import require_reach
from sessions_api.settings import Settings

COOKIE = "sojourn-login"
CSRF_HEADER = "X-CSRF-Token"
CSRF_FIELD = "csrf_token"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class LoginNeeded(Problem):
    """A page was asked for by a browser that is not logged in; it is sent to the login."""

    status = Unauthenticated.status
    code = Unauthenticated.code


def logins(request: Request) -> Logins:
    """The application's logins."""
    found = request.app.state.logins
    assert isinstance(found, Logins)  # noqa: S101 - create_app puts it there
    return found


def _once(
    request: Request, name: str, ask: Callable[[str], Coroutine[Any, Any, Viewer | None]], secret: str
) -> Awaitable[Viewer | None]:
    """Whom a secret of the request stands for, or why that is not known: asked once for each request."""
    if not hasattr(request.state, name):
        setattr(request.state, name, asyncio.ensure_future(ask(secret)))
    found: Awaitable[Viewer | None] = getattr(request.state, name)
    return found


def cookie_name(request: Request) -> str:
    """What the cookie of a browser's login is called here."""
    settings: Settings = request.app.state.settings
    return f"{settings.host_prefix}{COOKIE}"


async def _by_cookie(request: Request) -> Viewer | None:
    cookie = request.cookies.get(cookie_name(request))
    return await _once(request, "by_cookie", logins(request).by_cookie, cookie) if cookie else None


def _token(request: Request) -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() in {"bearer", "token"} else ""


async def _by_token(request: Request) -> Viewer | None:
    return await _once(request, "by_token", logins(request).by_token, _token(request))


async def identify(request: Request) -> None:
    """Finds out who asks, before the request's transaction holds a connection.

    Otherwise as many requests as there are connections would each wait for a second one to read their login,
    and none would get it; and a hub that is slow to answer for a token would hold up everybody who writes.
    """
    with contextlib.suppress(Problem):  # whoever has to know is told
        await (_by_token(request) if _token(request) else _by_cookie(request))


def _check_csrf(viewer: Viewer, given: str) -> None:
    if not hmac.compare_digest(given.encode(), viewer.csrf.encode()):
        raise Forbidden(
            "This form is from an earlier login.",
            code="csrf",
            hint="Reload the page and send it again.",
        )


async def current_viewer(request: Request) -> Viewer:
    """Who asks for JSON: a bearer token of the hub, or the login cookie with its CSRF token.

    Raises:
        Unauthenticated: neither is there, or it is not known.
        Forbidden: a cookie that would change something came without its CSRF token, or a token is limited to
            less than this.
    """
    if _token(request):
        viewer = await _by_token(request)
        if viewer is None:
            raise Unauthenticated(
                "This token is not known to JupyterHub.", hint="Make a new token and use that."
            )
        route = request.scope.get("route")
        require_reach(viewer, getattr(route, "operation_id", ""), reads=request.method in SAFE)
        return viewer
    viewer = await _by_cookie(request)
    if viewer is None:
        raise Unauthenticated(
            "Nobody is logged in.", hint="Send a token of JupyterHub as `Authorization: Bearer …`."
        )
    if request.method not in SAFE:
        _check_csrf(viewer, request.headers.get(CSRF_HEADER, ""))
    return viewer


async def page_viewer(request: Request) -> Viewer:
    """Who looks at a page; forms must carry their CSRF token.

    Raises:
        LoginNeeded: the browser is not logged in.
        Forbidden: the form came without its CSRF token.
    """
    viewer = await _by_cookie(request)
    if viewer is None:
        raise LoginNeeded("Log in to see this page.")
    if request.method not in SAFE:
        form = await request.form()
        _check_csrf(viewer, str(form.get(CSRF_FIELD, "")))
    return viewer


CurrentViewer = Annotated[Viewer, Depends(current_viewer)]
PageViewer = Annotated[Viewer, Depends(page_viewer)]
