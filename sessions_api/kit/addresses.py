"""Which computers of the network the service may talk to when a user typed where.

Each address of a host is looked at, once, and what passed is what is talked to: asking DNS again could be
answered with another address.
"""

import asyncio
import ipaddress
import re
import socket
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Self

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
IPNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network
Lookup = Callable[[str, int], Awaitable[Sequence[str]]]
"""What a host's addresses are: asked with its name and a port, which some systems need. Raises OSError."""

_GLOBAL_UNICAST = ipaddress.IPv6Network("2000::/3")
"""Where public IPv6 addresses are (RFC 4291); IPv4 wrapped by NAT64 or mapping is outside it."""
_SIX_TO_FOUR = ipaddress.IPv6Network("2002::/16")
_WITHIN = tuple(
    ipaddress.ip_network(network)
    for network in (
        *("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "127.0.0.0/8", "198.18.0.0/15"),
        *("fc00::/7", "::1/128"),
    )
)
"""Where private computers are (RFC 1918, 6598, 2544, 4193). Not among them is 169.254.0.0/16, where clouds
hand out credentials of the machine: a name that an administrator allows never leads there."""

_ENTRY = re.compile(r"(?P<host>\*|(?:\*\.)?[A-Za-z0-9_.-]+|\[[0-9A-Fa-f:.]+\])(?::(?P<port>[0-9]{1,5}))?")


class PrivateAddressError(Exception):
    """A host has an address that is not public, and no list allows it.

    Attributes:
        address: that address.
    """

    def __init__(self, host: str, address: str) -> None:
        super().__init__(f"{host} has the address {address}, which is not public")
        self.address = address


@dataclass(frozen=True, slots=True)
class Allowed:
    """Which addresses may be talked to besides public ones; without a list, none.

    Attributes:
        names: hosts whose addresses may be private, in lower case; `*.internal` is every name below
            `internal`, `*` every host.
        networks: addresses that any host may have.
            Both with the only port that is meant; None: any.
    """

    names: tuple[tuple[str, int | None], ...] = ()
    networks: tuple[tuple[IPNetwork, int | None], ...] = ()

    @classmethod
    def of(cls, entries: Iterable[str]) -> Self:
        """The rules that an administrator's list makes.

        Its entries are hosts (`registry.internal`, `*.internal`, `*`), addresses (`10.0.0.5`, `[fd00::5]`),
        each with `:PORT` or without, and networks (`10.0.0.0/8`, `fd00::/8`).

        Raises:
            ValueError: an entry is none of these; the message names it.
        """
        names: list[tuple[str, int | None]] = []
        networks: list[tuple[IPNetwork, int | None]] = []
        for entry in entries:
            host, port = _entry(entry)
            if isinstance(host, str):
                names.append((host, port))
            else:
                networks.append((host, port))
        return cls(tuple(names), tuple(networks))

    def names_host(self, host: str, port: int) -> bool:
        """Whether `host`, a name or an address as it stands in a URL, is itself in the list."""
        address = _parsed(host)
        if address is not None and self._has(address, port):
            return True
        name = host.lower()
        return any(_is_named(name, entry) and wanted in {None, port} for entry, wanted in self.names)

    def permits(self, host: str, port: int, address: str) -> bool:
        """Whether `host` may be talked to at one of its addresses."""
        parsed = _parsed(address)
        if parsed is None:
            return False
        if is_public(address) or self._has(parsed, port):
            return True
        return any(parsed in network for network in _WITHIN) and self.names_host(host, port)

    def _has(self, address: IPAddress, port: int) -> bool:
        return any(address in network and wanted in {None, port} for network, wanted in self.networks)


PUBLIC = Allowed()
"""Nothing but public addresses."""


async def look_up(host: str, port: int) -> tuple[str, ...]:
    """The addresses of a host as this computer knows them, each once.

    Raises:
        OSError: it has none.
    """
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except UnicodeError as error:  # a part of the name is empty, or longer than DNS has them
        raise socket.gaierror(socket.EAI_NONAME, f"{host} is not a host's name") from error
    return tuple(dict.fromkeys(str(entry[4][0]) for entry in found))


async def allowed_addresses(
    host: str, port: int, allowed: Allowed = PUBLIC, *, lookup: Lookup = look_up
) -> tuple[str, ...]:
    """The addresses of a host, when all of them are allowed.

    Raises:
        PrivateAddressError: one is not.
        OSError: the host has none.
    """
    addresses = (host,) if _parsed(host) else tuple(await lookup(host, port))
    for address in addresses:
        if not allowed.permits(host, port, address):
            raise PrivateAddressError(host, address)
    return addresses


def is_public(address: str) -> bool:
    """Whether an IP address belongs to the internet and to a single computer."""
    parsed = _parsed(address)
    if parsed is None:
        return False
    if isinstance(parsed, ipaddress.IPv6Address) and (
        parsed not in _GLOBAL_UNICAST or parsed in _SIX_TO_FOUR
    ):
        return False
    return parsed.is_global and not parsed.is_multicast


def _parsed(text: str) -> IPAddress | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def _is_named(name: str, entry: str) -> bool:
    if entry.startswith("*"):
        return name.endswith(entry[1:])
    return name == entry


def _entry(text: str) -> tuple[str | IPNetwork, int | None]:
    if "/" in text:
        try:
            return ipaddress.ip_network(text), None
        except ValueError as error:
            raise ValueError(f"{text} is not a network; write one as 10.0.0.0/8.") from error
    if address := _parsed(text):
        return ipaddress.ip_network(address), None
    found = _ENTRY.fullmatch(text)
    port = int(found["port"]) if found and found["port"] else None
    if found is None or (port is not None and not 0 < port < 65536):  # noqa: PLR2004 - as many ports as there are
        raise ValueError(
            f"{text} is neither a host, an address nor a network; write it as registry.internal, "
            "*.internal, registry.internal:5000 or 10.0.0.0/8."
        )
    host = found["host"].strip("[]")
    address = _parsed(host)
    return (ipaddress.ip_network(address) if address else host.lower()), port
