"""What tests of the registry's client share."""

import ssl
from collections.abc import Callable, Iterator

import pytest
from pydantic import SecretStr

from sessions_api.registry.client import Platform, Registry
from sessions_api.registry.fetch import Fetcher, FetchRules
from sessions_api.registry.logins import RegistryLogin
from sessions_api.registry.references import parse
from tests.registry_server import RegistryServer

HERE = FetchRules(private=("127.0.0.1",), insecure=("127.0.0.1",))
AMD64 = Platform("linux", "amd64")
ANN = RegistryLogin("ann", SecretStr("t0ken"))

Open = Callable[..., Registry]


@pytest.fixture
def server() -> Iterator[RegistryServer]:
    with RegistryServer() as server:
        yield server


@pytest.fixture
def other() -> Iterator[RegistryServer]:
    with RegistryServer() as server:
        yield server


@pytest.fixture
def fetcher() -> Fetcher:
    return Fetcher(HERE, tls=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))


@pytest.fixture
def registry(server: RegistryServer, fetcher: Fetcher) -> Open:
    """Opens the registry of an image on `server`, by tag or digest."""

    def open_it(
        version: str = "1",
        login: RegistryLogin | None = None,
        *,
        repository: str = "a/b",
        seconds: float = 60.0,
    ) -> Registry:
        return Registry(fetcher, parse(server.reference(repository, version)), login, seconds=seconds)

    return open_it
