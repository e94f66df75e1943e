"""A hub with as many servers as a benchmark wants, which pages its lists as JupyterHub does."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.pages.hub import StandInHub

PAGE = 200


class CrowdedHub(StandInHub):
    """A hub that knows servers from the beginning.

    Attributes:
        asked: requests for a page of its list.
    """

    def __init__(self) -> None:
        super().__init__()
        self.asked = 0
        self._people: list[dict[str, Any]] = []

    def crowd(self, live: dict[tuple[str, str], str]) -> None:
        """Makes servers run: runs by person and server."""
        people: dict[str, dict[str, Any]] = {}
        for (person, server), run in live.items():
            model = {"name": server, "ready": True, "pending": None, "user_options": {"run": run}}
            people.setdefault(person, {})[server] = model
        self._people = [{"name": person, "servers": servers} for person, servers in people.items()]

    def answer(self, method: str, path: str, body: dict[str, Any], token: str = "") -> tuple[int, Any]:
        """As `StandInHub`, but for the list of active servers (`GET /users?offset=…`)."""
        target = urlsplit(path)
        if method != "GET" or target.path != "/hub/api/users":
            return super().answer(method, path, body, token)
        self.asked += 1
        offset = int(parse_qs(target.query).get("offset", ["0"])[0])
        following = offset + PAGE
        more = {"next": {"offset": following}} if following < len(self._people) else {}
        return 200, {"items": self._people[offset:following], "_pagination": more}
