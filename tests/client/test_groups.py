"""Groups of the hub's as members, from Python."""

from __future__ import annotations

import httpx

from sojourn import Client
from tests.client.standin import AT, Script

GROUP = {"group": "map makers", "role": "editor", "created_at": AT}


def test_groups_are_put_listed_and_removed() -> None:
    script = Script(
        httpx.Response(200, json=GROUP),
        httpx.Response(200, json={"items": [GROUP], "next": None}),
        httpx.Response(204),
    )
    members = Client("http://sojourn.test", via=script).members("bar-one")

    assert members.put_group("map makers", role="editor").role == "editor"
    assert [each.group for each in members.groups()] == ["map makers"]
    members.remove_group("map makers")

    at = "/api/v1/projects/bar-one/groups"
    assert [(each.method, each.url.path) for each in script.requests] == [
        ("PUT", f"{at}/map makers"),
        ("GET", at),
        ("DELETE", f"{at}/map makers"),
    ]
