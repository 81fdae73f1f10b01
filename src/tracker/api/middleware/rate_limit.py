"""How often somebody may ask: a bucket that leaks at an even rate, for each token and each address."""

import ipaddress
import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from http import HTTPStatus

from starlette.types import ASGIApp, Receive, Scope, Send

from tracker.api.middleware.limits import refuse

MINUTE = 60.0
MOST = 20_000  # of those who are remembered; who has not asked for longest is forgotten first, and starts anew
ASKING = frozenset({"GET", "HEAD", "OPTIONS"})


class Buckets:
    """One bucket for each who asks: a minute's worth at once, then one at a time (GCRA). For many threads."""

    def __init__(self, per_minute: int, *, clock: Callable[[], float] = time.monotonic, most: int = MOST) -> None:
        self._each = MINUTE / per_minute if per_minute else 0.0
        self._clock = clock
        self._most = most
        self._empty: OrderedDict[str, float] = OrderedDict()  # when the bucket of each will have run empty
        self._lock = threading.Lock()

    def wait(self, who: str) -> float:
        """Count one request.

        Returns: for how many seconds it comes too early; 0: it may pass.
        """
        if not self._each:
            return 0.0
        with self._lock:
            now = self._clock()
            empty = max(self._empty.pop(who, now), now)
            early = empty + self._each - now - MINUTE
            passes = early <= 1e-9
            self._empty[who] = empty + self._each if passes else empty
            if len(self._empty) > self._most:
                self._empty.popitem(last=False)
            return 0.0 if passes else early


class Rates:
    """Refuses an address that asks too often: apart for those who only read and for those who write or show tokens."""

    def __init__(self, app: ASGIApp, *, reads: int, writes: int) -> None:
        self.app = app
        self._reads, self._writes = Buckets(reads), Buckets(writes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            with_token = any(name == b"authorization" for name, _ in scope["headers"])
            buckets = self._writes if with_token or scope["method"] not in ASKING else self._reads
            seconds = buckets.wait(address_of(scope))
            if seconds:
                headers = {"Retry-After": str(math.ceil(seconds))}
                await refuse(scope, receive, send, HTTPStatus.TOO_MANY_REQUESTS, TOO_OFTEN, headers=headers)
                return
        await self.app(scope, receive, send)


TOO_OFTEN = "these are too many requests: wait for as long as Retry-After says"


def address_of(scope: Scope) -> str:
    """Whose requests count together: an IPv4 address, or the /64 that one household has of IPv6."""
    host = (scope.get("client") or ("",))[0]
    try:
        found = ipaddress.ip_address(host)
    except ValueError:
        return str(host)
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped is None:
        return str(ipaddress.ip_network((int(found) >> 64 << 64, 64)))
    return str(found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else found)
