"""The audit log from Python."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from sojourn import AsyncClient, Client
from tests.client.standin import AT, Script

ENTRY: dict[str, Any] = {
    "id": 7,
    "at": AT,
    "by": "person",
    "person": "ann",
    "verb": "member.add",
    "project": {"id": "01", "slug": "bar-one"},
    "thing": {"kind": "member", "id": None, "name": "bob"},
    "details": {"role": "editor"},
}
PAGE = {"items": [ENTRY], "next": None}


@pytest.mark.parametrize(
    ("project", "path"), [("bar-one", "/api/v1/projects/bar-one/audit"), (None, "/api/v1/audit")]
)
def test_it_is_asked_for_by_person_deed_and_time(project: str | None, path: str) -> None:
    script = Script(httpx.Response(200, json=PAGE))
    client = Client("http://sojourn.test", via=script)
    since = datetime(2026, 10, 2, 9, 30, tzinfo=UTC)

    [found] = client.audit(project).list(person="ann", verb="member", since=since)

    [request] = script.requests
    assert request.url.path == path
    assert dict(request.url.params) == {
        "person": "ann",
        "verb": "member",
        "since": "2026-10-02T09:30:00+00:00",
    }
    assert (found.verb, found.thing.name, found.details) == ("member.add", "bob", {"role": "editor"})
    assert found.project is not None
    assert found.project.slug == "bar-one"


async def test_it_is_read_page_by_page_without_waiting_too() -> None:
    script = Script(
        httpx.Response(200, json={**PAGE, "next": "Ng"}), httpx.Response(200, json={**PAGE, "next": None})
    )
    async with AsyncClient("http://sojourn.test", via=script) as client:
        assert [entry.id async for entry in client.audit().list()] == [7, 7]
    assert [dict(request.url.params) for request in script.requests] == [{}, {"cursor": "Ng"}]
