"""Requests to addresses that users typed, or that registries name: nothing else of the service makes any.

A host is looked up once, all its addresses are checked, and the connection goes to one of them. Redirects are
followed here, each being a new URL with the same checks. Nothing of this computer goes along: no proxy, no
cookies, no `.netrc`.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

import httpcore
import httpx

from sessions_api.kit.addresses import Allowed, Lookup, PrivateAddressError, allowed_addresses, look_up
from sessions_api.registry.targets import Target

REDIRECTS = 5
"""How often an answer may send on."""
CONCURRENT = 16
"""Requests of one `Fetcher` at a time; others wait, within the time they have."""
CONNECT_SECONDS = 5.0
"""How long one of a host's addresses may take to accept a connection."""

Code = Literal[
    "unreachable",
    "address_refused",
    "insecure",
    "too_large",
    "too_slow",
    "too_many_redirects",
    "bad_answer",
]

_NOTHING: Mapping[str, str] = MappingProxyType({})
_ALWAYS = {"user-agent": "sojourn", "accept": "*/*", "accept-encoding": "identity", "connection": "close"}
_CREDENTIALS = frozenset({"authorization", "cookie", "proxy-authorization"})
_SENDS_ON = frozenset({301, 302, 303, 307, 308})


class FetchError(Exception):
    """A request was not made, or its answer could not be had.

    Attributes:
        code: what it was, for the service itself. Do not show it: `address_refused` beside `unreachable`
            would tell whoever tries names and addresses what there is in the inner network.
        sentence: what people are told; the same for these two.
    """

    def __init__(self, code: Code, sentence: str) -> None:
        super().__init__(f"{code}: {sentence}")
        self.code = code
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class FetchRules:
    """What an administrator allows beyond https to public addresses.

    Attributes:
        private: hosts and networks that may be private, as in `Allowed.of`. Before a host, `http://` lists it
            as insecure, too.
        insecure: hosts that are asked over http, in the same forms; their addresses must be allowed all the
            same.
    """

    private: tuple[str, ...] = ()
    insecure: tuple[str, ...] = ()


class Answer:
    """The answer to a request; its body is read while `Fetcher.open` holds it, and once.

    Attributes:
        status: HTTP status; 3xx only where there is nothing to follow.
        headers: by name in any case; what came several times is joined with commas.
        url: where it came from, after redirects.
    """

    def __init__(self, response: httpcore.Response, url: str, bounds: "_Bounds") -> None:
        self.status = response.status
        self.headers: Mapping[str, str] = httpx.Headers(response.headers)
        self.url = url
        self._response = response
        self._bounds = bounds

    async def read(self) -> bytes:
        """The whole body, as it was sent.

        Raises:
            FetchError: as in `chunks`.
        """
        return b"".join([chunk async for chunk in self.chunks()])

    async def chunks(self) -> AsyncIterator[bytes]:
        """The body, as it was sent, in pieces of at most 64 KiB.

        Raises:
            FetchError: `too_large`, `too_slow`, or `bad_answer` where it breaks off.
        """
        body = aiter(self._response.aiter_stream())
        left = self._bounds.most_bytes
        while (chunk := await self._next(body)) is not None:
            left -= len(chunk)
            if left < 0:
                raise self._bounds.too_large()
            yield chunk

    async def _next(self, body: AsyncIterator[bytes]) -> bytes | None:
        """The next piece; None at the end."""
        try:
            async with asyncio.timeout_at(self._bounds.deadline):
                return await anext(body, None)
        except TimeoutError as error:
            raise self._bounds.too_slow() from error
        except (OSError, httpcore.NetworkError, httpcore.ProtocolError) as error:  # TLS: OSError
            raise self._bounds.bad_answer() from error


