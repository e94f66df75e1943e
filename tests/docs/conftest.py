from __future__ import annotations

import platform
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chart.helm import helm
from tests.git_server import GitServer
from tests.registry_server import RegistryServer
from tests.served import Served

__all__ = ["helm"]


@pytest.fixture(scope="session")
def documented(minimal_environment: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A running Sojourn in whose world http://git.example.org has the repositories of the pages."""
    folder = tmp_path_factory.mktemp("git")
    with GitServer(folder) as git:
        for name in ("tides", "stations", "gauges"):
            git.create(name, {"README.md": f"# {name}\n"})
        proxy = {"http_proxy": f"http://127.0.0.1:{git.server_port}"}
        with Served(tmp_path_factory.mktemp("documented"), variables=proxy) as sojourn:
            yield sojourn


@pytest.fixture(scope="session")
def registry() -> Iterator[RegistryServer]:
    """What the pages call registry.example.org, with an image for this computer."""
    here = {"x86_64": "linux/amd64", "aarch64": "linux/arm64"}[platform.machine()]
    with RegistryServer() as server:
        config = {"Entrypoint": ["serve"], "ExposedPorts": {"8501/tcp": {}}, "User": "1000"}
        server.push("hydrology/gauges", "2026.11", config=config, platform=here)
        yield server
