from __future__ import annotations

import json
import re
import subprocess
import sys
from itertools import pairwise

import httpx
import pytest
from httpx_sse import connect_sse

from tests.docs.pages import Ids, Message, differences, events, fenced, matches, page
from tests.served import Served

PAGE = "api.md"
_OPERATION = re.compile(r"^\| ((?:`[A-Z]+` ?)+)\| `(/[^`]*)` \|", re.MULTILINE)


def test_requests_are_answered_as_the_page_says(documented: Served) -> None:
    messages = [Message.of(block) for block in fenced(page(PAGE), "http")]
    examples = [(one, other) for one, other in pairwise(messages) if other.is_answer]
    assert 2 * len(examples) == len(messages)
    ids = Ids()
    with documented.client() as client:
        for request, answer in examples:
            wrong = _wrong(client, request, answer, ids)
            assert not wrong, f"{request.first}: {'; '.join(wrong)}"


def _wrong(client: httpx.Client, request: Message, answer: Message, ids: Ids) -> list[str]:
    method, path = ids.real(request.first).split(" ", 1)
    if answer.headers.get("Content-Type", "").startswith("text/event-stream"):
        return _wrong_events(client, path, answer, ids)
    found = client.request(method, path, headers=dict(request.headers), content=request.body)
    status = f"HTTP/1.1 {found.status_code} {found.reason_phrase}"
    wrong = [] if status == answer.first else [f"{status} {found.text}"]
    if answer.body:
        wrong += differences(json.loads(answer.body), found.json(), ids)
    return wrong + differences(dict(answer.headers), {**_titled(found.headers)}, ids, "the answer's head")


def _titled(headers: httpx.Headers) -> dict[str, str]:
    return {**{name.title(): value for name, value in headers.items()}, "ETag": headers.get("etag", "")}


def _wrong_events(client: httpx.Client, path: str, answer: Message, ids: Ids) -> list[str]:
    """Waits for the events that the page shows, in their order and whatever comes between them."""
    waited_for = events(answer.body)
    with connect_sse(client, "GET", path) as stream:
        assert matches(answer.headers["Content-Type"], stream.response.headers["Content-Type"])
        for event in stream.iter_sse():
            kind, data = waited_for[0]
            if event.event == kind and not differences(data, json.loads(event.data), ids):
                waited_for.pop(0)
            if not waited_for:
                return []
    return [f"the stream ended without {waited_for[0]}"]


@pytest.mark.slow
def test_python_examples_print_what_the_page_says(documented: Served) -> None:
    blocks = fenced(page(PAGE), "python", "text")
    for script, printed in zip(blocks[::2], blocks[1::2], strict=True):
        environment = documented.variables()
        ran = subprocess.run(
            [sys.executable, "-c", script],
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert ran.returncode == 0, f"{script}\n{ran.stderr}"
        assert matches(printed, ran.stdout), ran.stdout


def test_the_page_lists_every_operation_and_no_other(documented: Served) -> None:
    with documented.client() as client:
        paths = client.get("/api/v1/openapi.json").json()["paths"]
    there = {(method.upper(), path) for path, operations in paths.items() for method in operations}
    listed = {
        (method, f"/api/v1{path}")
        for methods, path in _OPERATION.findall(page(PAGE))
        for method in re.findall(r"[A-Z]+", methods)
    }
    assert listed == there
