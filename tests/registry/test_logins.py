"""Who is let in by a registry, and who gets to see a login."""

import base64

import pytest
from pydantic import SecretStr

from sessions_api.registry.client import Registry, RegistryError
from sessions_api.registry.logins import RegistryLogin
from tests.registry.conftest import AMD64, ANN, Open
from tests.registry.network import Said, Server
from tests.registry_images import Way
from tests.registry_server import RegistryServer

OTHER = RegistryLogin("ann", SecretStr("wr0ng"))
ANNS = "ann:t0ken"


async def _refused(registry: Registry) -> RegistryError:
    with pytest.raises(RegistryError) as refused:
        await registry.resolve([AMD64])
    return refused.value


def _logins(server: RegistryServer) -> list[tuple[str, str]]:
    """Paths at which a login arrived, and the logins."""
    sent = [(asked.path.partition("?")[0], asked.headers.get("authorization", "")) for asked in server.asked]
    return [
        (path, base64.b64decode(login.removeprefix("Basic ")).decode())
        for path, login in sent
        if login.startswith("Basic ")
    ]


async def test_a_public_image_comes_with_a_token_for_anybody(server: RegistryServer, registry: Open) -> None:
    digest = server.push("a/b", "1")
    server.protect("a/b")
    opened = registry()

    image = await opened.resolve([AMD64])
    again = await opened.head()

    assert image.digest == again.digest == digest
    assert server.count("GET", "/token") == 1


async def test_a_token_is_asked_for_pulling_this_repository(server: RegistryServer, registry: Open) -> None:
    server.push("a/b", "1")
    server.protect("a/b", login=ANNS)
    server.challenge = lambda name: (
        f'Negotiate, Bearer scope="repository:{name}:pull,push repository:secret/c:pull",'
        f'service="tests, \\"inc\\"", realm="{server.realm}?of=tests#there"'
    )

    await registry(login=ANN).head()

    [path] = [asked.path for asked in server.asked if asked.path.startswith("/token")]
    assert path == ("/token?of=tests&service=tests%2C+%22inc%22&scope=repository%3Aa%2Fb%3Apull&account=ann")


@pytest.mark.parametrize("way", ["bearer", "basic"])
async def test_a_login_opens_a_private_repository(server: RegistryServer, registry: Open, way: Way) -> None:
    digest = server.push("a/b", "1")
    server.protect("a/b", way, login=ANNS)

    assert (await registry(login=ANN).resolve([AMD64])).digest == digest


@pytest.mark.parametrize("way", ["bearer", "basic"])
async def test_without_a_login_a_private_repository_says_so(
    server: RegistryServer, registry: Open, way: Way
) -> None:
    server.push("a/b", "1")
    server.protect("a/b", way, login=ANNS)

    refused = await _refused(registry())

    assert refused.reason.code == "image_login_required"
    assert refused.reason.sentence == (f"The registry {server.host} does not hand out a/b:1 without a login.")


@pytest.mark.parametrize("way", ["bearer", "basic"])
async def test_a_wrong_password_is_refused_and_not_repeated(
    server: RegistryServer, registry: Open, way: Way
) -> None:
    server.push("a/b", "1")
    server.protect("a/b", way, login=ANNS)

    refused = await _refused(registry(login=OTHER))

    assert refused.reason.code == "image_login_refused"
    assert refused.reason.sentence == f"The registry {server.host} does not hand out a/b:1 to ann."
    assert "wr0ng" not in f"{refused!r} {refused.reason!r} {refused.__cause__!r}"
    assert len(_logins(server)) == 1


async def test_a_login_that_may_not_read_the_repository_is_refused(
    server: RegistryServer, registry: Open
) -> None:
    server.push("a/b", "1")
    server.protect("a/b", login=ANNS)
    server.challenge = lambda _: f'Bearer realm="{server.realm}",service="tests"'
    server.repository("a/b").login = "somebody:else"

    refused = await _refused(registry(login=ANN))

    assert refused.reason.code == "image_login_refused"


async def test_a_login_goes_to_the_token_server_and_not_to_the_registry(
    server: RegistryServer, other: RegistryServer, registry: Open
) -> None:
    server.push("a/b", "1")
    server.protect("a/b", login=ANNS)
    other.protect("a/b", login=ANNS)
    server.realm, server.tokens = f"{other.origin}/token", other.tokens

    await registry(login=ANN).head()

    assert _logins(server) == []
    assert _logins(other) == [("/token", ANNS)]


async def test_a_login_goes_nowhere_before_it_is_asked_for(server: RegistryServer, registry: Open) -> None:
    server.push("a/b", "1")

    await registry(login=ANN).resolve([AMD64])

    assert all("authorization" not in asked.headers for asked in server.asked)


@pytest.mark.parametrize("way", ["bearer", "basic"])
async def test_neither_login_nor_token_goes_to_where_layers_are_kept(
    server: RegistryServer, other: RegistryServer, registry: Open, way: Way
) -> None:
    server.push("a/b", "1")
    server.protect("a/b", way, login=ANNS)
    server.storage = other
    server.break_with("a/b", "redirect")

    await registry(login=ANN).resolve([AMD64])

    assert other.count("GET", "/blobs/") == 1
    assert all("authorization" not in asked.headers for asked in other.asked)


