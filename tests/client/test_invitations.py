"""Invitations, from Python."""

from __future__ import annotations

import httpx

from sojourn import Client
from tests.client.standin import AT, Script

INVITATION = {
    "id": "01J",
    "role": "editor",
    "note": "Course",
    "people": 3,
    "joined": 0,
    "created_by": "ann",
    "created_at": AT,
    "expires_at": AT,
}


def test_invitations_are_created_listed_and_revoked() -> None:
    script = Script(
        httpx.Response(201, json={**INVITATION, "link": "http://sojourn.test/join?invitation=t"}),
        httpx.Response(200, json={"items": [INVITATION], "next": None}),
        httpx.Response(204),
    )
    invitations = Client("http://sojourn.test", via=script).invitations("bar-one")

    made = invitations.create(role="editor", note="Course", people=3)
    (listed,) = invitations.list()
    invitations.revoke(listed.id)

    assert (made.link, listed.link) == ("http://sojourn.test/join?invitation=t", None)
    at = "/api/v1/projects/bar-one/invitations"
    assert [(each.method, each.url.path) for each in script.requests] == [
        ("POST", at),
        ("GET", at),
        ("DELETE", f"{at}/01J"),
    ]
