"""Logging in by way of the hub (authorization code with PKCE), and out."""

import secrets
from typing import Annotated
from urllib.parse import urlsplit

import httpx2
from authlib.integrations.base_client import OAuthError
from authlib.integrations.httpx_client import AsyncOAuth2Client
from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse, Response
from itsdangerous import BadSignature, URLSafeTimedSerializer

from sessions_api.hub.client import Hub, HubAwayError
from sessions_api.kit.errors import Forbidden, Unavailable
from sessions_api.people.dependencies import PageViewer, cookie_name, logins
from sessions_api.people.service import LIFETIME
from sessions_api.settings import Settings

router = APIRouter(include_in_schema=False)

UNDER_WAY = "sojourn-oauth-"
SECONDS = 600


def _serializer(settings: Settings) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(settings.cookie_secret.get_secret_value(), salt="oauth")


def _client(settings: Settings) -> AsyncOAuth2Client:
    return AsyncOAuth2Client(
        client_id="service-sojourn",
        client_secret=settings.hub_token.get_secret_value(),
        redirect_uri=f"{settings.public_url}/oauth/callback",
        code_challenge_method="S256",
        token_endpoint_auth_method="client_secret_post",  # noqa: S106 - a method, not a secret
        trust_env=False,
    )


def _path(settings: Settings) -> str:
    """Where the cookie of a login under way is sent; browsers want those of one host for all of it."""
    return "/" if settings.host_prefix else "/oauth"


def _own_path(wanted: str) -> str:
    """`wanted` when it is a path of this origin, else the start page: no login redirects elsewhere."""
    parts = urlsplit(wanted)
    own = wanted.startswith("/") and not wanted.startswith(("//", "/\\")) and not parts.netloc
    return wanted if own and wanted.isprintable() else "/"


@router.get("/login")
async def login(
    request: Request, following: Annotated[str, Query(alias="next", max_length=2000)] = "/"
) -> Response:
    """Sends the browser to the hub, remembering in a cookie of ten minutes what it was about to see."""
    settings: Settings = request.app.state.settings
    verifier = secrets.token_urlsafe(64)
    state = secrets.token_urlsafe(16)
    async with _client(settings) as client:
        url, _ = client.create_authorization_url(
            f"{settings.public_url}/hub/api/oauth2/authorize", state=state, code_verifier=verifier
        )
    answer = RedirectResponse(url, 303)
    answer.set_cookie(
        settings.host_prefix + UNDER_WAY + state[:8],
        _serializer(settings).dumps({"state": state, "verifier": verifier, "next": _own_path(following)}),
        max_age=SECONDS,
        path=_path(settings),
        httponly=True,
        samesite="lax",
        secure=settings.is_https,
    )
    return answer


@router.get("/oauth/callback")
async def callback(
    request: Request,
    state: Annotated[str, Query(max_length=200)],
    code: Annotated[str, Query(max_length=500)] = "",
) -> Response:
    """Takes the hub's code, asks who it stands for, and logs the browser in."""
    settings: Settings = request.app.state.settings
    hub: Hub = request.app.state.hub
    cookie = settings.host_prefix + UNDER_WAY + state[:8]
    try:
        kept = _serializer(settings).loads(request.cookies.get(cookie, ""), max_age=SECONDS)
    except BadSignature:
        return RedirectResponse("/login", 303)
    if not code or not secrets.compare_digest(kept["state"], state):
        return RedirectResponse("/login", 303)
    try:
        async with _client(settings) as client:
            token = await client.fetch_token(
                f"{settings.hub_api_url}/oauth2/token", code=code, code_verifier=kept["verifier"]
            )
        viewer = await hub.viewer_of_token(token["access_token"])
    except OAuthError as error:
        raise Forbidden("JupyterHub did not accept this login.", hint="Log in again.") from error
    except (HubAwayError, httpx2.HTTPError) as error:
        raise Unavailable("JupyterHub does not answer.", hint="Try again in a few seconds.") from error
    if viewer is None:
        raise Forbidden("JupyterHub did not say who you are.", hint="Log in again.")
    secret = await logins(request).create(viewer, token["access_token"])
    answer = RedirectResponse(kept["next"], 303)
    answer.delete_cookie(cookie, path=_path(settings), secure=settings.is_https)
    answer.set_cookie(
        cookie_name(request),
        secret,
        max_age=int(LIFETIME.total_seconds()),
        path="/",
        httponly=True,
        samesite="lax",
        secure=settings.is_https,
    )
    return answer


@router.post("/logout")
async def logout(request: Request, viewer: PageViewer) -> Response:  # noqa: ARG001 - checks the form
    """Ends this browser's login, here and at the hub."""
    settings: Settings = request.app.state.settings
    await logins(request).end(request.cookies[cookie_name(request)])
    answer = RedirectResponse("/hub/logout", 303)
    answer.delete_cookie(cookie_name(request), path="/", secure=settings.is_https)
    return answer
