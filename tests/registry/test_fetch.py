"""What a request brings, and what stops it; `test_ssrf.py` shows where none arrives."""

import asyncio
import socket
import ssl
from collections.abc import Iterator, Mapping

import pytest

from sessions_api.registry.fetch import CONCURRENT, Fetcher, FetchError, FetchRules
from tests.registry.network import Names, Said, Server

NOBODY_TRUSTED = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
HERE = FetchRules(private=("http://127.0.0.1",))
LONG = 60.0


@pytest.fixture
def server() -> Iterator[Server]:
    with Server("127.0.0.1") as server:
        yield server


@pytest.fixture
def other() -> Iterator[Server]:
    with Server("127.0.0.1") as server:
        yield server


@pytest.fixture
def fetcher() -> Fetcher:
    return Fetcher(HERE, tls=NOBODY_TRUSTED)


async def _body(
    fetcher: Fetcher,
    url: str,
    *,
    method: str = "GET",
    headers: Mapping[str, str] | None = None,
    most_bytes: int = 1000,
    seconds: float = LONG,
) -> bytes:
    async with fetcher.open(
        method, url, headers=headers or {}, most_bytes=most_bytes, seconds=seconds
    ) as answer:
        return await answer.read()


async def _failure(
    fetcher: Fetcher, url: str, *, most_bytes: int = 1000, seconds: float = LONG
) -> FetchError:
    with pytest.raises(FetchError) as failed:
        await _body(fetcher, url, most_bytes=most_bytes, seconds=seconds)
    return failed.value


async def test_an_answer_has_status_headers_and_body(fetcher: Fetcher, server: Server) -> None:
    server.says["/v2/?a=b"] = Said(418, {"Docker-Content-Digest": "sha256:1"}, b"body")

    async with fetcher.open("GET", server.url("/v2/?a=b#c"), most_bytes=4, seconds=LONG) as answer:
        body = await answer.read()

    assert (answer.status, answer.headers["docker-content-DIGEST"], body) == (418, "sha256:1", b"body")
    assert answer.url == server.url("/v2/?a=b")


async def test_what_is_sent_names_the_host_and_asks_for_nothing_compressed(
    fetcher: Fetcher, server: Server
) -> None:
    await _body(fetcher, server.url("/v2/"), headers={"Accept": "application/json", "HOST": "evil.example"})

    [asked] = server.asked
    assert (asked.method, asked.path) == ("GET", "/v2/")
    assert asked.headers == {
        "host": server.host,
        "user-agent": "sojourn",
        "accept": "application/json",
        "accept-encoding": "identity",
        "connection": "close",
    }


async def test_a_body_is_handed_over_as_it_was_sent(fetcher: Fetcher, server: Server) -> None:
    server.says["/"] = Said(200, {"Content-Encoding": "gzip"}, b"not gzip at all")

    assert await _body(fetcher, server.url()) == b"not gzip at all"


async def test_a_head_request_has_headers_only(fetcher: Fetcher, server: Server) -> None:
    server.says["/"] = Said(200, {"Content-Length": "123456789"}, b"")

    async with fetcher.open("HEAD", server.url(), most_bytes=0, seconds=LONG) as answer:
        assert (answer.headers["Content-Length"], await answer.read()) == ("123456789", b"")


async def test_a_long_body_arrives_in_pieces(fetcher: Fetcher, server: Server) -> None:
    server.says["/"] = Said(body=bytes(1_000_000))

    async with fetcher.open("GET", server.url(), most_bytes=1_000_000, seconds=LONG) as answer:
        sizes = [len(chunk) async for chunk in answer.chunks()]

    assert sum(sizes) == 1_000_000
    assert max(sizes) <= 65536


async def test_no_more_than_the_most_is_read(fetcher: Fetcher, server: Server) -> None:
    endless = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"400\r\n%b\r\n" % bytes(1024) * 100
    server.says["/"] = Said(raw=endless, held=True)

    failure = await _failure(fetcher, server.url(), most_bytes=2000)

    assert failure.code == "too_large"
    assert failure.sentence == (f"{server.host} sends more than 2000 bytes, which is the most that is read.")


