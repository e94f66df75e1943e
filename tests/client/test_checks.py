"""Checks of images from Python: their events, their end, and a connection that breaks."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

import sojourn
from sojourn import NotRunning
from sojourn.client import CheckStep, ImageChecked, ImageRefused, Invalid
from tests.client.standin import Script, problem, stream

URL = "http://sojourn.test"
ASKING = (1, "step", {"key": "find", "title": "Asking docker.io", "state": "now"})
UNKNOWN = (2, "weather", {"sun": True})
VERSION = {"image": "docker.io/library/lab@sha256:1", "front_end": "Lab", "default_url": "/", "port": 8888}
FOUND: dict[str, Any] = {
    "verdict": "behind_gate",
    "sentence": "This image works behind the gate on port 8888.",
    "fix": "",
    "reference": "docker.io/library/lab:latest",
    "image": "docker.io/library/lab@sha256:1",
    "digest": "sha256:1",
    "platforms": ["linux/amd64"],
    "size": 5,
    "user": "",
    "ports": [8888],
    "entrypoint": [],
    "command": ["lab"],
    "working_folder": "/",
    "version": VERSION,
    "colour": "petrol",
}
CHECKED = (3, "checked", FOUND)
REFUSED = (
    3,
    "refused",
    {"code": "image_not_found", "sentence": "There is none.", "hint": "", "remedies": []},
)


def client(*steps: Any) -> tuple[sojourn.Client, Script]:
    script = Script(*steps)
    return sojourn.Client(URL, via=script), script


def test_a_check_ends_with_what_a_version_is_made_from() -> None:
    asked, script = client(stream(ASKING, UNKNOWN, CHECKED))

    step, found = asked.environments.check("lab", login={"username": "ann", "password": "t0ken"})

    [request] = script.requests
    assert json.loads(request.content) == {
        "image": "lab",
        "login": {"username": "ann", "password": "t0ken"},
    }
    assert isinstance(step, CheckStep)
    assert isinstance(found, ImageChecked)
    assert (step.state, found.ports, found.version) == ("now", (8888,), VERSION)
    assert found.body["colour"] == "petrol"


def test_an_image_that_is_not_to_be_had_ends_a_check_with_the_reason() -> None:
    asked, _ = client(stream(ASKING, REFUSED))

    *_, ended = asked.environments.check("lab")

    assert isinstance(ended, ImageRefused)
    assert (ended.code, ended.sentence) == ("image_not_found", "There is none.")


def test_what_is_no_image_s_name_is_an_error_and_no_event() -> None:
    asked, _ = client(problem(422, "not_an_image_name", "It has spaces."))

    with pytest.raises(Invalid):
        list(asked.environments.check("a b"))


@pytest.mark.parametrize("answer", [stream(ASKING), stream(ASKING, breaks=True), httpx.ConnectError("no")])
def test_a_check_that_is_cut_short_is_asked_for_once_more(answer: Any) -> None:
    asked, script = client(answer, stream(ASKING, CHECKED))

    told = list(asked.environments.check("lab"))

    assert [event.kind for event in told] == ["step", "checked"]
    assert len(script.requests) == 2


@pytest.mark.parametrize("breaks", [False, True])
def test_a_check_that_is_cut_short_again_is_an_error(*, breaks: bool) -> None:
    asked, script = client(*(stream(ASKING, breaks=breaks) for _ in range(2)))

    with pytest.raises(NotRunning):
        list(asked.environments.check("lab"))
    assert len(script.requests) == 2


def test_what_breaks_after_the_end_of_a_check_does_not_matter() -> None:
    asked, _ = client(stream(CHECKED, breaks=True))

    [found] = asked.environments.check("lab")

    assert found.kind == "checked"


async def test_the_client_for_asyncio_checks_alike() -> None:
    script = Script(stream(ASKING, breaks=True), stream(ASKING, CHECKED), stream(ASKING), stream(ASKING))
    async with sojourn.AsyncClient(URL, via=script) as asked:
        told = [event.kind async for event in asked.environments.check("lab")]
        with pytest.raises(NotRunning):
            [event async for event in asked.environments.check("lab")]

    assert told == ["step", "checked"]
