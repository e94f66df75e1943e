"""Tokens, from Python."""

from __future__ import annotations

import httpx

from sojourn import Client
from tests.client.standin import AT, Script

TOKEN = {"id": "a7", "note": "Report", "scope": "read", "created_at": AT, "expires_at": AT, "used_at": None}


def test_tokens_are_created_listed_and_revoked() -> None:
    script = Script(
        httpx.Response(201, json={**TOKEN, "token": "itself"}),
        httpx.Response(200, json={"items": [TOKEN], "next": None}),
        httpx.Response(204),
    )
    tokens = Client("http://sojourn.test", via=script).tokens

    made = tokens.create("Report", days=3)
    (listed,) = tokens.list()
    tokens.revoke(listed.id)

    assert (made.token, listed.token) == ("itself", None)
    assert [(each.method, each.url.path) for each in script.requests] == [
        ("POST", "/api/v1/me/tokens"),
        ("GET", "/api/v1/me/tokens"),
        ("DELETE", "/api/v1/me/tokens/a7"),
    ]
