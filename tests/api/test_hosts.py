"""Which hosts Sojourn answers at where sessions have hosts of their own, and whose pages it answers."""

from __future__ import annotations

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from sessions_api.hosts import Hosts

MAIN = "https://sojourn.test"
SESSIONS = "ann.sojourn.test"
LINK = {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}


async def _answered(request: Request) -> Response:
    return PlainTextResponse("Sojourn")


async def asked(method: str, path: str, **headers: str) -> httpx.Response:
    """The answer to a request for the main host, unless a header names another one."""
    inner = Starlette(routes=[Route("/{rest:path}", _answered, methods=["GET", "POST"])])
    transport = httpx.ASGITransport(Hosts(inner, MAIN))
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    async with httpx.AsyncClient(transport=transport, base_url=MAIN) as http:
        return await http.request(method, path, headers=named)


@pytest.mark.parametrize(
    ("method", "headers", "status"),
    [
        ("GET", {}, 200),
        ("GET", {"Sec-Fetch-Site": "same-origin"}, 200),
        ("GET", LINK, 200),
        ("GET", {**LINK, "Sec-Fetch-Dest": "iframe"}, 403),
        ("POST", LINK, 403),
        ("GET", {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "no-cors"}, 403),
        ("GET", {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "cors"}, 403),
        ("POST", {"Origin": f"https://{SESSIONS}"}, 403),
        ("POST", {"Origin": MAIN}, 200),
        # A page of ours that tells nobody where it is, as that of an invitation.
        ("POST", {"Origin": "null", "Sec-Fetch-Site": "same-origin"}, 200),
        ("POST", {"Authorization": "Bearer t"}, 200),
    ],
)
async def test_only_own_pages_links_and_programs_are_answered(
    method: str, headers: dict[str, str], status: int
) -> None:
    answer = await asked(method, "/projects", **headers)

    assert answer.status_code == status
    if status == 200:
        assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/projects?q=a", {"Accept": "text/html"}, 302),
        ("/user/ann/lab/lab", {"Accept": "text/html"}, 302),
        ("/user/ann/lab/api/kernels", {"Sec-Fetch-Mode": "cors"}, 424),
        ("/api/v1/me", {"Authorization": "Bearer t"}, 421),
        ("/api/v1/me", {"Accept": "text/html"}, 421),
        ("/static/sojourn.js", {}, 421),
        ("/healthz", {}, 200),
    ],
)
async def test_at_a_session_s_host_there_is_no_sojourn(
    path: str, headers: dict[str, str], status: int
) -> None:
    answer = await asked("GET", path, Host=SESSIONS, **headers)

    assert answer.status_code == status
    if status == 302:
        assert answer.headers["Location"] == f"{MAIN}{path}"


async def test_programs_with_a_token_may_know_sojourn_by_another_name() -> None:
    assert (await asked("GET", "/api/v1/me", Host="sojourn-proxy.svc", Authorization="Bearer t")).is_success
    assert (await asked("GET", "/api/v1/me", Host="sojourn-proxy.svc")).status_code == 421
