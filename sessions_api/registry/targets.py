"""What a URL that somebody else wrote asks for: read once, strictly, into the parts that are used.

No other reader ever sees the text, so none can read another host in it.
"""

import ipaddress
import re
from dataclasses import dataclass
from typing import Self
from urllib.parse import urljoin

URL_LENGTH = 8192
"""Characters; signed addresses of object stores have one or two thousand."""
NAME_LENGTH = 253
"""Characters of a host's name (RFC 1035)."""
PORTS = range(1, 65536)

_PRINTABLE = re.compile(r"[\x21-\x5b\x5d-\x7e]+")
"""ASCII without spaces and without the backslash, which some read as a slash."""
_URL = re.compile(
    r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://"
    r"(?P<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::(?P<port>[0-9]{1,5}))?"
    r"(?P<target>(?:/[^?#]*)?(?:\?[^#]*)?)(?:#.*)?"
)
_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_LABEL = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?")
_NUMBER = re.compile(r"[0-9]+|0[xX][0-9A-Fa-f]*")
_DEFAULT_PORTS = {"https": 443, "http": 80}


@dataclass(frozen=True, slots=True)
class Target:
    """The parts of an http or https URL.

    Attributes:
        scheme: `https` or `http`.
        host: a name in lower case, or an IP address, without brackets.
        port: as given, else the scheme's.
        path: what is asked for there, with its query; begins with a slash.
    """

    scheme: str
    host: str
    port: int
    path: str

    @classmethod
    def read(cls, url: str) -> Self:
        """The parts of a URL.

        Raises:
            ValueError: it is no http or https URL, carries credentials, or names its host in a way that is
                read differently by different programs: numbers other than `a.b.c.d`, letters beyond ASCII,
                a dot at the end, backslashes.
        """
        found = _URL.fullmatch(url) if len(url) <= URL_LENGTH and _PRINTABLE.fullmatch(url) else None
        if found is None:
            raise ValueError("this is not a URL as it is wanted")
        scheme = found["scheme"].lower()
        if scheme not in _DEFAULT_PORTS:
            raise ValueError(f"{scheme} is neither https nor http")
        port = int(found["port"]) if found["port"] else _DEFAULT_PORTS[scheme]
        if port not in PORTS:
            raise ValueError(f"{port} is no port")
        path = found["target"]
        return cls(scheme, _host(found["host"]), port, path if path.startswith("/") else f"/{path}")

    @property
    def is_address(self) -> bool:
        """Whether the host is an IP address, not a name."""
        return ":" in self.host or self.host.rpartition(".")[2].isdecimal()

    @property
    def authority(self) -> str:
        """The host with its port, where that is not the scheme's."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def url(self) -> str:
        """The URL, written in one way."""
        return f"{self.scheme}://{self.authority}{self.path}"

    @property
    def origin(self) -> tuple[str, str, int]:
        """Who gets to see what is sent (RFC 6454)."""
        return self.scheme, self.host, self.port

    def onward(self, location: str) -> Self:
        """Where an answer's `Location` leads from here (RFC 9110, 10.2.2).

        Raises:
            ValueError: as in `read`.
        """
        if not _PRINTABLE.fullmatch(location):
            raise ValueError("the location is not a URL")
        if _ABSOLUTE.match(location):
            return self.read(location)
        if location.startswith("//"):
            return self.read(f"{self.scheme}:{location}")
        return self.read(urljoin(self.url, location))


def _host(text: str) -> str:
    if text.startswith("["):
        return str(ipaddress.IPv6Address(text[1:-1]))
    labels = text.split(".")
    if _NUMBER.fullmatch(labels[-1]):
        # What ends in a number is an IPv4 address to many programs, in forms such as 0x7f.1 and 2130706433.
        return str(ipaddress.IPv4Address(text))
    if len(text) > NAME_LENGTH or not all(_LABEL.fullmatch(label) for label in labels):
        raise ValueError("this is not a host's name")
    return text.lower()
