"""Cursors that nobody was given: every list refuses them in words, on every database."""

import base64
import json

import pytest
from fastapi import FastAPI

from tests.api.conftest import Client

HOSTILE = {
    "no number": "\x16",
    "a number past all numbers": "9" * 300,
    "digits of another script": "٣",
    "a character that PostgreSQL does not take": "a\0b",
    "that character in JSON": json.dumps(["a", "b", "c\0", "d"]),
    "half a character in JSON": '["a", "b", "\\ud800", "d"]',
    "numbers that no column holds": json.dumps([2**70, 0, 0, 0, "a"]),
    "JSON without end": "[" * 300,
}


@pytest.mark.parametrize("said", HOSTILE.values(), ids=HOSTILE)
async def test_a_cursor_of_nobodys_is_never_an_error_of_the_service(
    app: FastAPI, ann: Client, root: Client, project: str, said: str
) -> None:
    await ann.made(f"{project}/sessions", environment="minimal")
    await ann.patch(f"{project}/members/root", json={"role": "owner"})
    known = {
        "slug": project.rpartition("/")[2],
        "environment": "minimal",
        "session": "minimal",
        "number": "1",
    }
    cursor = base64.urlsafe_b64encode(said.encode()).decode().rstrip("=")

    lists = [
        path.removeprefix("/api/v1").format_map(known)
        for path, methods in app.openapi()["paths"].items()
        if any(given["name"] == "cursor" for given in methods.get("get", {}).get("parameters", ()))
    ]
    assert len(lists) >= 10
    for path in lists:
        for query in ({}, {"search": "python"}) if path == "/environments" else ({},):
            answer = await root.get(path, params={"cursor": cursor, **query})
            assert answer.status_code in {200, 422}, (path, answer.text)


async def test_a_cursor_of_another_list_names_the_field_and_the_remedy(ann: Client) -> None:
    cursor = base64.urlsafe_b64encode(b"minimal").decode().rstrip("=")

    refused = await ann.get("/resource-classes", params={"cursor": cursor})

    [error] = refused.json()["errors"]
    assert error["field"] == "cursor"
    assert error["detail"] == "This cursor is of another list; start again without it."
