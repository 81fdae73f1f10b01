"""Following the store while the server runs: when the record changes, waiting requests and streams are notified."""

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import UTC, datetime
from typing import NamedTuple, Protocol

from tracker.api.middleware.metrics import Metrics
from tracker.model.dates import Instant, instant
from tracker.model.errors import TrackerError
from tracker.queries.change_answers import Difference
from tracker.queries.clocks import Clocks
from tracker.queries.diff import diff
from tracker.queries.selection import Selection
from tracker.services.live import LOOK_EVERY, Live
from tracker.services.records import Tracker
from tracker.store.backoff import pauses
from tracker.timeline.knowledge import EVERYTHING, Known

MAX_STATUS_CHANGES = 1000  # the oldest are forgotten
_MIN_PAUSE, _MAX_PAUSE = 0.005, 0.1  # seconds between two looks for a position that is waited for


class StatusChanged(NamedTuple):
    """A change of status of a lane, measure or text, by new announcements or because its time has come."""

    number: int  # counts up from 1 in each process
    position: int
    at: str
    change: Difference


class _Seen(NamedTuple):
    """The record at the last look, and when that was."""

    position: int
    revision: str  # of files
    at: Instant

    @classmethod
    def of(cls, tracker: Tracker, at: Instant) -> "_Seen":
        return cls(tracker.record.position, tracker.revision, at)


class Subscription(Protocol):
    """A subscription to notifications of the store."""

    def close(self) -> None: ...


Subscribe = Callable[[Callable[[int], None]], Subscription]  # the callback gets a position, in a thread of its own


class ChangeNotifier:
    """Keeps the record up to date with its store, and works out which statuses that changes."""

    def __init__(
        self, live: Live, metrics: Metrics, *,
        subscribe: Subscribe | None = None, now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:  # fmt: skip
        """Follow a record. Args: subscribe: how the store notifies of new events; without it the store is polled."""
        self.live = live
        self.metrics = metrics
        self.updates = 0  # how often the record has changed
        self.store_error: str | None = None  # why the store cannot be read at present
        self.status_changes: deque[StatusChanged] = deque(maxlen=MAX_STATUS_CHANGES)
        self._now = now
        self._count = 0
        self._looks_begun = self._looks_ended = 0
        self._seen = _Seen.of(live.held, instant(now()))
        self._updated = asyncio.Condition()
        self._look_now = asyncio.Event()
        self._subscribe = subscribe

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Follow the store until the end of the context."""
        task = asyncio.create_task(self._follow())
        subscription = self._subscribe(self._on_notification(asyncio.get_running_loop())) if self._subscribe else None
        try:
            yield
        finally:
            if subscription is not None:
                subscription.close()
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def wait(self, seconds: float, seen: int) -> bool:
        """Wait until there have been more updates than `seen`; false if there are none in time."""
        try:
            async with asyncio.timeout(seconds), self._updated:
                await self._updated.wait_for(lambda: self.updates > seen)
        except TimeoutError:
            return False
        return True

    async def reach(self, position: int, seconds: float) -> bool:
        """Look at the store until the record holds a position; false if it does not in time, or the log ends before."""
        steps = pauses(_MIN_PAUSE, _MAX_PAUSE)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self.live.held.record.position < position:
                    await self._look_again()
                    if self.live.log_end < position and self.store_error is None:
                        break
                    await asyncio.sleep(next(steps))
        return self.live.held.record.position >= position

    async def _look_again(self) -> None:
        """Wait for the end of a look at the store that begins from now on; all who wait share it."""
        number = self._looks_begun + 1
        self._look_now.set()
        async with self._updated:
            await self._updated.wait_for(lambda: self._looks_ended >= number)

    def _on_notification(self, loop: asyncio.AbstractEventLoop) -> Callable[[int], None]:
        """Take in the notification of a position, which a replica may hold a moment later than the primary says."""

        def notified(position: int) -> None:
            with contextlib.suppress(RuntimeError):  # the loop has ended
                asyncio.run_coroutine_threadsafe(self.reach(position, LOOK_EVERY), loop)

        return notified

    async def _follow(self) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK_EVERY):
                    await self._look_now.wait()
            self._look_now.clear()
            self._looks_begun += 1
            try:
                changed = await asyncio.to_thread(self.look)
                self.store_error = None
            except TrackerError as error:
                changed, self.store_error = False, str(error)
                self.metrics.store_errors.inc()
            async with self._updated:
                self._looks_ended = self._looks_begun
                self.updates += changed
                self._updated.notify_all()
            await asyncio.sleep(_MIN_PAUSE)  # however many wait for a position

    def look(self) -> bool:
        """Look at the store once.

        Returns: whether the record changed, or a status by the passing of time.
        Raises: what the store raises.
        """
        tracker = self.live.look()
        seen = _Seen.of(tracker, instant(self._now()))
        self.metrics.position.set(seen.position)
        if seen[:2] == self._seen[:2] and tracker.record.view.next_change(self._seen.at) > seen.at:
            return False
        if seen.revision == self._seen.revision:  # positions of files that were edited mean nothing earlier
            self.status_changes.extend(self._changes(tracker, seen.at))
        self._seen = seen
        return True

    def _changes(self, tracker: Tracker, at: Instant) -> Sequence[StatusChanged]:
        before = Clocks(self._seen.at, Known(EVERYTHING.announced_by, self._seen.position))
        differences = diff(tracker.record, before, Clocks(at), Selection()).differences
        first, noticed = self._count + 1, self._now().isoformat(timespec="seconds")
        self._count += len(differences)
        position = tracker.record.position
        return [StatusChanged(number, position, noticed, change) for number, change in enumerate(differences, first)]
