"""Clients of the server: the network that a request counts for, and its share of what there is for all."""

import ipaddress
from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from functools import lru_cache

from starlette.types import Scope

PROBE_PATHS = frozenset({"/healthz", "/readyz", "/metrics"})  # no limit touches them: they say how the server is


class Seats:
    """Seats for clients: a number in all, and a share for each network. For one event loop."""

    def __init__(self, most: int, share: int) -> None:
        self.most, self.share = most, max(share, 1)
        self._taken: Counter[str] = Counter()
        self.count = 0  # taken now

    def refusal(self, network: str) -> str | None:
        """The reason why a network gets no seat at present; None where it gets one."""
        if self._taken[network] >= self.share:
            return f"your address has {self.share} at once already: wait for an answer, or retry after one second"
        return None if self.count < self.most else "the server is busy: retry after one second"

    @contextmanager
    def taken(self, network: str) -> Iterator[None]:
        """Hold a seat until the end of the context."""
        self._taken[network] += 1
        self.count += 1
        try:
            yield
        finally:
            self.count -= 1
            self._taken[network] -= 1
            if not self._taken[network]:
                del self._taken[network]


def client_of(scope: Scope) -> str:
    """The network of the client of a request."""
    return network_of(str((scope.get("client") or ("",))[0]))


def is_within(host: str, networks: Collection[str]) -> bool:
    """Whether an address is one of some addresses or in one of some networks."""
    try:
        address = ipaddress.ip_address(host)
        return any(address in ipaddress.ip_network(network, strict=False) for network in networks)
    except ValueError:
        return host in networks


@lru_cache(maxsize=4096)
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
