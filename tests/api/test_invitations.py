"""Invitations: links that make whoever follows them a member, when they agree."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import text

from sessions_api.kit import clock
from sessions_api.kit.db import Database
from tests.api.conftest import Client


@pytest.fixture
async def hidden(ann: Client, project: str) -> str:
    """Ann's project, which only members see."""
    await ann.patch(project, json={"visibility": "private"})
    return project


async def invited(client: Client, project: str, **body: Any) -> dict[str, Any]:
    answer = await client.post(f"{project}/invitations", json=body)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def test_whoever_follows_the_link_becomes_a_member_as_it_says(
    ann: Client, bob: Client, hidden: str
) -> None:
    invitation = await invited(ann, hidden, role="editor", note="Course 2026")
    assert invitation["link"].startswith("http://sojourn.test/join?invitation=")

    joined = await bob.post("/join", json={"invitation": invitation["link"]})

    assert (joined.status_code, joined.json()["role"]) == (200, "editor")
    assert (await bob.get(hidden)).status_code == 200
    entries = (await ann.get(f"{hidden}/audit")).json()["items"]
    assert [(each["person"], each["verb"]) for each in entries[:2]] == [
        ("bob", "invitation.accept"),
        ("ann", "invitation.create"),
    ]
    assert entries[0]["details"] == {"role": "editor", "of": "ann"}


async def test_its_link_is_told_once_and_kept_nowhere(ann: Client, hidden: str, database: Database) -> None:
    made = await invited(ann, hidden)
    token = made.pop("link").partition("=")[2]

    listed = (await ann.get(f"{hidden}/invitations")).json()["items"]

    assert listed == [made]
    async with database.read() as db:
        for table in ("invitations", "audit_entries", "repeats"):
            rows = await db.execute(text(f"SELECT * FROM {table}"))  # noqa: S608 - names of our own
            assert token not in str(rows.all())


async def test_one_press_twice_is_one_invitation(ann: Client, hidden: str) -> None:
    body, key = {"role": "editor"}, {"Idempotency-Key": "a press"}
    first, again = [await ann.post(f"{hidden}/invitations", json=body, headers=key) for _ in range(2)]
    other = await ann.post(f"{hidden}/invitations", json={"role": "viewer"}, headers=key)

    assert first.json() == again.json()
    assert other.json()["id"] != first.json()["id"]
    assert len((await ann.get(f"{hidden}/invitations")).json()["items"]) == 2


async def test_it_takes_in_as_many_as_it_says_however_many_come_at_once(
    app: FastAPI, ann: Client, hidden: str
) -> None:
    invitation = await invited(ann, hidden, people=3)

    async def come(person: str) -> int:
        async with Client(app, person) as client:
            return (await client.post("/join", json={"invitation": invitation["link"]})).status_code

    answers = await asyncio.gather(*(come(f"guest-{number}") for number in range(10)))

    assert sorted(answers) == [200] * 3 + [410] * 7
    members = (await ann.get(f"{hidden}/members")).json()["items"]
    assert len([each for each in members if each["person"].startswith("guest-")]) == 3
    assert (await ann.get(f"{hidden}/invitations")).json()["items"] == []


async def test_who_comes_twice_uses_it_once(ann: Client, bob: Client, hidden: str) -> None:
    invitation = await invited(ann, hidden, people=2)
    both = await asyncio.gather(
        *(bob.post("/join", json={"invitation": invitation["link"]}) for _ in range(2))
    )
    assert [each.status_code for each in both] == [200, 200]
    assert (await ann.get(f"{hidden}/invitations")).json()["items"][0]["joined"] == 1


async def test_a_higher_role_is_kept_and_a_lower_one_is_raised(ann: Client, bob: Client, hidden: str) -> None:
    viewer, editor = [(await invited(ann, hidden, role=role))["link"] for role in ("viewer", "editor")]
    roles = [
        (await client.post("/join", json={"invitation": link})).json()["role"]
        for client, link in ((bob, viewer), (bob, editor), (bob, viewer), (ann, editor))
    ]
    assert roles == ["viewer", "editor", "editor", "owner"]


@pytest.mark.parametrize("over", ["revoked", "expired", "used_up", "unknown"])
async def test_one_that_is_over_says_why(
    over: str, ann: Client, bob: Client, *, app: FastAPI, hidden: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    invitation = await invited(ann, hidden, days=2)
    link = invitation["link"]
    if over == "revoked":
        for _ in range(2):
            answer = await ann.delete(f"{hidden}/invitations/{invitation['id']}")
            assert answer.status_code == 204
    elif over == "expired":
        later = clock.now() + timedelta(days=2, seconds=1)
        monkeypatch.setattr(clock, "now", lambda: later)
    elif over == "used_up":
        async with Client(app, "cleo") as cleo:
            await cleo.post("/join", json={"invitation": link})
    else:
        link = "http://sojourn.test/join?invitation=guessed"

    status = 404 if over == "unknown" else 410
    refused = await bob.refused("/join", status, invitation=link)

    assert refused["code"] == f"invitation_{over}"
    assert "Ask who sent it for a new one." in refused["hint"]
    assert "Terrain" not in str(refused)
    assert (await bob.get(hidden)).status_code == 404


async def test_none_leads_into_a_project_that_is_gone(ann: Client, bob: Client, hidden: str) -> None:
    link = (await invited(ann, hidden))["link"]
    await ann.delete(hidden)
    assert (await bob.refused("/join", 404, invitation=link))["code"] == "invitation_unknown"


@pytest.mark.parametrize(
    ("field", "value"), [("role", "owner"), ("days", 91), ("days", 0), ("people", 0), ("note", "a\nb")]
)
async def test_what_cannot_be_is_refused_at_its_field(
    field: str, value: object, ann: Client, hidden: str
) -> None:
    refused = await ann.refused(f"{hidden}/invitations", **{field: value})
    assert [each["field"] for each in refused["errors"]] == [field]


async def test_somebody_who_never_logged_in_is_added_by_name(app: FastAPI, ann: Client, hidden: str) -> None:
    await ann.post(f"{hidden}/members", json={"person": "newcomer", "role": "viewer"})
    async with Client(app, "newcomer") as newcomer:
        assert (await newcomer.get(hidden)).status_code == 200