@pytest.mark.parametrize("way", ["bearer", "basic"])
async def test_a_host_that_the_registry_sends_on_to_cannot_ask_for_the_login(
    server: RegistryServer, other: RegistryServer, registry: Open, way: Way
) -> None:
    server.push("a/b", "1")
    other.push("a/b", "1")
    other.protect("a/b", way, login=ANNS)
    server.storage = other
    server.break_with("a/b", "sent_on")

    refused = await _refused(registry(login=ANN))

    assert refused.reason.code == "registry_broken"
    assert "sends on to an address that answers with status 401" in refused.reason.sentence
    assert _logins(server) == _logins(other) == []


@pytest.mark.parametrize("expires_in", [None, 1, 300])
async def test_a_token_is_used_for_its_life(
    server: RegistryServer, registry: Open, expires_in: int | None
) -> None:
    server.push("a/b", "1")
    server.protect("a/b", login=ANNS)
    server.expires_in = expires_in
    opened = registry(login=ANN)

    await opened.head()
    await opened.resolve([AMD64])

    assert server.count("GET", "/token") == 1


async def test_a_token_that_ends_early_is_renewed(server: RegistryServer, registry: Open) -> None:
    digest = server.push("a/b", "1")
    server.protect("a/b", login=ANNS)
    opened = registry(login=ANN)
    await opened.head()
    server.tokens.clear()

    assert (await opened.resolve([AMD64])).digest == digest
    assert server.count("GET", "/token") == 2


@pytest.mark.parametrize(
    ("realm", "code"),
    [
        ("https://10.0.0.1/token", "registry_unreachable"),
        ("https://127.0.0.2:{port}/token", "registry_unreachable"),
        ("https://[::1]:{port}/token", "registry_unreachable"),
        ("https://ann:secret@127.0.0.1:{port}/token", "registry_unreachable"),
        ("file:///etc/passwd", "registry_unreachable"),
        ("/token", "registry_unreachable"),
        ("http://127.0.0.2:{port}/token", "registry_insecure"),
        ("http://8.8.8.8/token", "registry_insecure"),
    ],
)
async def test_a_token_server_must_be_where_requests_may_go(
    server: RegistryServer, registry: Open, realm: str, code: str
) -> None:
    server.push("a/b", "1")
    server.protect("a/b", login=ANNS)
    server.realm = realm.format(port=server.server_port)

    refused = await _refused(registry(login=ANN))

    assert refused.reason.code == code
    assert _logins(server) == []


@pytest.mark.parametrize(
    ("said", "code", "words"),
    [
        (Said(200, body=b"<html>Welcome</html>"), "registry_broken", "has no token"),
        (Said(200, body=b"{}"), "registry_broken", "has no token"),
        (Said(200, body=b'{"token": "a\\r\\nHost: evil.example"}'), "registry_broken", "has no token"),
        (Said(200, body=b'{"token": 5}'), "registry_broken", "has no token"),
        (Said(200, body=b'{"token": "a", "expires_in": "long"}'), "registry_broken", "has no token"),
        (Said(200, body=b" " * 100_000), "registry_broken", "has no token"),
        (Said(404), "registry_broken", "has no token"),
        (Said(403), "image_login_required", "without a login"),
        (Said(503), "registry_broken", "status 503"),
        (Said(429, {"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}), "registry_rate_limited", "later"),
        (Said(429, {"Retry-After": "soon"}), "registry_rate_limited", "later"),
        (Said(429, {"Retry-After": "9" * 5000}), "registry_rate_limited", "in 24 h"),
        (
            Said(429, {"Retry-After": "Wed, 21 Oct 99999999999 07:28:00 +99"}),
            "registry_rate_limited",
            "later",
        ),
    ],
)
async def test_a_token_server_that_gives_none_is_a_sentence(
    server: RegistryServer, registry: Open, *, said: Said, code: str, words: str
) -> None:
    server.push("a/b", "1")
    server.protect("a/b")
    with Server("127.0.0.1") as giver:
        server.realm = giver.url("/token")
        giver.says["/token?service=tests&scope=repository%3Aa%2Fb%3Apull"] = said

        refused = await _refused(registry())

    assert refused.reason.code == code
    assert words in refused.reason.sentence


@pytest.mark.parametrize("challenge", ["", "Negotiate", 'Digest realm="x"', "\\", '"', "Bearer"])
async def test_a_way_in_that_nobody_knows_is_said(
    server: RegistryServer, registry: Open, challenge: str
) -> None:
    server.push("a/b", "1")
    server.protect("a/b", login=ANNS)
    server.challenge = lambda _: challenge

    refused = await _refused(registry(login=ANN))

    assert refused.reason.code == "registry_broken"
    assert "wants a login of a kind that Sojourn does not know" in refused.reason.sentence


async def test_of_several_ways_in_a_token_is_preferred(server: RegistryServer, registry: Open) -> None:
    server.push("a/b", "1")
    server.protect("a/b", login=ANNS)
    server.challenge = lambda _: f'Basic realm="x, y", BEARER realm="{server.realm}", service=tests'

    await registry(login=ANN).head()

    assert _logins(server) == [("/token", ANNS)]
