"""Every way we know of to have the service knock where it must not: nobody arrives at the canary.

The canary listens on 127.0.0.1 and [::1]; 127.0.0.2 plays the internet, its server the attacker's.
"""

import ssl
from collections.abc import Iterator

import pytest

from sessions_api.registry.fetch import Fetcher, FetchError, FetchRules
from tests.registry.network import Canary, Names, Said, Server

INSIDE = {
    "inside.example": ["127.0.0.1"],
    "inside6.example": ["::1"],
    "mapped.example": ["::ffff:127.0.0.1"],
    "nat64.example": ["64:ff9b::7f00:1"],
    "six-to-four.example": ["2002:7f00:1::"],
    "teredo.example": ["2001:0:7f00:1::1"],
    "any.example": ["0.0.0.0"],  # noqa: S104
    "any6.example": ["::"],
    "local.example": ["fe80::1%lo"],
    "metadata.example": ["169.254.169.254"],
    "cluster.example": ["10.96.0.1"],
    "first-outside.example": ["127.0.0.2", "127.0.0.1"],
    "first-inside.example": ["::1", "127.0.0.2"],
    "nothing.example": [],
    "localhost": ["127.0.0.1", "::1"],
    "localhost.localdomain": ["127.0.0.1"],
    "ip6-localhost": ["::1"],
    "127.0.0.1.nip.example": ["127.0.0.1"],
    "xn--inside-9q4c.example": ["127.0.0.1"],
}

PLACES = [
    # Forms of an address
    *("127.0.0.1:{port}", "127.0.0.1.:{port}", "127.1:{port}", "127.0.1:{port}", "127.255.255.254:{port}"),
    *("2130706433:{port}", "0x7f000001:{port}", "0X7F.0.0.1:{port}", "0x7f.1:{port}", "017700000001:{port}"),
    *("0177.0.0.1:{port}", "0177.0.0.01:{port}", "127.0.0.0x1:{port}", "0:{port}", "0.0.0.0:{port}"),
    *("127.0.0.001:{port}", "383.0.0.1:{port}", "4294967295:{port}", "1e8:{port}", "127.0.0.1%00:{port}"),
    *("[::1]:{port}", "[0:0:0:0:0:0:0:1]:{port}", "[::0001]:{port}", "[::]:{port}", "::1:{port}"),
    *("[::ffff:127.0.0.1]:{port}", "[::ffff:7f00:1]:{port}", "[::127.0.0.1]:{port}"),
    *("[64:ff9b::127.0.0.1]:{port}", "[64:ff9b:1::7f00:1]:{port}", "[2002:7f00:1::]:{port}"),
    *("[2001:0:7f00:1::1]:{port}", "[fe80::1%25lo]:{port}", "[fe80::1%lo]:{port}", "[::1%25lo]:{port}"),
    *("[fec0::1]:{port}", "[ff02::1]:{port}", "[::1]x:{port}", "[[::1]]:{port}", "[127.0.0.1]:{port}"),
    *("169.254.169.254", "10.0.0.1", "172.16.0.1", "192.168.0.1", "100.64.0.1", "224.0.0.1"),
    # Names
    *("localhost:{port}", "LOCALHOST:{port}", "localhost.:{port}", "localhost.localdomain:{port}"),
    *("ip6-localhost:{port}", "127.0.0.1.nip.example:{port}", "nothing.example:{port}"),
    *("inside.example:{port}", "inside6.example:{port}", "mapped.example:{port}", "nat64.example:{port}"),
    *("six-to-four.example:{port}", "teredo.example:{port}", "any.example:{port}", "any6.example:{port}"),
    *("local.example:{port}", "metadata.example", "cluster.example:443", "first-outside.example:{port}"),
    *("first-inside.example:{port}", "xn--inside-9q4c.example:{port}", "inside%2Eexample:{port}"),
    *("inside\u3002example:{port}", "\u2113ocalhost:{port}", "loc\u00adalhost:{port}", "ⓛocalhost:{port}"),
    *("１２７.0.0.1:{port}", "127。0。0。1:{port}", "inside.example\u200b:{port}", "-inside.example:{port}"),
    # Other words for where
    *("user@127.0.0.1:{port}", "user:word@127.0.0.1:{port}", "outside.example@127.0.0.1:{port}"),
    *("127.0.0.1:{port}@outside.example", "outside.example:443@inside.example:{port}", "@127.0.0.1:{port}"),
    *("outside.example\\@127.0.0.1:{port}", "127.0.0.1:{port}\\@outside.example", "\\127.0.0.1:{port}"),
    *("127.0.0.1:{port}#@outside.example", "127.0.0.1:{port}?@outside.example", "/127.0.0.1:{port}"),
    *("127.0.0.1\t:{port}", "127.0.0.1 :{port}", " 127.0.0.1:{port}", "127.0.0.1:{port}\r\nHost: a"),
    *("outside.example\r\n@127.0.0.1:{port}", "127.0.0.1\x00.outside.example:{port}", "127.0.0.1::{port}"),
    *("127.0.0.1:+{port}", "127.0.0.1:0{port}", "127.0.0.1:{port}.", "127.0.0.1:65536", "127.0.0.1:-1", ""),
]
SCHEMES = [
    *(
        "file:///etc/passwd",
        "file://127.0.0.1:{port}/",
        "gopher://127.0.0.1:{port}/_GET",
        "FTP://127.0.0.1:{port}",
    ),
    *("data:text/plain,x", "dict://127.0.0.1:{port}/", "ws://127.0.0.1:{port}/", "unix:///run/x.sock"),
    *(
        "javascript:x",
        "//127.0.0.1:{port}/",
        "127.0.0.1:{port}/",
        "http:127.0.0.1:{port}",
        "https:/127.0.0.1:{port}/",
    ),
    *("http+unix://127.0.0.1:{port}/", "hTTp://127.0.0.1:{port}/", "\x01http://127.0.0.1:{port}/", "", "/x"),
]
TRUSTING_NOBODY = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
ATTEMPTS = [f"{scheme}://{place}/v2/" for place in PLACES for scheme in ("https", "http")] + SCHEMES


