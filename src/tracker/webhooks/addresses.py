"""Where a webhook may be: not inside the networks that only the server can reach."""

import asyncio
import ipaddress
import socket
from typing import NamedTuple
from urllib.parse import urlsplit

from tracker.model.errors import TrackerError

PORTS = {"http": 80, "https": 443}

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_UNICAST = ipaddress.ip_network("2000::/3")  # all that is given out of IPv6; the rest is special or has no use
_SPECIAL = tuple(  # what some versions of Python still call global. Source: the registries of IANA
    map(ipaddress.ip_network, ("192.0.0.0/24", "192.88.99.0/24", "3fff::/20", "2001:2::/48", "2001:10::/28"))
)
_ISATAP = (0x00005EFE, 0x02005EFE)  # the middle of an address that ends in one of IPv4


class ForbiddenTarget(TrackerError):
    """A webhook is where it must not be."""


class Place(NamedTuple):
    """A target with the address that it is to be reached at: resolved once, so that no second answer of the name
    server can lead elsewhere."""

    host: str
    address: Address
    port: int
    secure: bool
    path: str

    @property
    def url(self) -> str:
        host = f"[{self.address}]" if self.address.version == 6 else str(self.address)
        return f"{'https' if self.secure else 'http'}://{host}:{self.port}{self.path}"

    @property
    def named(self) -> str:
        """The value of the Host header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS["https" if self.secure else "http"] else f"{host}:{self.port}"


def is_public(address: Address) -> bool:
    """Whether an address is one of the public internet, also where it is wrapped in another."""
    if any(address in network for network in _SPECIAL if network.version == address.version):
        return False
    if isinstance(address, ipaddress.IPv6Address):
        inner = _inside(address)
        if inner is not None:
            return is_public(inner)
        if address not in _UNICAST:
            return False
    return address.is_global and not address.is_multicast


def _inside(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The address of IPv4 that one of IPv6 stands for."""
    low = int(address) & 0xFFFFFFFF
    if address in _NAT64 or (int(address) >> 32) & 0xFFFFFFFF in _ISATAP:
        return ipaddress.IPv4Address(low)
    return address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1]


async def place(url: str, *, private: bool) -> Place:
    """Resolve a target.

    Args: private: whether it may be in a private range.
    Raises: ForbiddenTarget; OSError where the name cannot be resolved.
    """
    parts = urlsplit(url)
    host = parts.hostname
    if parts.scheme not in PORTS or host is None or parts.username is not None:
        raise ForbiddenTarget("a webhook is http:// or https://, with a host and no user name")
    port = parts.port or PORTS[parts.scheme]
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = [ipaddress.ip_address(str(info[4][0]).partition("%")[0]) for info in found]
    if not private and not all(map(is_public, addresses)):
        raise ForbiddenTarget(f"{host} is in a private network: set webhook_private to allow that")
    query = f"?{parts.query}" if parts.query else ""
    return Place(host, addresses[0], port, parts.scheme == "https", (parts.path or "/") + query)