class Fetcher:
    """Makes requests by the rules of an installation; lives as long as its event loop, and needs no closing.

    Args:
        rules: what is allowed.
        resolve: looks hosts up.
        tls: which certificates are trusted; None: those of certifi, or of `SSL_CERT_FILE` or `SSL_CERT_DIR`.

    Raises:
        ValueError: an entry of the rules is none; the message names it.
    """

    def __init__(
        self, rules: FetchRules, *, resolve: Lookup = look_up, tls: ssl.SSLContext | None = None
    ) -> None:
        plain = tuple(entry for entry in rules.private if entry.startswith("http://"))
        self._allowed = Allowed.of(_bare(rules.private))
        self._insecure = Allowed.of(_bare((*rules.insecure, *plain)))
        self._resolve = resolve
        self._tls = tls or httpx.create_ssl_context()
        self._slots = asyncio.Semaphore(CONCURRENT)

    def scheme_of(self, host: str) -> Literal["https", "http"]:
        """How a host, or `HOST:PORT`, is asked: over http exactly if the administrator listed it so."""
        try:
            target = Target.read(f"http://{host}/")
        except ValueError:
            return "https"
        return "http" if self._insecure.names_host(target.host, target.port) else "https"

    def check_url(self, url: str) -> None:
        """Refuses what `open` would refuse without asking anybody, for URLs that are followed later.

        What a name's addresses are is seen when it is opened.

        Raises:
            FetchError: `address_refused` or `insecure`.
        """
        self._check(self._read(url))

    @asynccontextmanager
    async def open(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] = _NOTHING,
        most_bytes: int,
        seconds: float,
    ) -> AsyncIterator[Answer]:
        """Asks, and follows up to `REDIRECTS` redirects where the method is GET or HEAD.

        Headers with credentials go to the scheme, host and port of `url` only. Do not open one while another
        is open: they may wait for each other.

        Args:
            method: of HTTP.
            url: whatever somebody typed or a registry said.
            headers: `Host` is ours; nothing is decompressed, so nothing compressed is asked for.
            most_bytes: of the body.
            seconds: for everything, from waiting for other requests to the last byte.

        Raises:
            FetchError: what came of it. No head of an answer in time is `unreachable`, no end `too_slow`; a
                head beyond 100 KiB is a `bad_answer`.
        """
        target = self._read(url)
        deadline = asyncio.get_running_loop().time() + seconds
        bounds = _Bounds(target.authority, most_bytes, seconds, deadline)
        async with self._slot(bounds), AsyncExitStack() as connection:
            sent = _ALWAYS | {name.lower(): value for name, value in headers.items()}
            yield await self._follow(connection, method, target, sent, bounds)

    async def _follow(
        self,
        connection: AsyncExitStack,
        method: str,
        target: Target,
        headers: dict[str, str],
        bounds: "_Bounds",
    ) -> Answer:
        for _ in range(REDIRECTS + 1):
            self._check(target, bounds.place)
            answer = await self._ask(connection, method, target, headers, bounds)
            location = answer.headers.get("location")
            if method not in {"GET", "HEAD"} or answer.status not in _SENDS_ON or location is None:
                return answer
            await connection.aclose()
            onward = self._read(location, after=target, place=bounds.place)
            if onward.origin != target.origin:
                headers = {name: value for name, value in headers.items() if name not in _CREDENTIALS}
            target = onward
        raise bounds.too_many_redirects()

    async def _ask(
        self,
        connection: AsyncExitStack,
        method: str,
        target: Target,
        headers: dict[str, str],
        bounds: "_Bounds",
    ) -> Answer:
        """One request over a connection of its own, which `connection` then holds."""
        network = _CheckedNetwork(self._allowed, self._resolve)
        connection.push_async_callback(network.aclose)
        host = target.host.encode()
        http = httpcore.AsyncHTTPConnection(
            httpcore.Origin(target.scheme.encode(), host, target.port),
            ssl_context=self._tls,
            network_backend=network,
        )
        connection.push_async_callback(http.aclose)
        asked = http.stream(
            method,
            httpcore.URL(
                scheme=target.scheme.encode(), host=host, port=target.port, target=target.path.encode()
            ),
            headers=_encoded(headers | {"host": target.authority}),
        )
        try:
            async with asyncio.timeout_at(bounds.deadline):
                response = await connection.enter_async_context(asked)
        except PrivateAddressError as error:
            raise _unreached(bounds.place, "address_refused") from error
        except (OSError, httpcore.NetworkError, httpcore.TimeoutException) as error:
            if isinstance(error.__cause__, ssl.SSLError):
                raise bounds.untrusted() from error
            raise _unreached(bounds.place) from error
        except httpcore.ProtocolError as error:
            raise bounds.bad_answer() from error
        return Answer(response, target.url, bounds)

    @asynccontextmanager
    async def _slot(self, bounds: "_Bounds") -> AsyncIterator[None]:
        try:
            async with asyncio.timeout_at(bounds.deadline):
                await self._slots.acquire()
        except TimeoutError as error:
            raise bounds.too_slow() from error
        try:
            yield
        finally:
            self._slots.release()

    def _read(self, url: str, *, after: Target | None = None, place: str = "The address") -> Target:
        try:
            return after.onward(url) if after else Target.read(url)
        except ValueError as error:
            raise _unreached(place, "address_refused") from error

    def _check(self, target: Target, place: str | None = None) -> None:
        """`place` is what sentences name: the address that was typed, wherever it led."""
        place = place or target.authority
        if target.scheme != "https" and not self._insecure.names_host(target.host, target.port):
            raise FetchError(
                "insecure",
                f"{place} leads to an address without https; an administrator can list hosts that may be "
                "asked over http.",
            )
        if target.is_address and not self._allowed.permits(target.host, target.port, target.host):
            raise _unreached(place, "address_refused")


