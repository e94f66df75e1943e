from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

import sojourn
from sojourn.client import Conflict, Invalid, NotFound, NotRunning, SojournError
from tests.client.standin import AT, PROJECT, RUN, Script, problem, stream

URL = "http://sojourn.test"


def client(*steps: Any) -> tuple[sojourn.Client, Script]:
    script = Script(*steps)
    return sojourn.Client(URL, token="secret", via=script), script


def page(*slugs: str, following: str | None = None) -> httpx.Response:
    items = [{**PROJECT, "slug": slug} for slug in slugs]
    return httpx.Response(200, json={"items": items, "next": following})


def test_a_request_carries_the_token_and_escapes_what_it_names() -> None:
    asked, script = client(httpx.Response(200, json=PROJECT))
    asked.projects.get("a/b?c")
    [request] = script.requests
    assert request.url.raw_path == b"/api/v1/projects/a%2Fb%3Fc"
    assert request.headers["Authorization"] == "Bearer secret"


def test_pages_are_fetched_when_they_are_needed() -> None:
    asked, script = client(page("a", "b", following="more"), page("c"))
    listed = asked.projects.list(search="x")
    assert [next(listed).slug, next(listed).slug] == ["a", "b"]
    assert len(script.requests) == 1
    assert [project.slug for project in listed] == ["c"]
    assert dict(script.requests[1].url.params) == {"search": "x", "cursor": "more"}


def test_what_a_newer_sojourn_adds_is_kept_in_the_body() -> None:
    asked, _ = client(httpx.Response(200, json={**PROJECT, "colour": "petrol"}, headers={"ETag": '"7"'}))
    project = asked.projects.get("bar-one")
    assert (project.name, project.body["colour"], project.etag) == ("Bar one", "petrol", '"7"')


def test_only_what_is_given_is_changed_and_only_if_nobody_else_did() -> None:
    asked, script = client(problem(412, "stale", "Bar one was changed since you opened it."))
    with pytest.raises(SojournError) as raised:
        asked.projects.change("bar-one", if_match='"7"', description="new")
    [request] = script.requests
    assert (request.content, request.headers["If-Match"]) == (b'{"description":"new"}', '"7"')
    assert raised.value.status == 412


def test_a_storage_of_any_kind_is_sent_with_its_fields_and_read_with_them() -> None:
    details = {"driver": "s3.example.org", "attributes": {"bucket": "tiles"}, "secret": None}
    known = {"id": "01", "name": "Tiles", "kind": "csi", "folder": "Tiles", "read_only": True}
    answer = {**known, **details, "created_by": "ann", "created_at": AT}
    asked, script = client(httpx.Response(201, json=answer))
    added = asked.storages("bar-one").add(
        "Tiles", kind="csi", read_only=True, driver="s3.example.org", attributes={"bucket": "tiles"}
    )
    [request] = script.requests
    assert json.loads(request.content) == {
        "name": "Tiles",
        "kind": "csi",
        "read_only": True,
        "driver": "s3.example.org",
        "attributes": {"bucket": "tiles"},
    }
    assert (added.driver, added.attributes, added.path) == ("s3.example.org", {"bucket": "tiles"}, None)


def test_a_problem_is_an_error_with_its_sentence_remedy_and_fields() -> None:
    errors = [{"field": "folder", "detail": "It is taken.", "value": "demo-2"}]
    asked, _ = client(problem(422, "folder_taken", "It is taken.", hint="Take another.", errors=errors))
    with pytest.raises(Invalid) as raised:
        asked.repositories("bar-one").add("https://host/demo")
    error = raised.value
    assert (error.code, str(error), error.hint, error.status) == (
        "folder_taken",
        "It is taken.",
        "Take another.",
        422,
    )
    assert (error.errors[0].field, error.errors[0].value) == ("folder", "demo-2")


