"""Timetables, from Python."""

from __future__ import annotations

import json

import httpx

from sojourn import Client
from tests.client.standin import AT, Script

TIMETABLE = {
    "project": "bar-one",
    "session": "minimal",
    "person": "ann",
    "zone": "Europe/Berlin",
    "start": {"at": "08:30", "days": ["mon"], "next_at": AT, "last": None},
    "pause": None,
    "updated_at": AT,
}


def test_times_are_put_listed_and_removed() -> None:
    script = Script(
        httpx.Response(200, json=TIMETABLE),
        httpx.Response(200, json={"items": [TIMETABLE], "next": None}),
        httpx.Response(204),
    )
    timetables = Client("http://sojourn.test", via=script).timetables

    made = timetables.put("bar-one", "minimal", zone="Europe/Berlin", start=("08:30", ["mon"]))
    (listed,) = timetables.list()
    timetables.remove("bar-one", "minimal")

    assert made.start is not None
    assert (made.start.at, made.start.days, listed.pause) == ("08:30", ("mon",), None)
    at = "/api/v1/projects/bar-one/sessions/minimal/timetable"
    assert [(each.method, each.url.path) for each in script.requests] == [
        ("PUT", at),
        ("GET", "/api/v1/me/timetables"),
        ("DELETE", at),
    ]
    sent = json.loads(script.requests[0].content)
    assert sent == {"zone": "Europe/Berlin", "start": {"at": "08:30", "days": ["mon"]}, "pause": None}
