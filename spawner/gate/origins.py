"""Tells requests that another site's page makes from those of the session's own pages."""

from __future__ import annotations

from urllib.parse import urlsplit

from spawner.gate.messages import Request

_DEFAULT_PORTS = {"http": 80, "https": 443}


def is_from_elsewhere(request: Request, public_host: str) -> bool:
    """Whether a browser made the request for a page of another site and it is more than a link.

    Browsers say so themselves (`Sec-Fetch-Site`, Fetch Metadata) where the session is reached by HTTPS or on
    localhost. Elsewhere `Origin` tells, which comes with every WebSocket and everything that is not safe.
    """
    site = request.headers.get(b"sec-fetch-site")
    if site is not None and site not in {b"same-origin", b"none"}:
        is_link = request.is_safe and request.headers.get(b"sec-fetch-mode") == b"navigate"
        return request.is_websocket or not is_link
    if request.is_safe and not request.is_websocket:
        return False
    origin = request.headers.get(b"origin")
    if origin is None:
        return False
    hosts = {host for host in (request.headers.text(b"host"), public_host) if host}
    return not _is_one_of(origin.decode("latin-1"), hosts)


def _is_one_of(origin: str, hosts: set[str]) -> bool:
    try:
        parts = urlsplit(origin)
        given = parts.hostname, parts.port or _DEFAULT_PORTS.get(parts.scheme)
        for host in hosts:
            # Only the scheme tells which port is not written.
            own = urlsplit(f"{parts.scheme}://{host}")
            if given[0] and given == (own.hostname, own.port or _DEFAULT_PORTS.get(parts.scheme)):
                return True
    except ValueError:
        return False
    return False


def is_navigation(request: Request) -> bool:
    """Whether a person opens a page, so that a redirect to a login makes sense."""
    if request.method not in {b"GET", b"HEAD"} or request.upgrade:
        return False
    mode = request.headers.get(b"sec-fetch-mode")
    if mode is not None:
        return mode == b"navigate"
    accepted = request.headers.text(b"accept")
    return not accepted or "text/html" in accepted or "*/*" in accepted
