"""A record that keeps up with its store: for whatever goes on running."""

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from tracker import app
from tracker.app import Tracker

LOOK_EVERY = 0.5  # seconds between two looks at the store


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
    def of_store(cls, url: str | None, now: Callable[[], datetime], say: app.Say) -> "Live":
        """Follow a store.

        Raises: what `app.from_store` raises.
        """
        from tracker.read_model.load import newest

        address = url or app.default_store()

        def again(held: Tracker) -> Tracker | None:
            if newest(address) == held.record.position and held.today == now().date():
                return None
            return app.from_store(url, now(), say)

        return cls(app.from_store(url, now(), say), again)

    @classmethod
    def of_files(cls, folder: Path, now: Callable[[], datetime]) -> "Live":
        """Answer from files, as they were at the start; only the day goes on.

        Raises: DatasetErrors.
        """

        def again(held: Tracker) -> Tracker | None:
            today = now().date()
            return None if held.today == today else replace(held, today=today)

        return cls(app.from_files(folder, now())[0], again)

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
                self._looked = time.monotonic()
                self._tracker = self._again(self._tracker) or self._tracker
            finally:
                self._lock.release()
        return self._tracker
