"""One budget for all that is kept in memory to answer faster: registries, views, timelines, kept answers."""

import asyncio
import contextlib
import gc
import sys
import threading
from collections.abc import AsyncIterator, Callable

from tracker.services.live import Live

BYTES_OF_BLOCK = 96  # of Python's allocator, on average: measured over views and registries of the record
LOOK_EVERY = 0.25  # seconds
SHARE_OF_ANSWERS = 4  # kept answers may take one part in so many of the budget


class MemoryBudget:
    """Forget what was worked out for earlier questions as soon as it takes more than a number of bytes.

    The memory is counted where Python allocates it, so that nothing that is kept anywhere escapes the count.
    """

    def __init__(self, live: Live, max_bytes: int, *, blocks: Callable[[], int] = sys.getallocatedblocks) -> None:
        self._live, self._blocks = live, blocks
        self._max_blocks = (max_bytes - max_bytes // SHARE_OF_ANSWERS) // BYTES_OF_BLOCK
        self._floor: int | None = None  # blocks in use when nothing is kept
        self._lock = threading.Lock()
        self.forgotten = 0  # how often all was forgotten

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Look at the memory in use until the end of the context."""
        self.check()
        task = asyncio.create_task(self._work())
        try:
            yield
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def _work(self) -> None:
        while True:
            await asyncio.sleep(LOOK_EVERY)
            if self.is_exceeded:
                await asyncio.to_thread(self.check)

    @property
    def is_exceeded(self) -> bool:
        """Whether more is in use than may be."""
        return self._floor is not None and self._blocks() - self._floor > self._max_blocks

    @property
    def used(self) -> int:
        """The bytes in use beyond those in use when nothing was kept, about."""
        return 0 if self._floor is None else max(self._blocks() - self._floor, 0) * BYTES_OF_BLOCK

    def check(self) -> bool:
        """Look at the memory in use; forget what is kept where that is too much.

        Returns: whether it was.
        """
        with self._lock:
            blocks = self._blocks()
            self._floor = blocks if self._floor is None else min(self._floor, blocks)
            if blocks - self._floor <= self._max_blocks:
                return False
            self._live.forget()
            if self._blocks() - self._floor > self._max_blocks // 2:
                gc.collect()  # it stops all threads, and is seldom needed: what is forgotten is freed at once
                self._floor = self._blocks()  # the record itself may have grown
            self.forgotten += 1
            return True
