"""What the supervisor asks of the API, at its internal addresses."""

from __future__ import annotations

from collections.abc import Collection
from types import TracebackType
from typing import Self

import httpx

from sojourn.laptop.data import DataFolder, Secret, State


class InternalApi:
    """A client for the internal addresses; every call raises `httpx.HTTPError` without a good answer."""

    def __init__(self, data: DataFolder, state: State) -> None:
        self._http = httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{state.ports.api}/internal",
            headers={"Authorization": f"token {data.secret(Secret.SPAWNER_TOKEN)}"},
            timeout=10,
            trust_env=False,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.aclose()

    async def live(self, runs: Collection[str]) -> set[str]:
        """Which of these runs are live."""
        answer = await self._http.post("/runs/live", json={"runs": sorted(runs)})
        return set(answer.raise_for_status().json()["live"])

    async def pause_all(self) -> int:
        """Pauses every live run and says how many there are."""
        answer = await self._http.post("/pause-all")
        count: int = answer.raise_for_status().json()["runs"]
        return count
