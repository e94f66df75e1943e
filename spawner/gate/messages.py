"""Requests, responses and their headers, apart from any connection."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from email.utils import formatdate
from http import HTTPStatus

Pair = tuple[bytes, bytes]

BODILESS = frozenset({HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED})

_HOP_BY_HOP = frozenset({
    *(b"connection", b"keep-alive", b"proxy-authenticate", b"proxy-authorization", b"proxy-connection"),
    *(b"te", b"trailer", b"transfer-encoding", b"upgrade"),
})  # fmt: skip
"""Fields that are about one connection (RFC 9110, 7.6.1, and what older programs send)."""


class Headers:
    """Header fields in their order; names are looked up in lower case."""

    __slots__ = ("_by_name", "pairs")

    def __init__(self, pairs: list[Pair]) -> None:
        self.pairs = pairs
        self._by_name: dict[bytes, list[bytes]] = {}
        for name, value in pairs:
            self._by_name.setdefault(name.lower(), []).append(value)

    def __iter__(self) -> Iterator[Pair]:
        return iter(self.pairs)

    def get(self, name: bytes) -> bytes | None:
        """The value of a field, of the first if there are several."""
        values = self._by_name.get(name)
        return values[0] if values else None

    def text(self, name: bytes) -> str:
        """The value of a field as text; empty if there is none."""
        return (self.get(name) or b"").decode("latin-1")

    def all(self, name: bytes) -> list[bytes]:
        """The values of all fields with this name."""
        return self._by_name.get(name, [])

    def tokens(self, name: bytes) -> list[bytes]:
        """The elements of a field that is a list, in lower case."""
        return [token.strip().lower() for value in self.all(name) for token in value.split(b",")]

    def end_to_end(self) -> Iterator[tuple[bytes, bytes, bytes]]:
        """Lower-case name, name and value of each field that is not about this connection."""
        named = set(self.tokens(b"connection")) if b"connection" in self._by_name else ()
        for name, value in self.pairs:
            lower = name.lower()
            if lower not in _HOP_BY_HOP and lower not in named:
                yield lower, name, value


class Request:
    """The head of a request.

    Attributes:
        target: as it came, with the query.
        is_http_11: whether the client speaks HTTP/1.1; else it is 1.0.
        keep_alive: whether the client may send another request on the same connection.
        upgrade: whether it asks for another protocol on this connection.
        length: of the body in bytes; 0: there is none; None: it comes in chunks.
    """

    __slots__ = ("headers", "is_http_11", "keep_alive", "length", "method", "target", "upgrade")

    def __init__(
        self,
        method: bytes,
        target: bytes,
        headers: Headers,
        *,
        is_http_11: bool,
        keep_alive: bool,
        upgrade: bool,
    ) -> None:
        self.method = method
        self.target = target
        self.headers = headers
        self.is_http_11 = is_http_11
        # What follows a wish for another protocol is no request any more, granted or not.
        self.keep_alive = keep_alive and is_http_11 and not upgrade
        self.upgrade = upgrade
        self.length = None if headers.all(b"transfer-encoding") else int(headers.get(b"content-length") or 0)

    @property
    def is_websocket(self) -> bool:
        """Whether it opens a WebSocket (RFC 6455, 4.1)."""
        return self.upgrade and self.method == b"GET" and b"websocket" in self.headers.tokens(b"upgrade")

    @property
    def is_safe(self) -> bool:
        """Whether it asks to change nothing (RFC 9110, 9.2.1)."""
        return self.method in {b"GET", b"HEAD", b"OPTIONS"}

    @property
    def scheme(self) -> str:
        """What people used to come here, as the proxy in front says."""
        given = self.headers.text(b"x-forwarded-proto").partition(",")[0].strip().lower()
        return "https" if given == "https" else "http"


class Response:
    """The head of a response.

    Attributes:
        length: of the body in bytes; None: it comes in chunks or until the connection ends.
    """

    __slots__ = ("headers", "keep_alive", "length", "reason", "status")

    def __init__(self, status: int, reason: bytes, headers: Headers, *, keep_alive: bool) -> None:
        self.status = status
        self.reason = reason
        self.headers = headers
        self.keep_alive = keep_alive
        given = headers.get(b"content-length")
        self.length = None if given is None else int(given)

    @property
    def is_interim(self) -> bool:
        """Whether the response itself is still to come (RFC 9110, 15.2)."""
        return self.status < HTTPStatus.OK and self.status != HTTPStatus.SWITCHING_PROTOCOLS


def head(start: bytes, pairs: Iterable[Pair]) -> bytes:
    """A start line and header fields as they are sent.

    Raises:
        ValueError: a line break would make more lines of it than there are.
    """
    lines = [start, *(b"%b: %b" % pair for pair in pairs)]
    sent = b"\r\n".join((*lines, b"", b""))
    if sent.count(b"\n") != len(lines) + 1 or sent.count(b"\r") != len(lines) + 1:
        raise ValueError("A header field contains a line break.")
    return sent


class Answer:
    """A whole response of the gate's own."""

    def __init__(
        self,
        status: HTTPStatus,
        body: str = "",
        *,
        content_type: str = "text/plain; charset=utf-8",
        headers: Mapping[str, str] | None = None,
        cookies: Iterable[str] = (),
    ) -> None:
        self.status = status
        self._body = body.encode()
        self._headers = {
            "Content-Type": content_type,
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
            **(headers or {}),
        }
        self._cookies = tuple(cookies)

    def sent(self, request: Request | None, *, keep_alive: bool) -> bytes:
        """As it is sent; `request` is None when there was none that can be read."""
        pairs = {"Date": formatdate(usegmt=True), **self._headers, "Content-Length": str(len(self._body))}
        if not keep_alive:
            pairs["Connection"] = "close"
        lines = [*pairs.items(), *(("Set-Cookie", cookie) for cookie in self._cookies)]
        start = f"HTTP/1.1 {self.status.value} {self.status.phrase}".encode()
        written = head(start, [(name.encode(), value.encode("latin-1")) for name, value in lines])
        return written if request and request.method == b"HEAD" else written + self._body
