"""Rate limits of addresses without a token, and of tokens: a leaky bucket each (GCRA)."""

import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from http import HTTPStatus

from starlette.types import ASGIApp, Receive, Scope, Send

from tracker.api.clients import PROBE_PATHS, client_of
from tracker.api.problems import refuse

MINUTE = 60.0
MAX_CLIENTS = 20_000  # least recently seen clients are evicted, which resets their bucket
READING_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
READING_BURST = 15.0  # seconds of reading that may come at once: a page and what it needs, not a minute of work
RATE_EXCEEDED = "rate limit exceeded: retry after the number of seconds in Retry-After"
SECONDS_OF_UNIT = 0.005  # of work on an answer, for which a request counts for one more
TOKEN_PATHS = ("/api/v1/drafts", "/api/v1/audit/verify")  # that need a token for reading, too
_ROUNDING = 1e-9  # seconds


class RateLimiter:
    """Allow each client a burst of requests at once, then one at a time at an even rate. Safe for threads."""

    def __init__(
        self, per_minute: int, *, burst: float = MINUTE, clock: Callable[[], float] = time.monotonic,
        max_clients: int = MAX_CLIENTS,
    ) -> None:  # fmt: skip
        """Set the rate.

        Args: per_minute: requests of one client; 0 is no limit. burst: seconds whose requests may come at once. clock:
            seconds that never run back.
        """
        self._burst = burst
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
            empty_at = max(self._empty_at.get(client, now), now)
            early = empty_at + self._interval - now - self._burst
            allowed = early <= _ROUNDING
            self._set(client, empty_at + self._interval if allowed else empty_at)
            return 0.0 if allowed else early

    def charge(self, client: str, requests: float) -> None:
        """Count a request that was allowed for so many more; the next ones wait for that, a minute at most."""
        if not self._interval:
            return
        with self._lock:
            now = self._clock()
            empty_at = max(self._empty_at.get(client, now), now) + requests * self._interval
            self._set(client, min(empty_at, now + self._burst + MINUTE))

    def _set(self, client: str, empty_at: float) -> None:
        self._empty_at[client] = empty_at
        self._empty_at.move_to_end(client)
        if len(self._empty_at) > self._max_clients:
            self._empty_at.popitem(last=False)

    def __len__(self) -> int:
        """How many clients are remembered."""
        return len(self._empty_at)


class RateLimit:
    """Answer 429 to an address that asks too much without a token, by the work that its questions make.

    Requests that need a token are left to the limit of the token: see `tracker.api.auth`.
    """

    def __init__(self, app: ASGIApp, *, limiter: RateLimiter) -> None:
        self.app = app
        self._limiter = limiter

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in PROBE_PATHS or _shows_token(scope):
            await self.app(scope, receive, send)
            return
        seconds = self._limiter.wait(client_of(scope))
        if seconds:
            headers = {"Retry-After": str(math.ceil(seconds))}
            await refuse(scope, receive, send, HTTPStatus.TOO_MANY_REQUESTS, RATE_EXCEEDED, headers)
            return
        await self.app(scope, receive, send)


def _shows_token(scope: Scope) -> bool:
    """Whether a request shows a token where one is needed; elsewhere it would get around the limit with any word."""
    needs_token = scope["method"] not in READING_METHODS or scope["path"].startswith(TOKEN_PATHS)
    return needs_token and any(name == b"authorization" for name, _ in scope["headers"])
