"""Requests that two programs could read differently, and clients that only cost memory."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator

import pytest

from spawner.gate import gate as gates
from spawner.gate.clients import ClientConnection
from spawner.gate.connections import MOST_HEAD_BYTES
from spawner.gate.settings import Settings
from tests.gate.sessions import Session


class Wire:
    """A connection to a gate, byte by byte."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._token = session.token("ann")
        self.socket = socket.create_connection(("127.0.0.1", session.port), timeout=30)
        self._stream = self.socket.makefile("rb")

    def head(self, method: str, path: str, *fields: str, version: str = "HTTP/1.1") -> bytes:
        """A head of somebody who may enter."""
        lines = (
            *(f"{method} {self._session.prefix}{path} {version}", "Host: a"),
            *(f"Authorization: token {self._token}", *fields, "", ""),
        )
        return "\r\n".join(lines).encode("latin-1")

    def ask(self, sent: bytes) -> int:
        """The status of the answer; 0: none came."""
        self.socket.sendall(sent)
        line = self._stream.readline()
        return int(line.split()[1]) if line else 0

    def rest(self) -> bytes:
        """What else comes until the gate ends the connection."""
        return self._stream.read()

    def close(self) -> None:
        self._stream.close()
        self.socket.close()


@pytest.fixture
def wire(stripped: Session) -> Iterator[Wire]:
    wire = Wire(stripped)
    yield wire
    wire.close()


SMUGGLED = b"GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n"


@pytest.mark.parametrize(
    ("fields", "body"),
    [
        (("Content-Length: 6", "Transfer-Encoding: chunked"), b"0\r\n\r\n"),
        (("Transfer-Encoding: chunked", "Content-Length: 6"), b"0\r\n\r\n"),
        (("Content-Length: 5", "Content-Length: 6"), b"0\r\n\r\n"),
        (("Content-Length: 5", "Content-Length: 5"), b"0\r\n\r\n"),
        (("Content-Length: 5, 6",), b"0\r\n\r\n"),
        (("Content-Length: +5",), b"0\r\n\r\n"),
        (("Content-Length: -1",), b""),
        (("Content-Length: 0x5",), b"0\r\n\r\n"),
        (("Content-Length: 99999999999999999999999",), b""),
        (("Content-Length : 5",), b"0\r\n\r\n"),
        (("Content-Length:\x0b5",), b"0\r\n\r\n"),
        (("Transfer-Encoding: xchunked",), b"0\r\n\r\n"),
        (("Transfer-Encoding: gzip, chunked",), b"0\r\n\r\n"),
        (("Transfer-Encoding: chunked, identity",), b"0\r\n\r\n"),
        (("Transfer-Encoding: chunked", "Transfer-Encoding: identity"), b"0\r\n\r\n"),
        (("Transfer-Encoding: chunked", "Transfer-Encoding: chunked"), b"0\r\n\r\n"),
        (("Transfer-Encoding : chunked",), b"0\r\n\r\n"),
        ((" Transfer-Encoding: chunked",), b"0\r\n\r\n"),
        (("Transfer-Encoding:", " chunked"), b"0\r\n\r\n"),
        (("X: a\rTransfer-Encoding: chunked",), b"0\r\n\r\n"),
        (("X: a\nTransfer-Encoding: chunked",), b"0\r\n\r\n"),
        (("X: a\0b",), b""),
        (("Host: b",), b""),
        (("Transfer-Encoding: chunked",), b"5;x\nabcde\r\n0\r\n\r\n"),
        (("Transfer-Encoding: chunked",), b"-5\r\nabcde\r\n0\r\n\r\n"),
        (("Transfer-Encoding: chunked",), b"fffffffffffffffff\r\nabcde\r\n0\r\n\r\n"),
        (("Transfer-Encoding: chunked",), b"5\r\nabcdeX\r\n0\r\n\r\n"),
        (("Connection: Upgrade", "Upgrade: websocket", "Content-Length: 5"), b"0\r\n\r\n"),
    ],
)
def test_what_two_programs_could_read_differently_is_refused(
    wire: Wire, fields: tuple[str, ...], body: bytes
) -> None:
    status = wire.ask(wire.head("POST", "x", *fields) + body + SMUGGLED)
    assert status in {400, 501}
    assert b"HTTP/1.1" not in wire.rest()


