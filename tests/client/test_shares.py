"""Shares, from Python."""

from __future__ import annotations

import json

import httpx

from sojourn import Client
from tests.client.standin import AT, Script

SHARE = {"id": "01S", "run": "01R", "person": "bob", "granted": False, "created_at": AT, "expires_at": AT}
SHARED = {
    "id": "01S",
    "person": "ann",
    "project": "bar-one",
    "session": "lab",
    "url": "http://ann.sojourn.test/user/ann/lab/",
    "expires_at": AT,
}


def test_sessions_are_shared_listed_and_taken_back() -> None:
    script = Script(
        httpx.Response(201, json=SHARE),
        httpx.Response(200, json={"items": [SHARE], "next": None}),
        httpx.Response(204),
        httpx.Response(200, json={"items": [SHARED], "next": None}),
    )
    shares = Client("http://sojourn.test", via=script).shares

    made = shares.create("01R", "bob", hours=2)
    (listed,) = shares.list("01R")
    shares.revoke("01R", listed.id)
    (mine,) = shares.with_me()

    assert (made.person, listed.granted, mine.url) == ("bob", False, SHARED["url"])
    at = "/api/v1/runs/01R/shares"
    assert [(each.method, each.url.path) for each in script.requests] == [
        ("POST", at),
        ("GET", at),
        ("DELETE", f"{at}/01S"),
        ("GET", "/api/v1/shares"),
    ]
    assert json.loads(script.requests[0].content) == {"person": "bob", "hours": 2}
