"""What both clients do to a request and its answer: addresses, tokens, time limits, retries, errors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

import httpx

from sojourn.client.call import Call, Stream
from sojourn.client.errors import (
    Conflict,
    FieldError,
    Forbidden,
    Holder,
    Invalid,
    NotFound,
    NotRunning,
    SojournError,
    Stale,
    Unauthenticated,
)

T = TypeVar("T")

SECONDS = 30.0
"""How long an answer may take."""
SILENCE = 45.0
"""Seconds without a byte after which a stream counts as broken; the API sends one at least every 15."""
PAUSES = (0.1, 0.3, 0.6, 1.0, 2.0, 4.0)
"""Seconds before each repetition of a GET that got no answer."""
_OF_NOBODY = 3
"""How many of them are worth it when there is not even a proxy that waits for Sojourn to come back."""

_ERRORS: Mapping[int, type[SojournError]] = {
    400: Invalid,
    401: Unauthenticated,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    412: Stale,
    422: Invalid,
}
_NOBODY_BEHIND = frozenset({502, 503, 504})
"""What a proxy answers for a service that does not run."""


def base_url(url: str) -> str:
    """Where the API of the installation at `url` begins."""
    return f"{url.rstrip('/')}/api/v1"


def headers(token: str | None) -> dict[str, str]:
    """What every request carries."""
    return {"Accept": "application/json", **({"Authorization": f"Bearer {token}"} if token else {})}


def request(call: Call[Any]) -> dict[str, Any]:
    """Arguments of an httpx request for a call."""
    return {
        "method": call.method,
        "url": call.path,
        "params": dict(call.params),
        "headers": dict(call.headers),
        "json": call.body,
        "timeout": httpx.USE_CLIENT_DEFAULT if call.seconds is None else call.seconds,
    }


def connection(stream: Stream[Any]) -> dict[str, Any]:
    """Arguments of an httpx-sse connection for a stream."""
    return {
        "method": stream.method,
        "url": stream.path,
        "headers": dict(stream.headers),
        "json": stream.body,
        "timeout": httpx.Timeout(SECONDS, read=SILENCE),
    }


def pause_after(
    error: httpx.TransportError | NotRunning, call: Call[Any], attempt: int, url: httpx.URL
) -> float:
    """Seconds to wait before a call that nobody answered is sent again; `attempt` counts from 0.

    Raises:
        NotRunning: it was sent often enough, or sending it again could do something twice.
    """
    pauses = PAUSES if isinstance(error, NotRunning) else PAUSES[:_OF_NOBODY]
    if attempt >= len(pauses) or call.method != "GET" or isinstance(error, httpx.TimeoutException):
        raise error if isinstance(error, NotRunning) else not_running(url, error) from error
    return pauses[attempt]


def read(call: Call[T], response: httpx.Response) -> T:
    """What was answered.

    Raises:
        SojournError: the call was refused.
    """
    check(response)
    body = response.json() if response.content else {}
    return call.read(body, response.headers.get("ETag"))


def check(response: httpx.Response) -> None:
    """Passes what is a success; the body has been read.

    Raises:
        SojournError: it is none.
    """
    if response.is_success:
        return
    problem = _problem(response)
    if problem is not None:
        raise problem
    if response.status_code in _NOBODY_BEHIND:
        raise not_running(response.url)
    raise SojournError(
        f"{response.url.copy_with(path='/', query=None)} answered {response.status_code} "
        f"{response.reason_phrase}, which is no answer of Sojourn's.",
        code="unexpected",
        hint="Check the address.",
        status=response.status_code,
    )


def not_running(url: httpx.URL, error: Exception | None = None) -> NotRunning:
    """The error that nothing answers at an address."""
    where = str(url.copy_with(path="/", query=None, fragment=None)).rstrip("/")
    if isinstance(error, httpx.TimeoutException) and not isinstance(error, httpx.ConnectTimeout):
        return NotRunning(f"Sojourn at {where} did not answer in time.", code="timeout", hint="Try it again.")
    return NotRunning(
        f"Sojourn does not answer at {where}.", code="not_running", hint="Start it with `sojourn up`."
    )


def _problem(response: httpx.Response) -> SojournError | None:
    if not response.headers.get("Content-Type", "").startswith("application/problem+json"):
        return None
    body = response.json()
    return _ERRORS.get(response.status_code, SojournError)(
        body["detail"],
        code=body["code"],
        hint=body.get("hint"),
        errors=tuple(
            FieldError(error["field"], error["detail"], error.get("value"))
            for error in body.get("errors", ())
        ),
        links=body.get("links"),
        holders=tuple(
            Holder(
                each["run"],
                each["session"],
                each["project"],
                each["cpus"],
                each["memory_gib"],
                each["gpus"],
                each["links"],
            )
            for each in body.get("holders", ())
        ),
        status=response.status_code,
    )