@pytest.fixture(scope="module")
def canary() -> Iterator[Canary]:
    with Canary() as canary:
        yield canary


@pytest.fixture
def unreached(canary: Canary) -> Iterator[Canary]:
    """The canary, at which nobody arrives during the test."""
    before = canary.connections, canary.requests
    yield canary
    assert (canary.connections, canary.requests) == before


@pytest.fixture(scope="module")
def outside() -> Iterator[Server]:
    with Server("127.0.0.2") as server:
        yield server


def _fetcher(outside: Server, names: Names | None = None) -> Fetcher:
    """Every host may be asked over http, so that only its address can stop a request."""
    rules = FetchRules(private=(outside.host,), insecure=("*",))
    return Fetcher(rules, resolve=names or Names(INSIDE), tls=TRUSTING_NOBODY)


async def _refused(fetcher: Fetcher, url: str) -> FetchError:
    with pytest.raises(FetchError) as refused:
        async with fetcher.open("GET", url, most_bytes=1000, seconds=5):
            pass
    return refused.value


def _tells_nothing(error: FetchError, place: str) -> bool:
    return error.sentence == (
        f"{place} cannot be reached from here; check its name, or ask an administrator whether Sojourn may "
        "talk to it."
    )


@pytest.mark.parametrize("attempt", ATTEMPTS)
async def test_a_typed_url_does_not_lead_inside(attempt: str, unreached: Canary, outside: Server) -> None:
    refused = await _refused(_fetcher(outside), attempt.replace("{port}", str(unreached.port)))

    assert refused.code in {"address_refused", "unreachable"}
    assert " cannot be reached from here; " in refused.sentence


@pytest.mark.parametrize(
    "attempt", [*ATTEMPTS, "//{place}/x", "\\\\{place}\\x", "/\\{place}/x", "///{place}/x"]
)
@pytest.mark.parametrize("status", [301, 307])
async def test_a_redirect_does_not_lead_inside(
    attempt: str, status: int, unreached: Canary, outside: Server
) -> None:
    inside = attempt.replace("{place}", "127.0.0.1:{port}").replace("{port}", str(unreached.port))
    raw = f"HTTP/1.1 {status} Found\r\nLocation: {inside}\r\nContent-Length: 0\r\n\r\n"
    outside.says["/v2/"] = Said(raw=raw.encode("utf-8", "surrogateescape"))
    fetcher = _fetcher(outside)

    try:
        async with fetcher.open("GET", outside.url("/v2/"), most_bytes=1000, seconds=5) as answer:
            assert answer.url.startswith(outside.url("/"))
            assert answer.status == 404
    except FetchError as refused:
        assert refused.code in {"address_refused", "unreachable", "bad_answer"}  # noqa: PT017 - either will do


