"""What changes in heads on their way: to the program, and from it to people."""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

from spawner.gate.cookies import Cookies, is_ours
from spawner.gate.messages import BODILESS, Pair, Request, Response, head
from spawner.gate.settings import Settings

_MADE_ANEW = frozenset({
    *(b"cookie", b"content-length", b"x-forwarded-for", b"x-forwarded-host", b"x-forwarded-port"),
    *(b"x-forwarded-prefix", b"x-forwarded-proto", b"forwarded", b"x-scheme"),
})  # fmt: skip

_WHOLE_ORIGIN = frozenset({b"alt-svc", b"clear-site-data", b"content-length", b"strict-transport-security"})
"""Fields that speak for the whole origin, which is not the program's alone; and the length, set anew."""

_WEBSOCKET = [(b"Connection", b"Upgrade"), (b"Upgrade", b"websocket")]
_PATH = re.compile(r"(?i)^path=(.*)$")


class Translation:
    """Between paths below the session's prefix and those that the program knows."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._prefix = settings.prefix.encode("latin-1")
        self._parts = [unquote(part) for part in settings.prefix.split("/")[1:-1]]

    def below(self, target: bytes) -> bytes | None:
        """What follows the prefix in a request's target; None: it is not below.

        Browsers and proxies escape differently (`@` and `%40`), which the hub holds for equal too.
        """
        if target.startswith(self._prefix):
            return target[len(self._prefix) :]
        if not target.startswith(b"/"):
            address = urlsplit(target)
            if address.scheme not in {b"http", b"https"}:
                return None
            return self.below(address._replace(scheme=b"", netloc=b"", fragment=b"").geturl() or b"/")
        path, mark, query = target.partition(b"?")
        parts = path.split(b"/", len(self._parts) + 1)
        if len(parts) <= len(self._parts) + 1:
            return None
        if [unquote(part.decode("latin-1")) for part in parts[1:-1]] != self._parts:
            return None
        return parts[-1] + mark + query

    def is_bare_prefix(self, target: bytes) -> bool:
        """Whether only the slash at its end is missing for the session's root."""
        return self.below(target.partition(b"?")[0] + b"/") == b""

    def to_app(
        self, request: Request, rest: bytes, cookies: Cookies, *, peer: str, keeps_authorization: bool
    ) -> bytes:
        """The head as the program gets it; `rest` is the target below the prefix."""
        # A path that begins with two slashes could be taken for a host.
        target = b"/" + rest.lstrip(b"/") if self._settings.strips_prefix else self._prefix + rest
        pairs: list[Pair] = [
            (name, value)
            for lower, name, value in request.headers.end_to_end()
            if lower not in _MADE_ANEW and (keeps_authorization or lower != b"authorization")
        ]
        if cookies.others:
            pairs.append((b"Cookie", cookies.others))
        if request.length is None:
            pairs.append((b"Transfer-Encoding", b"chunked"))
        elif request.headers.get(b"content-length") is not None:
            pairs.append((b"Content-Length", b"%d" % request.length))
        if request.headers.get(b"host") is None:
            pairs.append((b"Host", self._own_host()))
        if request.is_websocket:
            pairs += _WEBSOCKET
        pairs += self._forwarded(request, peer)
        return head(b"%b %b HTTP/1.1" % (request.method, target), pairs)

    def _own_host(self) -> bytes:
        port = self._settings.app_port
        return b"127.0.0.1:%d" % port if port else b"127.0.0.1"

    def _forwarded(self, request: Request, peer: str) -> list[Pair]:
        headers = request.headers
        came_from = [*headers.all(b"x-forwarded-for"), peer.encode()]
        pairs = [
            (b"X-Forwarded-For", b", ".join(came_from)),
            (b"X-Forwarded-Proto", request.scheme.encode()),
            (b"X-Forwarded-Host", headers.get(b"x-forwarded-host") or headers.get(b"host") or b""),
        ]
        if self._settings.strips_prefix:
            pairs.append((b"X-Forwarded-Prefix", self._prefix.rstrip(b"/")))
        return pairs

    def to_person(self, request: Request, response: Response, *, framing: list[Pair]) -> bytes:
        """The head as people get it; `framing` says how the body comes."""
        pairs: list[Pair] = []
        for lower, name, value in response.headers.end_to_end():
            match lower:
                case b"set-cookie":
                    if cookie := self._confined(value):
                        pairs.append((name, cookie))
                case b"location" | b"content-location":
                    pairs.append((name, self._moved(request, value)))
                case b"service-worker-allowed":
                    pairs.append((name, self._prefix))
                case _ if lower not in _WHOLE_ORIGIN:
                    pairs.append((name, value))
        if response.status == 101:  # noqa: PLR2004 - Switching Protocols
            pairs += _WEBSOCKET
        return head(b"HTTP/1.1 %d %b" % (response.status, response.reason), pairs + framing)

    def _confined(self, cookie: bytes) -> bytes | None:
        """A cookie of the program's, such that only this session gets it; None: it must not set this one."""
        pair, *attributes = (part.strip() for part in cookie.decode("latin-1").split(";"))
        if is_ours(pair.partition("=")[0].strip()):
            return None
        kept = [pair]
        for attribute in attributes:
            if found := _PATH.match(attribute):
                path = self._path(found[1])
                is_below = f"{path}/".startswith(self._settings.prefix)
                kept.append(f"Path={path if is_below else self._settings.prefix}")
            elif not attribute.lower().startswith("domain"):
                kept.append(attribute)
        return "; ".join(kept).encode("latin-1")

    def _path(self, path: str) -> str:
        """A path of the program's as people see it; one below the prefix already stays."""
        prefix = self._settings.prefix
        if not self._settings.strips_prefix or f"{path}/".startswith(prefix):
            return path
        return prefix + path.lstrip("/")

    def _moved(self, request: Request, location: bytes) -> bytes:
        """Where a redirect of the program's leads; one to another host is not touched."""
        try:
            parts = urlsplit(location.decode("latin-1"))
            port = parts.port
        except ValueError:
            return location
        if parts.netloc:
            is_app = parts.hostname in {"127.0.0.1", "localhost"} and port == self._settings.app_port
            if not is_app and parts.netloc != request.headers.text(b"host"):
                return location
        elif not parts.path.startswith("/"):
            return location
        path = self._path(parts.path or "/")
        return parts._replace(scheme="", netloc="", path=path).geturl().encode("latin-1")


def framing(request: Request, response: Response) -> list[Pair]:
    """How the body of a response comes: with its length, in chunks, or until the connection ends."""
    if response.status in BODILESS or response.is_interim or response.status == 101:  # noqa: PLR2004
        return []
    if response.length is not None:
        return [(b"Content-Length", b"%d" % response.length)]
    if request.method == b"HEAD":
        return []
    return [(b"Transfer-Encoding", b"chunked")] if request.is_http_11 else []
