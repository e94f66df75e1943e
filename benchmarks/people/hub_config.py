"""A real JupyterHub whose servers are there at once: what a start costs is the hub's work, and ours."""
# ruff: noqa: ARG002 - the signatures are those of the mixin

from __future__ import annotations

import asyncio
import os
from pathlib import Path

from jupyterhub.spawner import Spawner
from traitlets.config import get_config

from spawner.launch import Ending, Launch
from spawner.mixin import Address, Session, SessionSpawnerMixin
from spawner.reporter import Reporter
from spawner.saved import SavedRun

load_subconfig(str(Path(__file__).parents[2] / "tests" / "spawner" / "hub_config.py"))  # type: ignore[name-defined]  # noqa: F821

_ANSWERS: Address = ("127.0.0.1", int(os.environ["BENCH_PORT"]))


class Instant(Spawner):
    """Stock JupyterHub's, of which only the program is missing."""

    async def start(self) -> Address:
        """Says where something answers."""
        return _ANSWERS

    async def poll(self) -> int | None:
        """It always runs."""
        return None

    async def stop(self, now: bool = False) -> None:  # noqa: FBT001, FBT002 - the hub's signature
        """Nothing runs."""


class InstantSession(SessionSpawnerMixin):
    """Sojourn's, of which only the program is missing."""

    async def bring_up(self, launch: Launch, session: Session) -> Address:
        """Says where something answers."""
        return _ANSWERS

    async def session_end(self, saved: SavedRun, reporter: Reporter) -> Ending:
        """It never ends by itself."""
        await asyncio.Event().wait()
        raise AssertionError

    async def session_status(self, saved: SavedRun) -> int | None:
        """It always runs."""
        return None

    async def end_session(self, saved: SavedRun) -> None:
        """Nothing runs."""


c = get_config()
c.JupyterHub.spawner_class = Instant if os.environ["BENCH_SPAWNER"] == "stock" else InstantSession
c.JupyterHub.concurrent_spawn_limit = 0
c.InstantSession.sojourn_url = os.environ["TEST_API_URL"]
c.InstantSession.sojourn_token = os.environ["SOJOURN_SPAWNER_TOKEN"]