@pytest.mark.parametrize(
    ("line", "status"),
    [
        (b"GET /x\r\n\r\n", 505),
        (b"GET /x HTTP/2.0\r\nHost: a\r\n\r\n", 505),
        (b"GET /x HTTP/1.1\r\n\r\n", 400),
        (b"GET /x HTTP/1.1\nHost: a\n\n", 400),
        (b"GET x HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        (b"CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n", 405),
        (b"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", 404),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
        (b"\x16\x03\x01\x02\x00\x01\x00", 400),
    ],
)
def test_what_is_no_request_for_a_session_is_refused(wire: Wire, line: bytes, status: int) -> None:
    assert wire.ask(line) == status


def test_a_chunked_body_of_an_old_client_is_refused(wire: Wire) -> None:
    assert wire.ask(wire.head("POST", "x", "Transfer-Encoding: chunked", version="HTTP/1.0")) == 501


def test_fields_after_a_body_do_not_become_fields_of_the_request(wire: Wire) -> None:
    body = b"1\r\na\r\n0\r\nX-Forwarded-Host: evil\r\nCookie: x=y\r\n\r\n"
    last = wire.head("GET", "nothing", "Connection: close")
    assert wire.ask(wire.head("POST", "x", "Transfer-Encoding: chunked") + body + last) == 200
    rest = wire.rest()
    assert b"evil" not in rest
    assert rest.count(b"HTTP/1.1 ") == 1


def test_requests_that_came_together_are_answered_in_their_order(wire: Wire) -> None:
    paths = [f"number-{number}" for number in range(100)]
    heads = [wire.head("GET", path) for path in paths]
    assert wire.ask(b"".join((*heads, wire.head("GET", "last", "Connection: close")))) == 200
    answered = wire.rest().decode()
    places = [answered.index(f'/{path}"') for path in (*paths, "last")]
    assert places == sorted(places)


def test_a_whole_address_in_the_request_line_is_understood(wire: Wire) -> None:
    sent = wire.head("GET", "x", "Connection: close").replace(b"GET /", b"GET http://a/", 1)
    assert wire.ask(sent) == 200
    assert b'"/x"' in wire.rest()


@pytest.mark.parametrize("field", [f"X: {'a' * MOST_HEAD_BYTES}", f"{'a' * MOST_HEAD_BYTES}: x"])
def test_a_head_that_is_too_large_is_refused(wire: Wire, field: str) -> None:
    assert wire.ask(wire.head("GET", "x", field)) == 431


def test_many_small_fields_are_too_large_too(wire: Wire) -> None:
    assert wire.ask(wire.head("GET", "x", *(["A: b"] * (MOST_HEAD_BYTES // 4)))) == 431


def test_a_head_without_an_end_is_refused(wire: Wire) -> None:
    assert wire.ask(b"GET /" + b"a" * 2 * MOST_HEAD_BYTES) == 431


def test_another_protocol_is_not_taken_up_and_the_connection_ends(wire: Wire) -> None:
    fields = "Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA"
    assert wire.ask(wire.head("GET", "x", *fields) + SMUGGLED) == 200
    rest = wire.rest()
    assert b"Connection: close" in rest
    assert b'"Upgrade"' not in rest
    assert b"HTTP/1.1 " not in rest


def test_a_large_head_below_the_limit_passes(wire: Wire) -> None:
    assert wire.ask(wire.head("GET", "nothing", f"X: {'a' * 8000}")) == 204


def test_who_may_not_enter_need_not_send_all_of_a_body(wire: Wire, stripped: Session) -> None:
    head = f"POST {stripped.prefix}x HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000000\r\n\r\n"
    assert wire.ask(head.encode() + b"a" * 1000) == 401
    assert b"Connection: close" in wire.rest()


class Transport(asyncio.Transport):
    """Takes what a connection sends."""

    def __init__(self) -> None:
        super().__init__()
        self.is_closed = False

    def close(self) -> None:
        self.is_closed = True

    def get_extra_info(self, _: str, default: object = None) -> object:
        return default

    def abort(self) -> None:
        self.is_closed = True


async def test_more_connections_than_memory_is_for_are_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gates, "MOST_CONNECTIONS", 2)
    gate = gates.Gate(
        Settings.of({
            "JUPYTERHUB_SERVICE_URL": "http://127.0.0.1:1/user/ann/app/",
            "JUPYTERHUB_API_URL": "http://127.0.0.1:1/hub/api",
            "JUPYTERHUB_CLIENT_ID": "jupyterhub-user-ann-app",
            "JUPYTERHUB_API_TOKEN": "token-of-the-session",
            "JUPYTERHUB_OAUTH_ACCESS_SCOPES": '["access:servers!server=ann/app"]',
            "SOJOURN_APP_PORT": "1",
        })
    )  # fmt: skip
    transports = [Transport() for _ in range(3)]
    for transport in transports:
        gate.connection().connection_made(transport)
    assert [transport.is_closed for transport in transports] == [False, False, True]


async def test_a_head_that_trickles_in_runs_out_of_time() -> None:
    client = ClientConnection(lambda _: None, lambda _: None)
    client.connection_made(Transport())
    begun = client.deadline
    for byte in b"GET / HT":
        client.data_received(bytes([byte]))
    assert client.deadline - begun < 1
    client.overdue()
    with pytest.raises(Exception, match="took too long"):
        await client.request()


async def test_a_connection_that_says_nothing_is_ended() -> None:
    client = ClientConnection(lambda _: None, lambda _: None)
    transport = Transport()
    client.connection_made(transport)
    client.overdue()
    assert transport.is_closed