@dataclass(frozen=True, slots=True)
class _Bounds:
    """How much an answer may take, and what is said when it takes more.

    Attributes:
        place: the address that was typed.
        deadline: by the event loop's clock.
    """

    place: str
    most_bytes: int
    seconds: float
    deadline: float

    def too_large(self) -> FetchError:
        sentence = f"{self.place} sends more than {self.most_bytes} bytes, which is the most that is read."
        return FetchError("too_large", sentence)

    def too_slow(self) -> FetchError:
        sentence = f"{self.place} did not send its whole answer within {self.seconds:g} s; try again later."
        return FetchError("too_slow", sentence)

    def too_many_redirects(self) -> FetchError:
        sentence = f"{self.place} sends on more than {REDIRECTS} times; check the address."
        return FetchError("too_many_redirects", sentence)

    def bad_answer(self) -> FetchError:
        sentence = f"{self.place} does not answer as HTTP has it, or breaks off; check that it is a registry."
        return FetchError("bad_answer", sentence)

    def untrusted(self) -> FetchError:
        return FetchError(
            "insecure",
            f"{self.place} has no https that can be trusted: its certificate is unknown here or for another "
            "name, or it speaks http; an administrator can allow either.",
        )


class _CheckedNetwork(httpcore.AsyncNetworkBackend):
    """Opens one connection: to an address of the host, once all of them passed."""

    def __init__(self, allowed: Allowed, resolve: Lookup) -> None:
        self._allowed = allowed
        self._resolve = resolve
        self._stream: httpcore.AsyncNetworkStream | None = None

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002, ASYNC109 - `Fetcher` watches the time
        local_address: str | None = None,  # noqa: ARG002
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,  # noqa: ARG002
    ) -> httpcore.AsyncNetworkStream:
        addresses = await allowed_addresses(host, port, self._allowed, lookup=self._resolve)
        failure: Exception = httpcore.ConnectError("the host has no address")
        for address in addresses:
            try:
                stream = await httpcore.AnyIOBackend().connect_tcp(address, port, timeout=CONNECT_SECONDS)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
            else:
                self._stream = stream
                return stream
        raise failure

    async def aclose(self) -> None:
        """Closes what was opened: httpcore forgets a connection that is given up while TLS begins."""
        if self._stream is not None:
            await self._stream.aclose()


def _unreached(place: str, code: Code = "unreachable") -> FetchError:
    return FetchError(
        code,
        f"{place} cannot be reached from here; check its name, or ask an administrator whether Sojourn may "
        "talk to it.",
    )


def _bare(entries: Iterable[str]) -> tuple[str, ...]:
    return tuple(entry.removeprefix("http://") for entry in entries)


def _encoded(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    """As bytes; what cannot be sent is left to be refused by who checks headers, h11."""
    return [(name.encode(), value.encode("utf-8", "replace")) for name, value in headers.items()]