@pytest.mark.parametrize(
    ("said", "code"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", "too_slow"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n", "too_slow"),
        (b"HTTP/1.1 200 OK\r\n", "unreachable"),
        (b"HTTP/1.1 103 Early Hints\r\n\r\n", "unreachable"),
        (b"", "unreachable"),
    ],
)
async def test_an_answer_that_never_ends_is_given_up(
    fetcher: Fetcher, server: Server, said: bytes, code: str
) -> None:
    server.says["/"] = Said(raw=said, held=True)

    failure = await _failure(fetcher, server.url(), seconds=2 if code == "too_slow" else 0.3)

    assert failure.code == code


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf",
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\nContent-Length: 8\r\n\r\n123456789",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nnot hexadecimal\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffffffff\r\n",
        b"HTTP/1.1 2000 OK\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"a" * 200_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: a\r\n" * 50_000 + b"\r\n",
    ],
)
async def test_what_is_no_answer_of_http_is_said_to_be_none(
    fetcher: Fetcher, server: Server, said: bytes
) -> None:
    server.says["/"] = Said(raw=said)

    failure = await _failure(fetcher, server.url())

    assert failure.code == "bad_answer"
    assert failure.sentence == (
        f"{server.host} does not answer as HTTP has it, or breaks off; check that it is a registry."
    )


@pytest.mark.parametrize("value", ["a\r\nHost: evil.example", "a\x00", "a\n", " \ud800\r"])
async def test_a_header_cannot_bring_another_along(fetcher: Fetcher, server: Server, value: str) -> None:
    """A token that a token server made up may stand in one."""
    with pytest.raises(FetchError, match="does not answer as HTTP has it"):
        await _body(fetcher, server.url(), headers={"Authorization": f"Bearer {value}"})

    assert server.asked == []


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_redirects_are_followed(fetcher: Fetcher, server: Server, status: int, method: str) -> None:
    server.send_on("/a/b", "../c?d#e", status)
    server.says["/c?d"] = Said(body=b"here")

    async with fetcher.open(method, server.url("/a/b"), most_bytes=9, seconds=LONG) as answer:
        assert (answer.status, answer.url) == (200, server.url("/c?d"))
        assert await answer.read() == (b"here" if method == "GET" else b"")

    assert [asked.method for asked in server.asked] == [method, method]


async def test_what_is_not_get_or_head_is_not_sent_on(fetcher: Fetcher, server: Server) -> None:
    server.send_on("/", "/elsewhere", 307)

    async with fetcher.open("POST", server.url(), most_bytes=9, seconds=LONG) as answer:
        assert (answer.status, answer.headers["location"]) == (307, "/elsewhere")

    assert [asked.path for asked in server.asked] == ["/"]


@pytest.mark.parametrize("status", [300, 304])
async def test_other_answers_of_the_kind_are_answers(fetcher: Fetcher, server: Server, status: int) -> None:
    server.says["/"] = Said(status, {"Location": "/elsewhere"})

    async with fetcher.open("GET", server.url(), most_bytes=9, seconds=LONG) as answer:
        assert answer.status == status


async def test_five_redirects_are_the_most(fetcher: Fetcher, server: Server) -> None:
    for hop in range(6):
        server.send_on(f"/{hop}", f"/{hop + 1}")
    server.says["/6"] = Said(body=b"here")

    assert await _body(fetcher, server.url("/1")) == b"here"
    failure = await _failure(fetcher, server.url("/0"))

    assert failure.code == "too_many_redirects"
    assert failure.sentence == f"{server.host} sends on more than 5 times; check the address."


async def test_a_loop_ends(fetcher: Fetcher, server: Server) -> None:
    server.send_on("/", "/")

    assert (await _failure(fetcher, server.url())).code == "too_many_redirects"
    assert len(server.asked) == 6


async def test_credentials_stay_with_their_host(fetcher: Fetcher, server: Server, other: Server) -> None:
    server.send_on("/", "/again")
    server.send_on("/again", other.url("/blob"))
    other.send_on("/blob", server.url("/back"))
    server.says["/back"] = Said(body=b"here")
    headers = {"AUTHORIZATION": "Bearer t0ken", "Cookie": "a=b", "Range": "bytes=0-1"}

    await _body(fetcher, server.url(), headers=headers)

    seen = [
        (asked.headers.get("authorization"), asked.headers.get("cookie"), asked.headers["range"])
        for asked in (*server.asked[:2], *other.asked, *server.asked[2:])
    ]
    kept, dropped = ("Bearer t0ken", "a=b", "bytes=0-1"), (None, None, "bytes=0-1")
    assert seen == [kept, kept, dropped, dropped]


