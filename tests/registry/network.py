"""A small internet for tests: servers that say what they are told to and count who comes, and a DNS."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self, cast


class Names:
    """A DNS of the test's own: addresses by name; `then` is what it says when it is asked again.

    Attributes:
        asked: the names it was asked for.
    """

    def __init__(
        self, addresses: Mapping[str, Sequence[str]], *, then: Mapping[str, Sequence[str]] | None = None
    ) -> None:
        self._addresses = addresses
        self._then = {**addresses, **(then or {})}
        self.asked: list[str] = []

    async def __call__(self, host: str, _port: int) -> Sequence[str]:
        self.asked.append(host)
        known = self._then if host in self.asked[:-1] else self._addresses
        if host not in known:
            raise socket.gaierror(socket.EAI_NONAME, "no such name")
        return known[host]


@dataclass(frozen=True)
class Said:
    """What a server answers.

    Attributes:
        raw: instead of anything else, these bytes.
        held: whether the connection then stays open, silent.
    """

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    raw: bytes | None = None
    held: bool = False


@dataclass(frozen=True)
class Asked:
    """A request that arrived; names of headers are in lower case."""

    method: str
    path: str
    headers: Mapping[str, str]


class Server(ThreadingHTTPServer):
    """Answers what it is told to, by path, else 404.

    Attributes:
        says: the answers.
        asked: the requests that arrived, in their order.
        connections: how many were accepted.
    """

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, address: str, port: int = 0, *, tls: ssl.SSLContext | None = None) -> None:
        self.address_family = socket.AF_INET6 if ":" in address else socket.AF_INET
        super().__init__((address, port), _Handler)
        self.says: dict[str, Said] = {}
        self.asked: list[Asked] = []
        self.connections = 0
        self._came = threading.Condition()
        self.over = threading.Event()
        self._tls = tls
        self._thread = threading.Thread(
            target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
        )

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        self.shutdown()
        self._thread.join()
        self.server_close()

    @property
    def host(self) -> str:
        """`ADDRESS:PORT`, as in a URL."""
        address = str(self.server_address[0])
        return f"[{address}]:{self.server_port}" if ":" in address else f"{address}:{self.server_port}"

    def url(self, path: str = "/") -> str:
        """A URL of it by its address."""
        return f"{'https' if self._tls else 'http'}://{self.host}{path}"

    def send_on(self, path: str, location: str, status: int = 302) -> None:
        """Makes it redirect."""
        self.says[path] = Said(status, {"Location": location})

    def wait_for(self, connections: int) -> None:
        """Returns as soon as so many were accepted."""
        with self._came:
            self._came.wait_for(lambda: self.connections >= connections)

    def get_request(self) -> tuple[Any, Any]:
        connection, address = super().get_request()
        with self._came:
            self.connections += 1
            self._came.notify_all()
        return connection, address

    def finish_request(self, request: Any, client_address: Any) -> None:
        if self._tls:
            with suppress(OSError), self._tls.wrap_socket(request, server_side=True) as wrapped:
                super().finish_request(cast("socket.socket", wrapped), client_address)
        else:
            super().finish_request(request, client_address)

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients that hang up are what these tests are about."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        """The tests' output is no access log."""

    def do_GET(self) -> None:
        self._answer()

    def do_HEAD(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def _answer(self) -> None:
        server = cast("Server", self.server)
        headers = {name.lower(): value for name, value in self.headers.items()}
        server.asked.append(Asked(self.command, self.path, headers))
        said = server.says.get(self.path, Said(404))
        self.close_connection = True
        if said.raw is None:
            self._say(said)
        else:
            self.wfile.write(said.raw)
        self.wfile.flush()
        if said.held:
            server.over.wait()

    def _say(self, said: Said) -> None:
        self.send_response(said.status)
        for name, value in said.headers.items():
            self.send_header(name, value)
        if "Content-Length" not in said.headers and not said.held:
            self.send_header("Content-Length", str(len(said.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(said.body)


class Canary:
    """What must never be reached: a server at one port of 127.0.0.1 and of [::1]."""

    def __init__(self) -> None:
        while True:
            self._four = Server("127.0.0.1")
            try:
                self._six = Server("::1", self._four.server_port)
            except OSError:  # the port is taken there
                self._four.server_close()
            else:
                break

    def __enter__(self) -> Self:
        self._four.__enter__()
        self._six.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self._six.__exit__(*error)
        self._four.__exit__(*error)

    @property
    def port(self) -> int:
        """Its port, the same at both addresses."""
        return self._four.server_port

    @property
    def connections(self) -> int:
        """How many were accepted, whatever came over them."""
        return self._four.connections + self._six.connections

    @property
    def requests(self) -> int:
        """How many arrived."""
        return len(self._four.asked) + len(self._six.asked)
