"""Clients of the server: the network that a request counts for."""

import ipaddress

from starlette.types import Scope


def client_of(scope: Scope) -> str:
    """The network of the client of a request."""
    return network_of(str((scope.get("client") or ("",))[0]))


def network_of(host: str) -> str:
    """The network that an address counts for: itself in IPv4, and the /64 that one household has in IPv6."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ipaddress.ip_network((int(address) >> 64 << 64, 64)))
