"""Cookies of a request, and those that are the gate's, the hub's or Sojourn's and nobody else's."""

from __future__ import annotations

from urllib.parse import quote, unquote

_OURS = ("jupyterhub-", "sojourn-")
_BROWSERS_PREFIXES = ("__Host-", "__Secure-", "__host-", "__secure-")

HUB_LOGIN = "jupyterhub-session-id"
"""Names a browser's login at the hub, without being worth anything by itself."""


def is_ours(name: str) -> bool:
    """Whether a cookie is none of the program's business."""
    for prefix in _BROWSERS_PREFIXES:
        name = name.removeprefix(prefix)
    return name.startswith(_OURS)


class Cookies:
    """The cookies that a browser sent (RFC 6265, 4.2).

    Attributes:
        ours: by name; of several with one name the first, which is the one with the longest path.
        others: as the program gets them; empty: none are left.
    """

    __slots__ = ("others", "ours")

    def __init__(self, headers: list[bytes]) -> None:
        self.ours: dict[str, str] = {}
        others = []
        for header in headers:
            for part in header.decode("latin-1").split(";"):
                pair = part.strip()
                name, _, value = pair.partition("=")
                if is_ours(name):
                    self.ours.setdefault(name, unquote(value))
                elif pair:
                    others.append(pair)
        self.others = "; ".join(others).encode("latin-1")


def set_cookie(name: str, value: str, *, path: str, secure: bool, seconds: int | None = None) -> str:
    """A `Set-Cookie` of a cookie that no script can read and no other site sends along.

    Without `seconds` it ends with the browser.
    """
    parts = [f"{name}={quote(value, safe='')}", f"Path={path}", "HttpOnly", "SameSite=Lax"]
    if seconds is not None:
        parts.append(f"Max-Age={seconds}")
    if secure:
        parts.append("Secure")
    return "; ".join(parts)


def clear_cookie(name: str, *, path: str, secure: bool) -> str:
    """A `Set-Cookie` that takes a cookie away."""
    return set_cookie(name, "", path=path, secure=secure, seconds=0)
