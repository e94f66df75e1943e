"""A hub of Zero to JupyterHub that is given Sojourn's values file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.spawner.hub import Hub
from tests.spawner.stand_in_api import StandInApi

pytestmark = pytest.mark.slow

SERVICE_TOKEN = "token-of-the-sojourn-service"


class Z2jhHub(Hub):
    config_file = Path(__file__).with_name("z2jh_hub_config.py")


@pytest.fixture
def api() -> Iterator[StandInApi]:
    with StandInApi() as running:
        yield running


@pytest.fixture
def hub(api: StandInApi, tmp_path: Path) -> Iterator[Z2jhHub]:
    hub = Z2jhHub(tmp_path, api, tmp_path)
    hub._environment["SOJOURN_HUB_TOKEN"] = SERVICE_TOKEN
    try:
        hub.start()
        yield hub
    finally:
        hub.close()


def asking(hub: Z2jhHub, token: str) -> httpx.Client:
    headers = {"Authorization": f"token {token}"}
    return httpx.Client(base_url=hub.http.base_url, headers=headers, trust_env=False, timeout=20)


def test_only_sojourn_starts_servers(hub: Z2jhHub) -> None:
    with asking(hub, SERVICE_TOKEN) as service:
        assert service.post("/users/ann").status_code == 201
        token = service.post("/users/ann/tokens", json={}).json()["token"]
        info = service.get("/info").json()

    with asking(hub, token) as ann:
        assert ann.get("/user").json()["name"] == "ann"
        assert ann.post("/users/ann/servers/mine", json={"run": "x"}).status_code == 403
    assert info["spawner"]["class"] == "spawner.kubernetes.spawner.KubeSessionSpawner"


def test_what_the_installation_had_goes_on(hub: Z2jhHub) -> None:
    with asking(hub, "token-of-the-dashboard") as dashboard:
        assert dashboard.get("/users").status_code == 200
        assert dashboard.post("/users/ann").status_code == 403
