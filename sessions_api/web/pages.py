"""Pages for who is not logged in."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from sessions_api.web.render import page

router = APIRouter(include_in_schema=False)


@router.get("/logged-out")
async def logged_out(request: Request) -> Response:
    """What is shown after the login is over."""
    return page(request, "logged_out.html")
