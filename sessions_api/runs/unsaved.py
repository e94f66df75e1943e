"""Asks a running session what of its repositories is neither committed nor pushed, and what it runs.

What answers is the session's own program, or whatever its owner put in its place: it gets a token that opens
nothing but itself, and what it says is read as what a stranger says. Programs behind the gate know nothing of
the question.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Annotated
from urllib.parse import quote, urlsplit

import httpx
from pydantic import BaseModel, Field, ValidationError

from sessions_api.hub.client import Hub, HubAwayError, HubRefusedError
from sessions_api.runs.tables import Run
from sessions_api.web import words
from spawner.spec import LaunchSpec

log = logging.getLogger(__name__)

SECONDS = 2.0
"""How long the person who asked for the page waits for it at most."""
_TOKEN_SECONDS = 60
_MOST_BYTES = 65_536


class Unsaved(BaseModel):
    """What would be lost of one repository."""

    folder: Annotated[str, Field(min_length=1, max_length=255)]
    uncommitted: Annotated[int, Field(ge=0)]
    unpushed: Annotated[int, Field(ge=0)]

    @property
    def sentence(self) -> str:
        """`tides: 2 uncommitted files and 1 unpushed commit`; empty: nothing would be lost."""
        parts = (
            words.count(self.uncommitted, "uncommitted file") if self.uncommitted else "",
            words.count(self.unpushed, "unpushed commit") if self.unpushed else "",
        )
        said = words.listed(tuple(filter(None, parts)))
        return f"{self.folder}: {said}" if said else ""


class Found(BaseModel):
    """What a session says of itself.

    Attributes:
        kernels, terminals: how many there are; None: it does not say.
    """

    repositories: Annotated[list[Unsaved], Field(max_length=100)]
    kernels: Annotated[int, Field(ge=0)] | None = None
    terminals: Annotated[int, Field(ge=0)] | None = None

    @property
    def sentences(self) -> tuple[str, ...]:
        """What is unsaved of each repository of which something is."""
        return tuple(filter(None, (each.sentence for each in self.repositories)))

    @property
    def in_memory(self) -> str:
        """`2 kernels and 1 terminal`; empty: there are none."""
        if self.kernels is None or self.terminals is None:
            return "Kernels and terminals"
        parts = (
            words.count(self.kernels, "kernel") if self.kernels else "",
            words.count(self.terminals, "terminal") if self.terminals else "",
        )
        return words.listed(tuple(filter(None, parts)))


async def ask(hub: Hub, sessions_url: str, run: Run, spec: LaunchSpec) -> Found | None:
    """What is unsaved in a running session, and what it has in memory; None: it could not be asked.

    `sessions_url` is the origin at which this service reaches sessions.
    """
    if spec.environment.gate is not None:
        return None
    host = urlsplit(run.url).netloc
    known = ",".join(repository.commit for repository in spec.repositories)
    try:
        async with asyncio.timeout(SECONDS), httpx.AsyncClient(trust_env=False) as http:
            token = await hub.visitor_token(run.person, run.server, seconds=_TOKEN_SECONDS)
            async with http.stream(
                "GET",
                f"{sessions_url}/user/{quote(run.person, safe='@~')}/{run.server}/sojourn/unsaved",
                params={"known": known},
                # The proxy tells sessions apart by their hosts, where they have their own.
                headers={"Authorization": f"token {token}"} | ({"Host": host} if host else {}),
            ) as answer:
                return Found.model_validate_json(await _body(answer))
    except (HubAwayError, HubRefusedError, httpx.HTTPError, TimeoutError, ValidationError) as error:
        log.info("run %s could not be asked what is unsaved: %s", run.id, type(error).__name__)
        return None


async def _body(answer: httpx.Response) -> bytes:
    answer.raise_for_status()
    body = b""
    async for piece in answer.aiter_bytes():
        body += piece
        if len(body) > _MOST_BYTES:
            raise httpx.DecodingError("too long")
    return body
