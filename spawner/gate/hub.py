"""What the gate asks JupyterHub and tells it."""

from __future__ import annotations

import asyncio
import contextlib
import json
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from spawner.gate.calls import Answered, UnreachableError, call
from spawner.gate.settings import Settings

_CALL_SECONDS = 10.0
_PATIENCE_SECONDS = 10.0
_PAUSE_SECONDS = 0.25


class HubAwayError(Exception):
    """The hub does not answer, or not with what it should."""


class RefusedCodeError(Exception):
    """The hub takes this code for nobody's login."""


class Hub:
    """The hub's API, as a session may use it.

    Attributes:
        version: the hub's; None until it answered for the first time.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.version: str | None = None

    async def greet(self) -> None:
        """Returns when the hub answers and said its version."""
        while True:
            with contextlib.suppress(UnreachableError):
                answer = await call("GET", self._settings.hub_api_url, seconds=_CALL_SECONDS)
                if answer.status == HTTPStatus.OK:
                    self.version = answer.headers.get("x-jupyterhub-version", "")
                    return
            await asyncio.sleep(_PAUSE_SECONDS)

    async def whoami(self, token: str) -> dict[str, Any] | None:
        """Whose a token is (the hub's model of a user or service, with `scopes`); None: nobody's.

        A hub that is being restarted is waited for.

        Raises:
            HubAwayError: it does not come back soon.
        """
        answer = await self._patiently("GET", "/user", {"Authorization": f"token {token}"})
        if answer.status in {HTTPStatus.FORBIDDEN, HTTPStatus.UNAUTHORIZED}:
            return None
        return _object(answer)

    async def _patiently(
        self, method: str, path: str, headers: dict[str, str], body: bytes = b""
    ) -> Answered:
        loop = asyncio.get_running_loop()
        patience = loop.time() + _PATIENCE_SECONDS
        while True:
            try:
                answer = await call(
                    method,
                    self._settings.hub_api_url + path,
                    headers=headers,
                    body=body,
                    seconds=_CALL_SECONDS,
                )
                if answer.status < HTTPStatus.INTERNAL_SERVER_ERROR:
                    return answer
                failure = f"The hub answered with status {answer.status}."
            except UnreachableError as error:
                failure = str(error)
            if loop.time() > patience:
                raise HubAwayError(failure)
            await asyncio.sleep(_PAUSE_SECONDS)

    async def token_of_code(self, code: str, verifier: str) -> str:
        """The access token that a login ends with (RFC 6749, 4.1.3; RFC 7636, 4.5).

        Raises:
            RefusedCodeError: the code is wrong, used or too old.
            HubAwayError: the hub does not answer.
        """
        form = {
            "client_id": self._settings.client_id,
            "client_secret": self._settings.token,
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._settings.callback_url,
            "code_verifier": verifier,
        }
        answer = await self._patiently(
            "POST",
            "/oauth2/token",
            {
                "Content-Type": "application/x-www-form-urlencoded",
                "Authorization": f"token {self._settings.token}",
            },
            urlencode(form).encode(),
        )
        if answer.status != HTTPStatus.OK:
            raise RefusedCodeError(f"The hub answered with status {answer.status}.")
        token = _object(answer).get("access_token")
        if not isinstance(token, str):
            raise HubAwayError("The hub sent no access token.")
        return token

    async def report_activity(self, at: float) -> None:
        """Tells when the session was last used, in seconds since 1970.

        Raises:
            HubAwayError: the hub did not take it.
        """
        when = datetime.fromtimestamp(at, UTC).isoformat().replace("+00:00", "Z")
        body = {"servers": {self._settings.server_name: {"last_activity": when}}, "last_activity": when}
        headers = {"Authorization": f"token {self._settings.token}", "Content-Type": "application/json"}
        try:
            answer = await call(
                "POST",
                self._settings.activity_url,
                headers=headers,
                body=json.dumps(body).encode(),
                seconds=_CALL_SECONDS,
            )
        except UnreachableError as error:
            raise HubAwayError(str(error)) from error
        if answer.status >= HTTPStatus.BAD_REQUEST:
            raise HubAwayError(f"The hub answered with status {answer.status}.")


def _object(answer: Answered) -> dict[str, Any]:
    try:
        read = json.loads(answer.body)
    except ValueError as error:
        raise HubAwayError("The hub's answer is no JSON.") from error
    if answer.status != HTTPStatus.OK or not isinstance(read, dict):
        raise HubAwayError(f"The hub answered with status {answer.status}.")
    return read
