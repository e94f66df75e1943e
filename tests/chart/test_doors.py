"""The API with a port of its own for what is internal."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.laptop.stack import free_port
from tests.served import until


@pytest.fixture(scope="module")
def doors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """The addresses of a running API: everybody's and the internal one."""
    folder = tmp_path_factory.mktemp("api")
    public, internal = free_port(), free_port()
    variables = {
        "SOJOURN_DATABASE_URL": f"sqlite+aiosqlite:///{folder / 'sojourn.db'}",
        "SOJOURN_PUBLIC_URL": f"http://127.0.0.1:{public}",
        "SOJOURN_PORT": str(public),
        "SOJOURN_INTERNAL_PORT": str(internal),
        "SOJOURN_HUB_API_URL": "http://127.0.0.1:9/hub/api",
        "SOJOURN_HUB_TOKEN": "token-of-the-api",
        "SOJOURN_SPAWNER_TOKEN": "token-of-the-spawner",
        "SOJOURN_COOKIE_SECRET": "secret-of-the-cookie",
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "sessions_api"], env=os.environ | variables, stdout=log, stderr=log
        )
    addresses = f"http://127.0.0.1:{public}", f"http://127.0.0.1:{internal}"

    def answers() -> bool | None:
        assert process.poll() is None, (folder / "log").read_text()
        try:
            return httpx.get(f"{addresses[1]}/readyz", trust_env=False).is_success or None
        except httpx.TransportError:
            return None

    try:
        until(answers, "the API")
        yield addresses
    finally:
        process.terminate()
        process.wait(20)


@pytest.mark.parametrize(
    ("path", "public_status", "internal_status"),
    [
        ("/healthz", 200, 200),
        ("/readyz", 200, 200),
        ("/metrics", 404, 200),
        ("/internal/runs/x/launch-spec", 404, 401),
        ("/api/v1/openapi.json", 200, 404),
        ("/projects", 303, 404),
    ],
)
def test_each_door_leads_to_its_own(
    doors: tuple[str, str], path: str, public_status: int, internal_status: int
) -> None:
    found = [httpx.get(f"{door}{path}", trust_env=False).status_code for door in doors]

    assert found == [public_status, internal_status]
