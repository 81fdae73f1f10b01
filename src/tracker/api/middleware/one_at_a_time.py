"""One question of an address is worked out at a time, and counts for its limit. Plain ASGI, for speed."""

import asyncio
import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tracker.api.clients import PROBE_PATHS, client_of
from tracker.api.middleware.limits import STREAM_PATHS
from tracker.api.middleware.rate_limit import READING_METHODS, SECONDS_OF_UNIT, RateLimiter

WAITING_PATHS = ("/api/v1/audit", "/api/v1/drafts", "/api/v1/changes", "/static/")  # they wait for a store or a disk


class _Turn:
    """The turn of an address: who has it, and how many have it or wait for it."""

    def __init__(self) -> None:
        self.lock = asyncio.Lock()
        self.count = 0


class OneAtATime:
    """Let an address that asks much at once wait for itself, and for no other, until an answer begins."""

    def __init__(self, app: ASGIApp, *, limiter: RateLimiter) -> None:
        self.app = app
        self._limiter = limiter
        self._turns: dict[str, _Turn] = {}
        self._count = 0  # of questions that are being worked out

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not _is_work(scope):
            await self.app(scope, receive, send)
            return
        client = client_of(scope)
        turn = self._turns.setdefault(client, _Turn())
        turn.count += 1
        try:
            await turn.lock.acquire()
            await self._work(scope, receive, send, turn.lock, client)
        finally:
            turn.count -= 1
            if not turn.count:
                del self._turns[client]

    async def _work(self, scope: Scope, receive: Receive, send: Send, lock: asyncio.Lock, client: str) -> None:
        """Have a question answered while its address has its turn, which ends when the answer begins.

        It counts for its share of the processor's time, so that a busy machine makes no question dearer.
        """
        begun, is_held = time.process_time(), True
        self._count += 1
        together = self._count

        def end() -> None:
            nonlocal is_held
            if is_held:
                is_held = False
                lock.release()
                seconds = (time.process_time() - begun) / max((together + self._count) / 2, 1)
                self._count -= 1
                self._limiter.charge(client, seconds / SECONDS_OF_UNIT)

        async def send_after_work(message: Message) -> None:
            end()
            await send(message)

        try:
            await self.app(scope, receive, send_after_work)
        finally:
            end()


def _is_work(scope: Scope) -> bool:
    path = scope["path"]
    is_elsewhere = path in PROBE_PATHS or path in STREAM_PATHS or path.startswith(WAITING_PATHS)
    return scope["method"] in READING_METHODS and not is_elsewhere
