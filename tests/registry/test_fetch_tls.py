"""Over https the name that was asked for is verified, though the connection goes to an address."""

import socket
from pathlib import Path

import pytest

from sessions_api.registry.fetch import Fetcher, FetchError, FetchRules
from tests.registry.certificates import Authority
from tests.registry.network import Names, Said, Server

HERE = FetchRules(private=("127.0.0.1",))


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.fixture
def fetcher(authority: Authority) -> Fetcher:
    names = Names({"registry.example": ["127.0.0.1"], "other.example": ["127.0.0.1"]})
    return Fetcher(HERE, resolve=names, tls=authority.trusting())


async def _body(fetcher: Fetcher, url: str) -> bytes:
    async with fetcher.open("GET", url, most_bytes=1000, seconds=60) as answer:
        return await answer.read()


async def _failure(fetcher: Fetcher, url: str) -> FetchError:
    with pytest.raises(FetchError) as failed:
        await _body(fetcher, url)
    return failed.value


async def test_a_certificate_for_the_name_is_trusted(authority: Authority, fetcher: Fetcher) -> None:
    with Server("127.0.0.1", tls=authority.serving("registry.example")) as server:
        server.says["/"] = Said(body=b"here")

        assert await _body(fetcher, f"https://registry.example:{server.server_port}/") == b"here"


@pytest.mark.parametrize("host", ["other.example", "127.0.0.1"])
async def test_a_certificate_for_another_name_is_not(
    authority: Authority, fetcher: Fetcher, host: str
) -> None:
    with Server("127.0.0.1", tls=authority.serving("registry.example")) as server:
        place = f"{host}:{server.server_port}"

        failure = await _failure(fetcher, f"https://{place}/")

    assert (failure.code, server.asked) == ("insecure", [])
    assert failure.sentence == (
        f"{place} has no https that can be trusted: its certificate is unknown here or for another name, or "
        "it speaks http; an administrator can allow either."
    )


async def test_an_authority_that_nobody_knows_is_not_trusted(authority: Authority) -> None:
    fetcher = Fetcher(HERE, resolve=Names({"registry.example": ["127.0.0.1"]}))
    with Server("127.0.0.1", tls=authority.serving("registry.example")) as server:
        failure = await _failure(fetcher, f"https://registry.example:{server.server_port}/")

    assert (failure.code, server.asked) == ("insecure", [])


async def test_a_redirect_to_another_name_of_the_same_address_is_verified_anew(
    authority: Authority, fetcher: Fetcher
) -> None:
    with Server("127.0.0.1", tls=authority.serving("registry.example")) as server:
        server.send_on("/", f"https://other.example:{server.server_port}/")

        failure = await _failure(fetcher, f"https://registry.example:{server.server_port}/")

    assert failure.code == "insecure"
    assert failure.sentence.startswith("registry.example:")
    assert len(server.asked) == 1


async def test_a_server_without_https_is_not_asked_without(fetcher: Fetcher) -> None:
    with Server("127.0.0.1") as server:
        failure = await _failure(fetcher, f"https://{server.host}/")

    assert (failure.code, server.asked) == ("insecure", [])


async def test_a_handshake_that_never_ends_leaves_nothing_open(fetcher: Fetcher) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"https://127.0.0.1:{silent.getsockname()[1]}/"
        with pytest.raises(FetchError) as failed:
            async with fetcher.open("GET", url, most_bytes=9, seconds=0.3):
                pass
        accepted, _ = silent.accept()
        with accepted:
            while accepted.recv(65536):
                """What TLS begins with, until they hang up."""

    assert failed.value.code == "unreachable"
