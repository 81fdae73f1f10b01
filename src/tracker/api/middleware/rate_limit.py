"""Rate limits by client address and by token: a leaky bucket each (GCRA)."""

import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from http import HTTPStatus

from starlette.types import ASGIApp, Receive, Scope, Send

from tracker.api.clients import client_of
from tracker.api.problems import refuse

MINUTE = 60.0
MAX_CLIENTS = 20_000  # least recently seen clients are evicted, which resets their bucket
READING_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
RATE_EXCEEDED = "rate limit exceeded: retry after the number of seconds in Retry-After"
_ROUNDING = 1e-9  # seconds


class RateLimiter:
    """Allow each client a minute's requests at once, then one at a time at an even rate. Safe for threads."""

    def __init__(
        self, per_minute: int, *, clock: Callable[[], float] = time.monotonic, max_clients: int = MAX_CLIENTS
    ) -> None:
        """Set the rate. Args: per_minute: requests of one client; 0 is no limit. clock: seconds that never run back."""
        self._interval = MINUTE / per_minute if per_minute else 0.0
        self._clock = clock
        self._max_clients = max_clients
        self._empty_at: OrderedDict[str, float] = OrderedDict()  # by client: when its bucket will have run empty
        self._lock = threading.Lock()

    def wait(self, client: str) -> float:
        """Count one request of a client.

        Returns: 0 if it is allowed, else the seconds until one is.
        """
        if not self._interval:
            return 0.0
        with self._lock:
            now = self._clock()
            empty_at = max(self._empty_at.pop(client, now), now)
            early = empty_at + self._interval - now - MINUTE
            allowed = early <= _ROUNDING
            self._empty_at[client] = empty_at + self._interval if allowed else empty_at
            if len(self._empty_at) > self._max_clients:
                self._empty_at.popitem(last=False)
            return 0.0 if allowed else early

    def __len__(self) -> int:
        """How many clients are remembered."""
        return len(self._empty_at)


class RateLimit:
    """Answer 429 to an address that asks too often; writes and requests with a token have a limit of their own."""

    def __init__(self, app: ASGIApp, *, reads: int, writes: int) -> None:
        self.app = app
        self._reads, self._writes = RateLimiter(reads), RateLimiter(writes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            with_token = any(name == b"authorization" for name, _ in scope["headers"])
            limiter = self._writes if with_token or scope["method"] not in READING_METHODS else self._reads
            seconds = limiter.wait(client_of(scope))
            if seconds:
                headers = {"Retry-After": str(math.ceil(seconds))}
                await refuse(scope, receive, send, HTTPStatus.TOO_MANY_REQUESTS, RATE_EXCEEDED, headers)
                return
        await self.app(scope, receive, send)
