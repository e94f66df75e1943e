"""A null character, which PostgreSQL takes in no text, in any part of an address."""

import pytest
from fastapi import FastAPI

from tests.api.conftest import Client


async def test_a_null_character_in_an_address_is_never_an_error_of_the_service(
    app: FastAPI, ann: Client, root: Client, project: str
) -> None:
    slug = project.rpartition("/")[2]
    for path, methods in app.openapi()["paths"].items():
        parameters = methods.get("get", {}).get("parameters", ())
        names = [each["name"] for each in parameters if each["in"] == "path"]
        for null in names:
            known = {"slug": slug, "environment": "minimal", "number": "1", "session": "minimal"}
            values = {name: known.get(name, "a") for name in names} | {null: "a%00b"}
            answer = await ann.get(path.removeprefix("/api/v1").format_map(values))
            assert answer.status_code in {401, 403, 404, 422}, (path, null, answer.text)


@pytest.mark.parametrize("path", ["/projects", "/environments"])
async def test_nothing_is_found_by_a_null_character(ann: Client, path: str) -> None:
    answer = await ann.get(path, params={"search": "a\0b"})

    assert answer.status_code in {200, 422}
    assert not answer.json().get("items")
