"""Addresses of webhooks: resolved, and refused inside networks that only the server can reach."""

import asyncio
import ipaddress
import socket
from typing import NamedTuple
from urllib.parse import urlsplit

from tracker.model.errors import TrackerError

PORTS = {"http": 80, "https": 443}

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_UNICAST = ipaddress.ip_network("2000::/3")  # all of IPv6 that is assigned; the rest is special or unused
_SPECIAL = tuple(  # networks that some versions of Python take for global. Source: the registries of IANA
    map(ipaddress.ip_network, ("192.0.0.0/24", "192.88.99.0/24", "3fff::/20", "2001:2::/48", "2001:10::/28"))
)
_ISATAP = (0x00005EFE, 0x02005EFE)  # the middle of an address that ends in one of IPv4


class ForbiddenTarget(TrackerError):
    """A webhook is at an address to which nothing may be sent."""


class Endpoint(NamedTuple):
    """A target and the address it is reached at: resolved once, so that no second answer of the name server can lead
    elsewhere."""

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
    def host_header(self) -> str:
        """The value of the Host header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS["https" if self.secure else "http"] else f"{host}:{self.port}"


def is_public(address: Address) -> bool:
    """Whether an address is one of the public internet, also where it is embedded in one of IPv6."""
    if any(address in network for network in _SPECIAL if network.version == address.version):
        return False
    if isinstance(address, ipaddress.IPv6Address):
        inner = _embedded(address)
        if inner is not None:
            return is_public(inner)
        if address not in _UNICAST:
            return False
    return address.is_global and not address.is_multicast


def _embedded(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The address of IPv4 inside one of IPv6, for the known ways to embed it."""
    low = int(address) & 0xFFFFFFFF
    if address in _NAT64 or (int(address) >> 32) & 0xFFFFFFFF in _ISATAP:
        return ipaddress.IPv4Address(low)
    return address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1]


async def resolve(url: str, *, private: bool) -> Endpoint:
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
    infos = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = [ipaddress.ip_address(str(info[4][0]).partition("%")[0]) for info in infos]
    if not private and not all(map(is_public, addresses)):
        raise ForbiddenTarget(f"{host} is in a private network: set webhook_private to allow that")
    query = f"?{parts.query}" if parts.query else ""
    return Endpoint(host, addresses[0], port, parts.scheme == "https", (parts.path or "/") + query)
