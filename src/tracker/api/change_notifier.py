"""What happens while the server runs: it looks at the store, and tells those who listen."""

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

REMEMBERED = 1000  # changes of status
_FIRST_PAUSE, _LONGEST_PAUSE = 0.005, 0.1  # seconds between two looks for a position that is waited for


class StatusChanged(NamedTuple):
    """A lane, measure or text that was one thing and is another, by new announcements or because its hour has come."""

    number: int  # counts up from 1 in each process
    position: int
    at: str
    change: Difference


class Look(NamedTuple):
    """What was last seen of the record."""

    position: int
    at: Instant


class Bell(Protocol):
    """Whatever says that there is news, until it is closed."""

    def close(self) -> None: ...


Hang = Callable[[Callable[[int], None]], Bell]  # a bell that rings with a position, in a thread of its own
Reporter = Callable[[Tracker, Look, Sequence[StatusChanged]], None]  # called in a thread


class Newsroom:
    """Keeps a record up with its store, and works out what that changes."""

    def __init__(
        self, live: Live, metrics: Metrics, *,
        hang: Hang | None = None, now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:  # fmt: skip
        self.live = live
        self.metrics = metrics
        self.edition = 0  # how often there was news
        self.trouble: str | None = None  # why the store cannot be read at present
        self.changed: deque[StatusChanged] = deque(maxlen=REMEMBERED)
        self.reporters: list[Reporter] = []
        self._now = now
        self._count = 0
        self._last = Look(live.held.record.position, instant(now()))
        self._news = asyncio.Condition()
        self._hurry = asyncio.Event()
        self._hang = hang

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """At work, until the end of the context."""
        task = asyncio.create_task(self._work())
        bell = self._hang(self._rung(asyncio.get_running_loop())) if self._hang else None
        try:
            yield
        finally:
            if bell is not None:
                bell.close()
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def wait(self, seconds: float, seen: int) -> bool:
        """Wait for an edition behind the one that was seen; false where there was none for so long."""
        try:
            async with asyncio.timeout(seconds), self._news:
                await self._news.wait_for(lambda: self.edition > seen)
        except TimeoutError:
            return False
        return True

    async def reach(self, position: int, seconds: float) -> bool:
        """Look at once, and go on until the record holds a position; false where it does not after so long."""
        steps = pauses(_FIRST_PAUSE, _LONGEST_PAUSE)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self.live.held.record.position < position:
                    self._hurry.set()
                    await self.wait(next(steps), self.edition)
        return self.live.held.record.position >= position

    def _rung(self, loop: asyncio.AbstractEventLoop) -> Callable[[int], None]:
        """What a bell does, from its thread. A replica may need a moment more than the bell."""

        def ring(position: int) -> None:
            with contextlib.suppress(RuntimeError):  # the loop has ended
                asyncio.run_coroutine_threadsafe(self.reach(position, LOOK_EVERY), loop)

        return ring

    async def _work(self) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK_EVERY):
                    await self._hurry.wait()
            self._hurry.clear()
            try:
                found = await asyncio.to_thread(self.look)
            except TrackerError as error:
                self.trouble = str(error)
                self.metrics.store_errors.inc()
                continue
            self.trouble = None
            if found:
                async with self._news:
                    self.edition += 1
                    self._news.notify_all()

    def look(self) -> bool:
        """Look at the store once.

        Returns: whether there is news.
        Raises: what the store raises.
        """
        tracker = self.live.look()
        position, at = tracker.record.position, instant(self._now())
        self.metrics.position.set(position)
        if position == self._last.position and tracker.record.view.steady(self._last.at, at):
            return False
        changes = list(self._changes(tracker, self._last, at))
        self.changed.extend(changes)
        for report in self.reporters:
            report(tracker, self._last, changes)
        self._last = Look(position, at)
        return True

    def _changes(self, tracker: Tracker, last: Look, at: Instant) -> Sequence[StatusChanged]:
        before = Clocks(last.at, Known(EVERYTHING.announced_by, last.position))
        found = diff(tracker.record, before, Clocks(at), Selection()).differences
        told = []
        for change in found:
            self._count += 1
            told.append(
                StatusChanged(self._count, tracker.record.position, self._now().isoformat(timespec="seconds"), change)
            )
        return told
