"""A record that keeps up with its store, for processes that go on running."""

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from tracker.model.errors import TrackerError
from tracker.services import records
from tracker.services.edited_files import EditedFiles
from tracker.services.records import Tracker
from tracker.services.stores import Say
from tracker.store.backoff import wait_until

LOOK_EVERY = 0.5  # seconds between two looks at the store
_FIRST_PAUSE, _LONGEST_PAUSE = 0.002, 0.1  # seconds between two looks for a position that is waited for


class Live:
    """The newest record of a store, or of files that are being edited.

    Safe for threads. A question gets one record for its whole answer; later questions see newer events.
    """

    def __init__(
        self, first: Tracker, again: Callable[[Tracker], Tracker | None], end: Callable[[], int] = lambda: 0
    ) -> None:
        """Begin with a record. Args: again: a newer one, if there is one; end: the log's end at the last look."""
        self._tracker = first
        self._again = again
        self._end = end
        self._lock = threading.Lock()
        self._looked = time.monotonic()
        self.on_forget: list[Callable[[], None]] = []  # called to forget what others keep of the record

    @classmethod
    def of_store(cls, url: str, now: Callable[[], datetime], say: Say, *, replica: str | None = None) -> "Live":
        """Follow a store, or its replica.

        Raises: what `records.from_store` raises.
        """
        follower = _StoreFollower(url, replica, now, say)
        return cls(follower.first(), follower.again, lambda: follower.log_end)

    @classmethod
    def of_files(cls, files: EditedFiles) -> "Live":
        """Follow files.

        Raises: DatasetErrors.
        """
        return cls(files.first(), files.again)

    @property
    def held(self) -> Tracker:
        """The record of the last look; takes no time."""
        return self._tracker

    @property
    def log_end(self) -> int:
        """The last position of the log at the last look; a replica may not have it yet."""
        return max(self._end(), self._tracker.record.position)

    def current(self) -> Tracker:
        """The record as it stands; looks at the store at most every half second.

        Raises: what `records.from_store` raises.
        """
        if time.monotonic() - self._looked >= LOOK_EVERY and self._lock.acquire(blocking=False):
            try:
                self._look()
            finally:
                self._lock.release()
        return self._tracker

    def look(self) -> Tracker:
        """Look at the store now.

        Raises: what `records.from_store` raises.
        """
        with self._lock:
            self._look()
        return self._tracker

    def forget(self) -> None:
        """Forget what was worked out from the record for earlier questions."""
        self._tracker.record.forget()
        for forget in self.on_forget:
            forget()

    def reach(self, position: int, seconds: float) -> bool:
        """Look at the store until the record holds a position, such as that of an event just recorded.

        Returns: false where it does not after so long.
        Raises: what `records.from_store` raises.
        """
        return wait_until(lambda: self._reached(position), seconds, first=_FIRST_PAUSE, longest=_LONGEST_PAUSE)

    def _reached(self, position: int) -> bool:
        """Whether the record holds a position; looks at the store if not."""
        if self._tracker.record.position < position:
            with self._lock:
                if self._tracker.record.position < position:
                    self._look()
        return self._tracker.record.position >= position

    def _look(self) -> None:
        self._looked = time.monotonic()
        old = self._tracker
        self._tracker = self._again(old) or old
        if self._tracker.record is not old.record:
            old.record.forget()


class _StoreFollower:
    """Reads the record of a store again when its log has grown: the store's own, as a replica may be behind."""

    def __init__(self, url: str, replica: str | None, now: Callable[[], datetime], say: Say) -> None:
        self._url, self._replica, self._now, self._say = url, replica, now, say
        self._alarm: str | None = None
        self.log_end = 0  # at the last look

    def first(self) -> Tracker:
        from tracker.projections.load import log_id

        tracker = records.from_store(self._url, self._now(), self._say, replica=self._replica)
        _ = tracker.record.assertions  # plans are settled here, and not by the first question
        return replace(tracker, log=log_id(tracker.address), alarm=self._alarm)

    def again(self, held: Tracker) -> Tracker | None:
        """A newer record, or the same one on a new day; None where neither the log nor the day has moved."""
        from tracker.projections.load import newest

        position, today = held.record.position, self._now().date()
        try:
            log = newest(self._url)
        except TrackerError:
            if self._replica is None:
                raise
            log = max(newest(self._replica), position)  # never back in time, as the replica may be behind
        self.log_end = log
        if log != position or self._gone(held.address):
            tracker = self.first()
            if tracker.record.position >= min(log, position):
                return self._watched(held, tracker)
        return None if held.today == today else replace(held, today=today)

    def _watched(self, held: Tracker, tracker: Tracker) -> Tracker:
        """The newer record; with an alarm, until the process ends, if its log does not continue the one held."""
        before, now = held.record.position, tracker.record.position
        if now >= before and tracker.log == held.log:
            return tracker
        self._alarm = (
            f"the log {held.log} was at position {before}, and is now {tracker.log or 'empty'} at position {now}: it "
            "lost its end, or was replaced; run `tracker audit verify --checkpoint`, and restart when it is mended"
        )
        self._say(f"ALARM: {self._alarm}")
        return replace(tracker, alarm=self._alarm)

    def _gone(self, address: str) -> bool:
        """Whether the record was read at a replica that no longer answers: details are still read there when needed."""
        from tracker.projections.load import newest

        try:
            return address == self._replica and newest(address) < 0
        except TrackerError:
            return True
