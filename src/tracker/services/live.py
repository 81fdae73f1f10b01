"""A record that keeps up with its store: for whatever goes on running."""

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from tracker.model.errors import TrackerError
from tracker.services import records
from tracker.services.records import Tracker

LOOK_EVERY = 0.5  # seconds between two looks at the store
_SHORTEST, _LONGEST = 0.002, 0.1  # seconds between two looks for a position that is waited for


class Live:
    """The newest record of a store, or of files that do not change.

    Shared by threads. A question gets one record for its whole answer: what is recorded meanwhile shows in the next.
    """

    def __init__(self, first: Tracker, again: Callable[[Tracker], Tracker | None]) -> None:
        self._tracker = first
        self._again = again
        self._lock = threading.Lock()
        self._looked = time.monotonic()

    @classmethod
    def of_store(
        cls, url: str | None, now: Callable[[], datetime], say: records.Say, *, replica: str | None = None
    ) -> "Live":
        """Follow a store, or its replica.

        Raises: what `app.from_store` raises.
        """
        follow = _Follow(url, replica, now, say)
        return cls(follow.first(), follow.again)

    @classmethod
    def of_files(cls, folder: Path, now: Callable[[], datetime]) -> "Live":
        """Answer from files, as they were at the start; only the day goes on.

        Raises: DatasetErrors.
        """

        def again(held: Tracker) -> Tracker | None:
            today = now().date()
            return None if held.today == today else replace(held, today=today)

        return cls(records.from_files(folder, now())[0], again)

    @property
    def held(self) -> Tracker:
        """The record of the last look; takes no time."""
        return self._tracker

    def current(self) -> Tracker:
        """The record as it stands; looks at the store at most every half second.

        Raises: what `app.from_store` raises.
        """
        if time.monotonic() - self._looked >= LOOK_EVERY and self._lock.acquire(blocking=False):
            try:
                self._look()
            finally:
                self._lock.release()
        return self._tracker

    def look(self) -> Tracker:
        """Look at the store now.

        Raises: what `app.from_store` raises.
        """
        with self._lock:
            self._look()
        return self._tracker

    def reach(self, position: int, seconds: float) -> bool:
        """Look at the store until the record holds a position, such as that of what the caller has just recorded.

        Returns: false where it does not after so long.
        Raises: what `app.from_store` raises.
        """
        until, pause = time.monotonic() + seconds, _SHORTEST
        while self._tracker.record.position < position:
            with self._lock:
                if self._tracker.record.position < position:
                    self._look()
            left = until - time.monotonic()
            if left <= 0:
                break
            if self._tracker.record.position < position:
                time.sleep(min(pause, left))
                pause = min(2 * pause, _LONGEST)
        return self._tracker.record.position >= position

    def _look(self) -> None:
        self._looked = time.monotonic()
        self._tracker = self._again(self._tracker) or self._tracker


class _Follow:
    """A store that is asked again and again whether there is news: the store itself, for a replica may be behind."""

    def __init__(self, url: str | None, replica: str | None, now: Callable[[], datetime], say: records.Say) -> None:
        self._url, self._replica, self._now, self._say = url, replica, now, say

    def first(self) -> Tracker:
        return records.from_store(self._url, self._now(), self._say, replica=self._replica)

    def again(self, held: Tracker) -> Tracker | None:
        """The record anew, if there is news or a new day."""
        from tracker.projections.load import newest

        position, today = held.record.position, self._now().date()
        try:
            log = newest(self._url or records.default_store())
        except TrackerError:
            if self._replica is None:
                raise
            log = max(newest(self._replica), position)  # never back in time, while nobody knows that the log went back
        if log != position or self._gone(held.address):
            found = self.first()
            if found.record.position >= min(log, position):
                return found
        return None if held.today == today else replace(held, today=today)

    def _gone(self, address: str) -> bool:
        """Whether it is a replica that no longer answers: details of what is held are read there when asked for."""
        from tracker.projections.load import newest

        try:
            return address == self._replica and newest(address) < 0
        except TrackerError:
            return True
