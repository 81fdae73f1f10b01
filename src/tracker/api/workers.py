"""Threads for work that waits for the store, apart from those that answer from memory."""

import asyncio
import contextvars
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import TypeVar

from tracker.store.errors import StoreBusy

Result = TypeVar("Result")


class Workers:
    """A few threads with a bounded queue."""

    def __init__(self, name: str, *, threads: int, waiting: int) -> None:
        self._executor: ThreadPoolExecutor | None = None  # made with the first work
        self._threads = threads
        self._most = threads + waiting
        self._name = name
        self._count = 0  # of work begun or waiting

    async def run(self, work: Callable[[], Result]) -> Result:
        """Do work in a thread.

        Raises: StoreBusy, where too much is waiting already, and what the work raises.
        """
        if self._count >= self._most:
            raise StoreBusy(f"too much is waiting for the store ({self._name}): retry after one second")
        loop = asyncio.get_running_loop()
        if self._executor is None:
            self._executor = ThreadPoolExecutor(self._threads, thread_name_prefix=self._name)
        future = self._executor.submit(partial(contextvars.copy_context().run, work))
        self._count += 1
        future.add_done_callback(lambda done: self._forget(loop, done))
        return await asyncio.wrap_future(future)

    def close(self) -> None:
        """End the threads, and drop the work that has not begun; an application that starts again gets new ones."""
        if self._executor is not None:
            self._executor.shutdown(wait=False, cancel_futures=True)
        self._executor, self._count = None, 0

    def _forget(self, loop: asyncio.AbstractEventLoop, _done: "Future[Result]") -> None:
        if not loop.is_closed():
            loop.call_soon_threadsafe(self._decrement)

    def _decrement(self) -> None:
        self._count = max(0, self._count - 1)
