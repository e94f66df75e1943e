"""The spawner's side of the conversation with the Sojourn API."""

from __future__ import annotations

import asyncio
import contextlib
import weakref
from http import HTTPStatus
from typing import Any, TypeVar

import httpx
from pydantic import ValidationError

from spawner.part import lean
from spawner.reports import Reports, Usage, Wish
from spawner.spec import LaunchSpec, RunSecrets

ANSWER_SECONDS = 5.0
"""How long one request may take, the long poll excepted."""

WISH_SECONDS = 25
"""How long the API may hold a question for the wish before it answers `run`."""

_Answer = TypeVar("_Answer", LaunchSpec, RunSecrets, Wish)
_RETRY_PAUSES = (0.1, 0.2, 0.4, 0.8, 1.5)


class ApiUnavailableError(Exception):
    """The API does not answer, or answers that it cannot now: trying again may help."""


class ApiRefusalError(Exception):
    """The API answered and said no: trying again does not help.

    Attributes:
        status: the HTTP status.
        detail: the API's sentence; empty if it gave none.
    """

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(f"{status}: {detail}")
        self.status = status
        self.detail = detail


_clients: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, httpx.AsyncClient] = (
    weakref.WeakKeyDictionary()
)


def _client() -> httpx.AsyncClient:
    """One pool of connections per event loop: making a client costs tens of milliseconds (certificates)."""
    loop = asyncio.get_running_loop()
    if loop not in _clients:
        # The API is a neighbour: a proxy of the computer's environment must not stand between.
        unlimited = httpx.Limits(max_connections=None, max_keepalive_connections=20)
        _clients[loop] = httpx.AsyncClient(trust_env=False, limits=unlimited)
    return _clients[loop]


async def close_connections() -> None:
    """Closes the running event loop's connections to the API."""
    client = _clients.pop(asyncio.get_running_loop(), None)
    if client is not None:
        await client.aclose()


class SojournApi:
    """The internal part of the API, as a spawner uses it."""

    def __init__(self, url: str, token: str) -> None:
        self._url = url.rstrip("/")
        self._headers = {"Authorization": f"token {token}"}

    async def launch_spec(self, run: str) -> LaunchSpec:
        """The frozen spec of a run that is to be launched; asks for a few seconds while the API is down.

        Raises:
            ApiRefusalError: there is no such run, or it is not to be launched now.
            ApiUnavailableError: the API stayed away.
        """
        return _read(LaunchSpec, await self._ask_again(f"/internal/runs/{run}/launch-spec"))

    async def run_secrets(self, run: str) -> RunSecrets:
        """The secret part of a run that is being launched; asks for a few seconds while the API is down.

        Raises:
            ApiRefusalError: it is not to be launched now, or a secret cannot be decrypted.
            ApiUnavailableError: the API stayed away.
        """
        return _read(RunSecrets, await self._ask_again(f"/internal/runs/{run}/secrets"))

    async def _ask_again(self, path: str) -> httpx.Response:
        for pause in _RETRY_PAUSES:
            with contextlib.suppress(ApiUnavailableError):
                return await self._ask("GET", path)
            await asyncio.sleep(pause)
        return await self._ask("GET", path)

    async def wish(self, run: str) -> Wish:
        """What the person wants of the run; the API answers at once when it is not `run`, else after a while.

        Raises:
            ApiRefusalError: the API does not know the run.
            ApiUnavailableError: the API is down.
        """
        answer = await self._ask(
            "GET",
            f"/internal/runs/{run}/wish",
            params={"wait": WISH_SECONDS},
            timeout=httpx.Timeout(ANSWER_SECONDS, read=WISH_SECONDS + ANSWER_SECONDS),
        )
        return _read(Wish, answer)

    async def deliver(self, run: str, reports: Reports) -> None:
        """Hands over one numbered delivery; handing the same one over twice is harmless.

        Raises:
            ApiRefusalError: the API will never take it.
            ApiUnavailableError: the API is down; it is to be delivered again.
        """
        await self._ask(
            "POST",
            f"/internal/runs/{run}/reports",
            json=lean(reports),
        )

    async def used(self, run: str, usage: Usage) -> None:
        """Says what a run uses now.

        Raises:
            ApiRefusalError: the API will never take it.
            ApiUnavailableError: the API is down.
        """
        await self._ask(
            "POST",
            f"/internal/runs/{run}/usage",
            json=lean(usage),
        )

    async def _ask(self, method: str, path: str, **request: Any) -> httpx.Response:
        headers = self._headers | request.pop("headers", {})
        request.setdefault("timeout", ANSWER_SECONDS)
        try:
            answer = await _client().request(method, self._url + path, headers=headers, **request)
        except httpx.HTTPError as error:
            raise ApiUnavailableError(f"{type(error).__name__}: {error}") from error
        if answer.is_success:
            return answer
        # 408 and 429 are the two client errors that pass by themselves (RFC 9110, RFC 6585).
        if answer.is_server_error or answer.status_code in (408, 429):
            raise ApiUnavailableError(f"HTTP {answer.status_code}")
        raise ApiRefusalError(answer.status_code, _detail(answer))


def _read(kind: type[_Answer], answer: httpx.Response) -> _Answer:
    try:
        return kind.model_validate_json(answer.content)
    except ValidationError as error:
        problem = f"Its {kind.__name__} is not understood: JupyterHub and the API are of different versions."
        raise ApiRefusalError(HTTPStatus.NOT_ACCEPTABLE, problem) from error


def _detail(answer: httpx.Response) -> str:
    """The sentence of a problem document (RFC 9457)."""
    try:
        problem = answer.json()
    except ValueError:
        return ""
    return str(problem.get("detail", "")) if isinstance(problem, dict) else ""