@pytest.mark.parametrize(
    ("status", "kind"), [(404, NotFound), (409, Conflict), (500, SojournError), (418, SojournError)]
)
def test_errors_have_kinds(status: int, kind: type[SojournError]) -> None:
    asked, _ = client(problem(status, "code", "Sentence."))
    with pytest.raises(kind):
        asked.me()


@pytest.mark.parametrize("name", ["", ".", ".."])
def test_a_name_that_a_path_would_lose_is_refused_before_it_is_sent(name: str) -> None:
    asked, script = client()
    with pytest.raises(Invalid):
        asked.projects.delete(name)
    assert script.requests == []


def test_reading_is_tried_again_when_the_connection_fails() -> None:
    asked, script = client(
        httpx.ConnectError("refused"), httpx.Response(502), httpx.Response(200, json=PROJECT)
    )
    assert asked.projects.get("bar-one").slug == "bar-one"
    assert len(script.requests) == 3


def test_writing_is_sent_once() -> None:
    asked, script = client(httpx.ReadError("broken"))
    with pytest.raises(NotRunning) as raised:
        asked.projects.create("Bar one")
    assert len(script.requests) == 1
    assert raised.value.hint is not None
    assert URL in str(raised.value)


def test_something_else_at_the_address_is_told_from_sojourn() -> None:
    asked, _ = client(httpx.Response(404, text="nothing here"))
    with pytest.raises(SojournError, match="no answer of Sojourn's") as raised:
        asked.me()
    assert not isinstance(raised.value, NotFound)


FIRST = (1, "status", {"phase": "launching", "wish": "run"})
LINE = (2, "log", {"source": "hub", "text": "a line"})
UNKNOWN = (3, "weather", {"sun": True})
READY = (4, "status", {"phase": "running", "wish": "run"})
END: tuple[int, str, dict[str, Any]] = (4, "end", {})


def test_events_go_on_where_a_broken_connection_left_them() -> None:
    asked, script = client(
        stream(FIRST, LINE, breaks=True),
        httpx.ConnectError("refused"),
        httpx.Response(502),
        stream(UNKNOWN, READY),
        stream(END),
    )
    events = list(asked.runs.events("run-1"))
    assert [event.kind for event in events] == ["status", "log", "status"]
    assert [request.headers.get("Last-Event-ID") for request in script.requests] == [
        None,
        "2",
        "2",
        "2",
        "4",
    ]


def test_events_of_a_run_that_is_not_there_are_an_error_at_once() -> None:
    asked, script = client(problem(404, "not_found", "There is no run x."))
    with pytest.raises(NotFound):
        list(asked.runs.events("x"))
    assert len(script.requests) == 1


def test_waiting_ends_when_the_run_has_arrived() -> None:
    asked, _ = client(
        httpx.Response(200, json=RUN),
        stream(FIRST, LINE, READY),
        httpx.Response(200, json={**RUN, "phase": "running"}),
    )
    assert asked.runs.wait("run-1").phase == "running"


async def test_the_client_for_asyncio_has_the_same_shape() -> None:
    script = Script(
        page("a", following="more"),
        httpx.ConnectError("refused"),
        page("b"),
        httpx.Response(200, json=RUN),
        stream(FIRST, breaks=True),
        stream(READY),
        httpx.Response(200, json={**RUN, "phase": "running"}),
    )
    async with sojourn.AsyncClient(URL, via=script) as asked:
        assert [project.slug async for project in asked.projects.list()] == ["a", "b"]
        assert (await asked.runs.wait("run-1")).phase == "running"
    shape = {name for name in dir(sojourn.Client(URL)) if not name.startswith("_")}
    assert shape == {name for name in dir(asked) if not name.startswith("_")}


async def test_asyncio_fails_as_everybody_else_does() -> None:
    async with sojourn.AsyncClient(URL, via=Script(problem(404, "not_found", "No."))) as asked:
        with pytest.raises(NotFound):
            await asked.projects.get("x")