@pytest.mark.parametrize("attempt", ATTEMPTS)
async def test_a_realm_inside_is_refused_or_not_reached(
    attempt: str, unreached: Canary, outside: Server
) -> None:
    realm = attempt.replace("{port}", str(unreached.port))
    fetcher = _fetcher(outside)

    try:
        fetcher.check_url(realm)
    except FetchError as refused:
        assert refused.code == "address_refused"  # noqa: PT017 - names are refused when they are opened
    else:
        await _refused(fetcher, realm)


@pytest.mark.parametrize("hops", [1, 4, 5])
async def test_a_chain_of_redirects_does_not_lead_inside(
    hops: int, unreached: Canary, outside: Server
) -> None:
    for hop in range(hops):
        outside.send_on(f"/{hop}", f"/{hop + 1}")
    outside.send_on(f"/{hops}", f"http://127.0.0.1:{unreached.port}/v2/")

    refused = await _refused(_fetcher(outside), outside.url("/0"))

    assert refused.code == ("address_refused" if hops < 5 else "too_many_redirects")


async def test_a_name_that_changes_its_mind_is_asked_once(unreached: Canary, outside: Server) -> None:
    """DNS says outside when asked first, inside when asked again: it is not asked again."""
    names = Names({"rebinding.example": ["127.0.0.2"]}, then={"rebinding.example": ["127.0.0.1"]})
    outside.says["/v2/"] = Said(body=b"outside")
    url = f"http://rebinding.example:{outside.server_port}/v2/"
    fetcher = _fetcher(outside, names)

    async with fetcher.open("GET", url, most_bytes=1000, seconds=5) as answer:
        body = await answer.read()

    assert body == b"outside"
    assert names.asked == ["rebinding.example"]


async def test_a_name_that_has_moved_inside_is_checked_again(unreached: Canary, outside: Server) -> None:
    names = Names({"rebinding.example": ["127.0.0.2"]}, then={"rebinding.example": ["127.0.0.1"]})
    outside.send_on("/v2/", f"http://rebinding.example:{unreached.port}/")
    url = f"http://rebinding.example:{outside.server_port}/v2/"

    refused = await _refused(_fetcher(outside, names), url)

    assert refused.code == "address_refused"
    assert names.asked == ["rebinding.example", "rebinding.example"]


async def test_another_port_of_an_allowed_address_is_not_allowed(unreached: Canary, outside: Server) -> None:
    with Server("127.0.0.2") as other:
        refused = await _refused(_fetcher(outside), other.url())

        assert refused.code == "address_refused"
        assert other.connections == 0


async def test_https_is_not_left_for_a_host_that_is_not_listed(unreached: Canary, outside: Server) -> None:
    fetcher = Fetcher(FetchRules(private=("*",), insecure=(outside.host,)))
    outside.send_on("/v2/", f"http://127.0.0.1:{unreached.port}/")

    refused = await _refused(fetcher, outside.url("/v2/"))

    assert (refused.code, "127.0.0.1" in refused.sentence) == ("insecure", False)


async def test_refused_and_unreachable_read_the_same(unreached: Canary, outside: Server) -> None:
    fetcher = Fetcher(FetchRules(private=("127.0.0.3",), insecure=("*",)), resolve=Names(INSIDE))
    port = unreached.port

    refused = await _refused(fetcher, f"http://inside.example:{port}/")
    unknown = await _refused(fetcher, f"http://unknown.example:{port}/")
    closed = await _refused(fetcher, f"http://127.0.0.3:{port}/")

    assert [error.code for error in (refused, unknown, closed)] == [
        "address_refused",
        "unreachable",
        "unreachable",
    ]
    assert _tells_nothing(refused, f"inside.example:{port}")
    assert _tells_nothing(unknown, f"unknown.example:{port}")
    assert _tells_nothing(closed, f"127.0.0.3:{port}")


async def test_the_variables_of_a_proxy_are_not_looked_at(
    unreached: Canary, outside: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{unreached.port}")
    outside.says["/v2/"] = Said(body=b"outside")

    async with _fetcher(outside).open("GET", outside.url("/v2/"), most_bytes=9, seconds=5) as answer:
        assert await answer.read() == b"outside"


async def test_the_canary_hears_who_comes(canary: Canary) -> None:
    """What the other tests rest on."""
    before = canary.connections
    host = f"127.0.0.1:{canary.port}"
    fetcher = Fetcher(FetchRules(private=(host, f"[::1]:{canary.port}"), insecure=("*",)))

    for place in (host, f"[::1]:{canary.port}"):
        async with fetcher.open("GET", f"http://{place}/", most_bytes=9, seconds=5) as answer:
            assert answer.status == 404

    assert canary.connections == before + 2
