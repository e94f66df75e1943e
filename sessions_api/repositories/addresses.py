"""Which computers of the network the git reader may talk to: each address of a host is looked at, once."""

import asyncio
import ipaddress
import socket

_GLOBAL_UNICAST = ipaddress.IPv6Network("2000::/3")
"""Where public IPv6 addresses are (RFC 4291); IPv4 wrapped by NAT64 or mapping is outside it."""
_SIX_TO_FOUR = ipaddress.IPv6Network("2002::/16")


class PrivateAddressError(Exception):
    """A host has an address that is not public.

    Attributes:
        address: that address.
    """

    def __init__(self, host: str, address: str) -> None:
        super().__init__(f"{host} has the address {address}, which is not public")
        self.address = address


async def public_addresses(host: str, port: int) -> tuple[str, ...]:
    """The addresses of a host, when all of them are public.

    Raises:
        PrivateAddressError: one is not.
        OSError: the host has none.
    """
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = tuple(dict.fromkeys(str(entry[4][0]) for entry in found))
    for address in addresses:
        if not is_public(address):
            raise PrivateAddressError(host, address)
    return addresses


def is_public(address: str) -> bool:
    """Whether an IP address belongs to the internet and to a single computer."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(parsed, ipaddress.IPv6Address) and (
        parsed not in _GLOBAL_UNICAST or parsed in _SIX_TO_FOUR
    ):
        return False
    return parsed.is_global and not parsed.is_multicast
