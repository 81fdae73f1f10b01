"""Where a webhook may be: not inside the networks that only the server can reach."""

import asyncio
import ipaddress
import socket
from typing import NamedTuple
from urllib.parse import urlsplit

from tracker.model.problem import TrackerError

PORTS = {"http": 80, "https": 443}
_NAT64 = ipaddress.ip_network("64:ff9b::/96")

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


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
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1]
        if address in _NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(inner)
    return address.is_global and not address.is_multicast


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