async def test_the_name_is_asked_for_at_the_address_that_was_looked_up(server: Server) -> None:
    names = Names({"registry.example": ["127.0.0.1"]})
    rules = FetchRules(private=("registry.example",), insecure=("registry.example",))
    server.says["/v2/"] = Said(body=b"here")
    place = f"Registry.Example:{server.server_port}"

    body = await _body(Fetcher(rules, resolve=names, tls=NOBODY_TRUSTED), f"http://{place}/v2/")

    assert body == b"here"
    assert server.asked[0].headers["host"] == place.lower()
    assert names.asked == ["registry.example"]


async def test_the_next_address_is_tried_when_one_does_not_answer(server: Server) -> None:
    names = Names({"registry.example": ["::1", "127.0.0.9", "127.0.0.1"]})
    rules = FetchRules(private=("http://registry.example",))
    server.says["/"] = Said(body=b"here")
    fetcher = Fetcher(rules, resolve=names, tls=NOBODY_TRUSTED)

    assert await _body(fetcher, f"http://registry.example:{server.server_port}/") == b"here"


async def test_http_is_for_listed_hosts_only(server: Server, other: Server) -> None:
    fetcher = Fetcher(FetchRules(private=("127.0.0.1",), insecure=(server.host,)), tls=NOBODY_TRUSTED)

    assert await _body(fetcher, server.url()) == b""
    failure = await _failure(fetcher, other.url())

    assert failure.code == "insecure"
    assert failure.sentence == (
        f"{other.host} leads to an address without https; an administrator can list hosts that may be asked "
        "over http."
    )
    assert other.connections == 0


@pytest.mark.parametrize(
    ("host", "scheme"),
    [
        ("localhost", "http"),
        ("localhost:5000", "http"),
        ("registry.internal:5000", "http"),
        ("Registry.Internal:5000", "http"),
        ("registry.internal:5001", "https"),
        ("registry.internal", "https"),
        ("[::1]:5000", "http"),
        ("10.1.2.3:5000", "http"),
        ("listed.internal", "http"),
        ("private.internal", "https"),
        ("registry-1.docker.io", "https"),
        ("not a host", "https"),
        ("a/b", "https"),
        ("", "https"),
    ],
)
def test_the_rules_say_how_a_host_is_asked(host: str, scheme: str) -> None:
    rules = FetchRules(
        private=("private.internal", "http://listed.internal"),
        insecure=("localhost", "http://registry.internal:5000", "::1", "10.0.0.0/8"),
    )

    assert Fetcher(rules, tls=NOBODY_TRUSTED).scheme_of(host) == scheme


def test_a_rule_that_is_none_is_named() -> None:
    with pytest.raises(ValueError, match="registry internal is neither a host"):
        Fetcher(FetchRules(private=("registry internal",)), tls=NOBODY_TRUSTED)


@pytest.mark.parametrize(
    "url", ["https://ghcr.io/token?a=b", "https://[2606:2800::1]/", "http://127.0.0.1:1/"]
)
def test_an_address_that_may_be_asked_passes(fetcher: Fetcher, url: str) -> None:
    fetcher.check_url(url)


async def test_a_host_that_goes_nowhere_is_given_up_like_one_that_is_not_there(fetcher: Fetcher) -> None:
    """A listening socket whose queue is full answers nothing at all."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as silent:
        address = silent.getsockname()
        with socket.create_connection(address):
            host = f"127.0.0.1:{address[1]}"
            slow = await _failure(fetcher, f"http://{host}/", seconds=0.3)
    gone = await _failure(fetcher, f"http://{host}/")

    assert slow.code == gone.code == "unreachable"
    assert slow.sentence == gone.sentence


async def test_requests_at_once_are_bounded_and_wait_within_their_time(
    fetcher: Fetcher, server: Server
) -> None:
    server.says["/"] = Said(raw=b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", held=True)
    running = [asyncio.create_task(_body(fetcher, server.url())) for _ in range(CONCURRENT)]
    await asyncio.to_thread(server.wait_for, CONCURRENT)

    failure = await _failure(fetcher, server.url("/other"), seconds=0.3)
    for task in running:
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)

    assert failure.code == "too_slow"
    assert server.connections == CONCURRENT
    assert await _body(fetcher, server.url("/other")) == b""


async def test_who_stops_reading_leaves_nothing_open(fetcher: Fetcher, server: Server) -> None:
    server.says["/"] = Said(body=bytes(10_000_000))

    for _ in range(CONCURRENT + 1):
        async with fetcher.open("GET", server.url(), most_bytes=10_000_000, seconds=LONG) as answer:
            async for _chunk in answer.chunks():
                break

    assert len(server.asked) == CONCURRENT + 1
